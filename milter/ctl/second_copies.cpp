// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/second_copies.hpp"

#include "milter/ctl/postfix_tables.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <set>

namespace sendconnector::ctl {
namespace {

using conf::postfix::Values;

class Lookups {
public:
    Lookups(const conf::postfix::Instance& instance, const Values& parameters)
        : m_instance(instance), m_delimiter(parameters.at("recipient_delimiter")) {}

    // What the maps of `value` say of each address: the most specific key of the first table that has one.
    Result<std::map<std::string, std::string>> look_up(const std::string& value,
                                                       const std::set<std::string>& addresses) const {
        std::map<std::string, std::vector<std::string>> keys_of;
        std::set<std::string> keys;
        for (const std::string& address : addresses) {
            std::vector<std::string>& own = keys_of[address];
            own = address_keys(address, m_delimiter);
            // Domains that are this host's own are looked up without it, too.
            own.push_back(own.front().substr(0, own.front().rfind('@')));
            keys.insert(own.begin(), own.end());
        }
        std::map<std::string, std::string> found;
        for (const std::string& table : list_elements(value)) {
            const Result<KeysFound> held = keys_in_table(m_instance.config_directory(), table, keys);
            if (!held)
                return tl::unexpected<Error>(held.error());
            for (const auto& [address, own] : keys_of)
                for (const std::string& key : own)
                    if (const auto entry = held->find(key); entry != held->end()) {
                        found.emplace(address, entry->second);
                        break;
                    }
        }
        return found;
    }

private:
    const conf::postfix::Instance& m_instance;
    std::string m_delimiter;
};

// Also where only a service of master.cf sets it: conservative, for it need not be the one that pickup(8)
// uses.
Result<std::string> setting(const conf::postfix::Instance& instance, const Values& parameters,
                            const std::string& name) {
    std::string value = parameters.at(name);
    const Result<Values> overrides = instance.service_overrides(name);
    if (!overrides)
        return tl::unexpected<Error>(overrides.error());
    for (const auto& [service, own] : *overrides) {
        const Result<Values> expanded = instance.parameters({name}, {{name, own}});
        if (!expanded)
            return tl::unexpected<Error>(expanded.error());
        const std::string& more = expanded->at(name);
        value += (value.empty() || more.empty() ? "" : ", ") + more;
    }
    return value;
}

// header_checks(5) knows an action BCC, and cleanup(8) reads a requeued message anew.
Result<std::string> bcc_of_checks(const conf::postfix::Instance& instance) {
    const std::vector<std::string> names = {"header_checks", "mime_header_checks", "nested_header_checks",
                                            "body_checks"};
    const Result<Values> values = instance.parameters(names);
    if (!values)
        return tl::unexpected<Error>(values.error());
    for (const auto& [name, value] : *values)
        for (const std::string& table : list_elements(value)) {
            const std::string path = table.substr(std::min(table.find('/'), table.size()));
            std::ifstream file(path);
            const std::string text = file ? std::string(std::istreambuf_iterator<char>(file), {}) : table;
            if (policy::fold_case(text).find("bcc") != std::string::npos)
                return fmt::format("{} ({}) may have another Bcc copy sent", name, table);
        }
    return std::string();
}

// Whether an alias stands for nobody but the address itself.
bool stands_for_itself(const std::string& address, const std::string& expansion) {
    const std::string folded = policy::fold_case(address);
    const std::string to = policy::fold_case(expansion);
    return to == folded || (to.starts_with("@") && folded.ends_with(to));
}

} // namespace

Result<SecondCopies> SecondCopies::of(const conf::postfix::Instance& instance,
                                      const std::vector<const QueuedMessage*>& messages) {
    SecondCopies copies;
    if (messages.empty())
        return copies;
    const Result<Values> parameters = instance.parameters(
        {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps", "virtual_alias_maps", "recipient_delimiter"});
    if (!parameters)
        return tl::unexpected<Error>(parameters.error());
    std::set<std::string> senders;
    std::set<std::string> recipients;
    for (const QueuedMessage* message : messages) {
        senders.insert(message->sender);
        for (const QueuedMessage::Recipient& recipient : message->recipients)
            recipients.insert(recipient.address);
    }
    const Result<std::string> checks = bcc_of_checks(instance);
    if (!checks)
        return tl::unexpected<Error>(checks.error());
    copies.m_for_all = *checks;
    const Lookups lookups(instance, *parameters);
    for (const char* name : {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps", "virtual_alias_maps"}) {
        const std::string_view parameter = name;
        const Result<std::string> value = setting(instance, *parameters, name);
        if (!value)
            return tl::unexpected<Error>(value.error());
        if (value->empty())
            continue;
        if (parameter == "always_bcc") {
            copies.m_for_all = fmt::format("always_bcc would send {} another copy", *value);
            continue;
        }
        const bool by_sender = parameter == "sender_bcc_maps";
        const auto found = lookups.look_up(*value, by_sender ? senders : recipients);
        if (!found)
            return tl::unexpected<Error>(found.error());
        for (const auto& [address, target] : *found)
            if (parameter != "virtual_alias_maps")
                (by_sender ? copies.m_by_sender : copies.m_by_recipient)
                    .emplace(address, fmt::format("{} would send {} another copy", parameter, target));
            else if (!stands_for_itself(address, target))
                copies.m_by_recipient.emplace(
                    address, fmt::format("{} is expanded by virtual_alias_maps: {} may get another copy",
                                         address, target));
    }
    return copies;
}

std::string SecondCopies::risk(const QueuedMessage& message) const {
    if (!m_for_all.empty())
        return m_for_all;
    if (const auto found = m_by_sender.find(message.sender); found != m_by_sender.end())
        return found->second;
    for (const QueuedMessage::Recipient& recipient : message.recipients)
        if (const auto found = m_by_recipient.find(recipient.address); found != m_by_recipient.end())
            return found->second;
    return {};
}

} // namespace sendconnector::ctl
