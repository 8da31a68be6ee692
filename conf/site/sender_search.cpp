// SPDX-License-Identifier: Apache-2.0
#include "conf/site/sender_search.hpp"

#include "conf/site/table_name.hpp"
#include "policy/domain.hpp"
#include "policy/sender_pattern.hpp"

#include <algorithm>

namespace sendconnector::conf::site {
namespace {

constexpr std::string_view null_sender = "<>";

std::string_view local_part(std::string_view address) {
    return address.substr(0, address.rfind('@'));
}

class Collector {
public:
    explicit Collector(const SenderSearch& search) : m_search(search) {}

    // `bare`: whether keys without a domain are local users.
    void collect(const Tables& tables, std::string_view null_sender_as_written, bool bare) {
        const std::string key_of_null_sender = policy::fold_case(null_sender_as_written);
        for (const Table& table : tables.list)
            for (const auto& [key, value] : table.entries)
                take(key, name_as_shown(table.name), key_of_null_sender, bare);
    }
    NamedSenders result() && { return std::move(m_found); }

private:
    void take(const std::string& key, const std::string& table, std::string_view key_of_null_sender,
              bool bare) {
        if (!key_of_null_sender.empty() && key == key_of_null_sender)
            m_found.senders.insert(std::string(null_sender));
        else if (key.find('@') != std::string::npos)
            name(key, key, table);
        else if (bare)
            take_user(key, table);
    }

    void take_user(const std::string& key, const std::string& table) {
        // "*", "example.com" and the like are users to Postfix, and of no address that mail comes from.
        if (!policy::SenderPattern::parse(key + "@local.example"))
            m_found.odd.push_back({key, table, false});
        for (const std::string& domain : m_search.local_domains())
            name(key + "@" + domain, key, table);
        if (!m_search.knows_local_domains())
            m_found.odd.push_back({key, table, true});
    }

    void name(const std::string& sender, const std::string& key, const std::string& table) {
        if (sender_pattern(sender))
            m_found.senders.insert(sender);
        else
            m_found.odd.push_back({key, table, true});
    }

    const SenderSearch& m_search;
    NamedSenders m_found;
};

} // namespace

SenderSearch::SenderSearch(const Site& site) : m_delimiter(site.setting("", "recipient_delimiter")) {
    const std::string origin(site.setting("", "myorigin"));
    for (std::string word : words_of(std::string(site.setting("", "mydestination")) + " " + origin)) {
        const bool plain = word.find_first_of("/:!") == std::string::npos;
        if (plain)
            m_local.insert(policy::fold_case(word));
        m_knows_local = m_knows_local && plain;
    }
}

std::vector<std::string> SenderSearch::keys(std::string_view sender) const {
    const std::size_t at = sender.rfind('@');
    if (at == std::string_view::npos)
        return {};
    if (at == 0)
        return {std::string(sender)};
    const std::string local(local_part(sender));
    const std::string domain(sender.substr(at));
    const std::size_t delimiter = local.find_first_of(m_delimiter);
    const bool extended = !m_delimiter.empty() && delimiter != std::string::npos && delimiter > 0;
    const std::string base = extended ? local.substr(0, delimiter) : local;
    std::vector<std::string> keys{local + domain};
    if (extended)
        keys.push_back(base + domain);
    if (m_local.contains(domain.substr(1))) {
        keys.push_back(local);
        if (extended)
            keys.push_back(base);
    }
    keys.push_back(domain);
    return keys;
}

std::vector<std::string> SenderSearch::chain(std::string_view sender) const {
    std::vector<std::string> chain;
    for (std::string& key : keys(sender))
        if (key.find('@') != std::string::npos)
            chain.push_back(std::move(key));
    if (sender == null_sender)
        chain.emplace_back(null_sender);
    chain.emplace_back("*");
    return chain;
}

NamedSenders named_senders(const Site& site, const SenderSearch& search) {
    Collector collector(search);
    collector.collect(site.tables_of("", transport_maps),
                      site.setting("", "empty_address_default_transport_maps_lookup_key"), true);
    collector.collect(site.tables_of("", relayhost_maps),
                      site.setting("", "empty_address_relayhost_maps_lookup_key"), true);
    std::vector<std::string> services{""};
    for (const auto& [name, service] : site.services)
        services.push_back(name);
    std::set<const Tables*> done;
    for (const std::string& service : services) {
        const Tables& tables = site.tables_of(service, password_maps);
        if (site.is_yes(service, "smtp_sasl_auth_enable") &&
            site.is_yes(service, "smtp_sender_dependent_authentication") && done.insert(&tables).second)
            collector.collect(tables, "", false);
    }
    return std::move(collector).result();
}

std::optional<std::string> sender_pattern(std::string_view sender) {
    if (!is_utf8(sender))
        return std::nullopt;
    const bool is_domain = sender.starts_with('@');
    const auto pattern = policy::SenderPattern::parse(is_domain ? sender.substr(1) : sender);
    using Kind = policy::SenderPattern::Kind;
    if (!pattern || (is_domain && pattern->kind() != Kind::domain) ||
        (!is_domain && pattern->kind() == Kind::domain_and_below))
        return std::nullopt;
    return pattern->text();
}

} // namespace sendconnector::conf::site
