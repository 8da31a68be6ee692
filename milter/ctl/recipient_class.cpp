// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/recipient_class.hpp"

#include "milter/ctl/postfix_tables.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

namespace sendconnector::ctl {
namespace {

using conf::postfix::Values;
using Texts = std::set<std::string>;

std::string domain_of(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string() : policy::comparable_domain(address.substr(at + 1));
}

// "a.b.example": "b.example", "example".
std::vector<std::string> parents_of(const std::string& domain) {
    std::vector<std::string> parents;
    for (std::size_t dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1))
        parents.push_back(domain.substr(dot + 1));
    return parents;
}

// A list of domains as match_list(3) reads it: names, tables, files with more of them, each perhaps excluded
// by a `!` in front. The first that matches decides.
class DomainList {
public:
    DomainList(const std::string& config_directory, bool covers_subdomains, Texts domains)
        : m_directory(config_directory), m_covers_subdomains(covers_subdomains), m_open(std::move(domains)) {}

    Result<Texts> matches(const std::string& value) {
        if (const Result<void> done = take(value, 0); !done)
            return tl::unexpected<Error>(done.error());
        return m_matched;
    }

private:
    Result<void> take(const std::string& value, int depth) {
        constexpr int deepest = 5; // a file may name itself
        for (std::string element : list_elements(value)) {
            const bool excludes = element.starts_with("!");
            element.erase(0, excludes ? 1 : 0);
            if (element.starts_with("/") && depth < deepest) {
                std::ifstream file(element);
                if (!file)
                    return fail(fmt::format("cannot read {}", element));
                const std::string text{std::istreambuf_iterator<char>(file), {}};
                if (const Result<void> done = take(text, depth + 1); !done)
                    return done;
                continue;
            }
            const Result<Texts> matched = matches_of(element);
            if (!matched)
                return tl::unexpected<Error>(matched.error());
            for (const std::string& domain : *matched) {
                m_open.erase(domain);
                if (!excludes)
                    m_matched.insert(domain);
            }
        }
        return {};
    }

    Result<Texts> matches_of(const std::string& element) const {
        Texts matched;
        const std::string name = policy::fold_case(element);
        const bool is_table = element.find(':') != std::string::npos && !element.starts_with("[");
        KeysFound found;
        if (is_table) {
            Texts keys;
            for (const std::string& domain : m_open) {
                keys.insert(domain);
                for (const std::string& parent : parents_of(domain))
                    keys.insert(m_covers_subdomains ? parent : "." + parent);
            }
            Result<KeysFound> asked = keys_in_table(m_directory, element, keys);
            if (!asked)
                return tl::unexpected<Error>(asked.error());
            found = std::move(*asked);
        }
        const auto names = [&](const std::string& text) {
            return is_table ? found.contains(text) : text == name;
        };
        for (const std::string& domain : m_open) {
            const std::vector<std::string> parents = parents_of(domain);
            if (names(domain) || std::ranges::any_of(parents, [&](const std::string& parent) {
                    return names(m_covers_subdomains ? parent : "." + parent);
                }))
                matched.insert(domain);
        }
        return matched;
    }

    const std::string& m_directory;
    bool m_covers_subdomains;
    Texts m_open; // not decided yet
    Texts m_matched;
};

// Addresses that transport_maps routes. Regular expressions are asked about parts of an address as well,
// which Postfix does not do: it may say yes for one that has no entry.
Result<Texts> in_transport_maps(const std::string& config_directory, const Values& parameters,
                                const Texts& addresses) {
    std::map<std::string, std::vector<std::string>> keys_of;
    Texts keys{"*"};
    for (const std::string& address : addresses) {
        std::vector<std::string>& own = keys_of[address];
        own = address_keys(address, parameters.at("recipient_delimiter"));
        const std::string domain = domain_of(address);
        own.push_back(domain);
        for (const std::string& parent : parents_of(domain)) {
            own.push_back(parent);
            own.push_back("." + parent);
        }
        own.emplace_back("*");
        keys.insert(own.begin(), own.end());
    }
    Texts routed;
    for (const std::string& table : list_elements(parameters.at("transport_maps"))) {
        const Result<KeysFound> found = keys_in_table(config_directory, table, keys);
        if (!found)
            return tl::unexpected<Error>(found.error());
        for (const auto& [address, own] : keys_of)
            if (std::ranges::any_of(own, [&](const std::string& key) {
                    const auto entry = found->find(key);
                    // ":" leaves everything as it would be without an entry.
                    return entry != found->end() && entry->second != ":";
                }))
                routed.insert(address);
    }
    return routed;
}

} // namespace

std::string_view word(RecipientClass recipient_class) {
    switch (recipient_class) {
    case RecipientClass::by_default:
        return "default";
    case RecipientClass::local:
        return "local";
    case RecipientClass::virtual_domain:
        return "virtual";
    case RecipientClass::relay:
        return "relay";
    case RecipientClass::transport:
        return "transport";
    case RecipientClass::unknown:
        break;
    }
    return "unknown";
}

Result<RecipientClasses> RecipientClasses::of(const conf::postfix::Instance& instance,
                                              const std::set<std::string>& addresses) {
    const Result<Values> parameters = instance.parameters(
        {"mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains",
         "transport_maps", "parent_domain_matches_subdomains", "recipient_delimiter"});
    if (!parameters)
        return tl::unexpected<Error>(parameters.error());
    const std::vector<std::string> with_subdomains =
        list_elements(parameters->at("parent_domain_matches_subdomains"));
    RecipientClasses classes;
    std::map<std::string, Texts> by_domain;
    Texts open;
    for (const std::string& address : addresses) {
        by_domain[domain_of(address)].insert(address);
        open.insert(domain_of(address));
    }
    const auto all_unknown = [&](const Texts& domains, const Error& error) {
        classes.m_complaint = to_string(error);
        for (const std::string& domain : domains)
            for (const std::string& address : by_domain[domain])
                classes.m_classes[address] = RecipientClass::unknown;
    };
    constexpr std::pair<const char*, RecipientClass> lists[] = {
        {"mydestination", RecipientClass::local},
        {"virtual_alias_domains", RecipientClass::virtual_domain},
        {"virtual_mailbox_domains", RecipientClass::virtual_domain},
        {"relay_domains", RecipientClass::relay}};
    for (const auto& [parameter, recipient_class] : lists) {
        const bool covers = std::ranges::find(with_subdomains, parameter) != with_subdomains.end();
        const Result<Texts> matched =
            DomainList(instance.config_directory(), covers, open).matches(parameters->at(parameter));
        if (!matched) {
            all_unknown(open, matched.error());
            break;
        }
        for (const std::string& domain : *matched) {
            open.erase(domain);
            for (const std::string& address : by_domain[domain])
                classes.m_classes[address] = recipient_class;
        }
    }
    // Goes over every class.
    const Result<Texts> routed = in_transport_maps(instance.config_directory(), *parameters, addresses);
    if (!routed) {
        for (const std::string& address : addresses)
            classes.m_classes[address] = RecipientClass::unknown;
        classes.m_complaint = to_string(routed.error());
        return classes;
    }
    for (const std::string& address : *routed)
        classes.m_classes[address] = RecipientClass::transport;
    return classes;
}

RecipientClass RecipientClasses::operator[](const std::string& address) const {
    const auto found = m_classes.find(address);
    return found == m_classes.end() ? RecipientClass::by_default : found->second;
}

} // namespace sendconnector::ctl
