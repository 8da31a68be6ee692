// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/list_change.hpp"

#include "conf/exchange/property_value.hpp"
#include "policy/address_space.hpp"
#include "policy/domain.hpp"
#include "policy/sender_pattern.hpp"
#include "policy/smart_host.hpp"

#include <algorithm>
#include <set>

namespace sendconnector::conf::exchange {

namespace {

// Equal exactly for entries that mean the same.
std::string meaning_of(const Key& key, const std::string& item) {
    if (key.name == "address_spaces") {
        const auto space = policy::AddressSpace::parse(item);
        return space ? space->text() : item;
    }
    if (key.name == "smart_hosts") {
        const auto host = policy::SmartHost::parse(item);
        return host ? host->text() : item;
    }
    if (key.name == "senders") {
        const auto sender = policy::SenderPattern::parse(item);
        return sender ? sender->key() : item;
    }
    return policy::fold_case(item);
}

std::string without_cost(const std::string& address_space) {
    return address_space.substr(0, address_space.find(';'));
}

// The entries of a default such as ["*"].
std::vector<std::string> default_items(const Key& key) {
    std::vector<std::string> items;
    std::string_view rest = key.type == KeyType::text_list ? key.default_text : "";
    for (auto mark = rest.find('"'); mark != std::string_view::npos; mark = rest.find('"')) {
        rest.remove_prefix(mark + 1);
        const auto end = std::min(rest.find('"'), rest.size());
        items.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return items;
}

bool is_required(const Key& key) {
    return key.name == "address_spaces";
}

} // namespace

Result<ChangedList> changed_list(const Key& key, const std::optional<std::vector<std::string>>& written,
                                 const ListChange& change) {
    const auto add = items_of(Value(change.add));
    const auto remove = items_of(Value(change.remove));
    if (!add || !remove) {
        return tl::unexpected(add ? remove.error() : add.error());
    }
    ChangedList changed;
    changed.items = written ? *written : default_items(key);
    for (const std::string& gone : *remove) {
        const std::string wanted = meaning_of(key, gone);
        const bool any_cost = key.name == "address_spaces" && gone.find(';') == std::string::npos;
        const std::size_t removed = std::erase_if(changed.items, [&](const std::string& item) {
            const std::string meaning = meaning_of(key, item);
            return any_cost ? without_cost(meaning) == without_cost(wanted) : meaning == wanted;
        });
        if (removed == 0) {
            changed.not_there.push_back(gone);
        }
    }
    std::set<std::string> present;
    for (const std::string& item : changed.items) {
        present.insert(meaning_of(key, item));
    }
    for (const std::string& item : *add) {
        (present.insert(meaning_of(key, item)).second ? changed.items : changed.there_already)
            .push_back(item);
    }
    if (changed.items.empty() && (is_required(key) || !default_items(key).empty())) {
        return fail("nothing would be left in the list",
                    is_required(key) ? "leave one entry" : "leave one entry, or give $null for the default");
    }
    return changed;
}

} // namespace sendconnector::conf::exchange
