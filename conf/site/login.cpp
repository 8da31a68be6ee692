// SPDX-License-Identifier: Apache-2.0
#include "conf/site/login.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::site {
namespace {

// "user:password"; without a colon, the password is empty.
Login parsed(const std::string& value) {
    const std::size_t colon = value.find(':');
    Login login{value.substr(0, colon), colon == std::string::npos ? "" : value.substr(colon + 1), ""};
    const auto unfit = [](const std::string& text) {
        return text.empty() || text.front() == ' ' || text.back() == ' ' || has_control(text) ||
               !is_utf8(text);
    };
    // Not what they are: it may be a password that stands in the wrong place.
    if (unfit(login.username) || unfit(login.password))
        return {"", "", "the name or the password it logs in with is empty, or has blanks or controls"};
    return login;
}

const std::string* of_sender(const Site& site, const SenderSearch& search, std::string_view service,
                             const Tables& tables, std::string_view sender) {
    if (!site.is_yes(service, "smtp_sender_dependent_authentication"))
        return nullptr;
    for (const std::string& key : search.keys(sender))
        if (const std::string* value = tables.find(key))
            return value;
    return nullptr;
}

} // namespace

Login login_of(const Site& site, const SenderSearch& search, std::string_view service,
               const std::vector<NextHop>& hops, std::string_view sender) {
    if (!site.is_yes(service, "smtp_sasl_auth_enable"))
        return {};
    const Tables& tables = site.tables_of(service, password_maps);
    const std::string* by_sender = of_sender(site, search, service, tables, sender);
    if (by_sender != nullptr)
        return hops.empty() ? Login{"", "", "it logs in at servers of recipients' domains"}
                            : parsed(*by_sender);
    const bool has_hosts = std::any_of(tables.list.begin(), tables.list.end(), [](const Table& table) {
        return !table.is_listed ||
               std::any_of(table.entries.begin(), table.entries.end(), [](const auto& entry) {
                   // With brackets or a port it is nobody's server name.
                   return entry.first.find_first_of("@[:") == std::string::npos;
               });
    });
    std::vector<Login> logins;
    for (const NextHop& hop : hops) {
        const std::string* value = hop.uses_mx ? nullptr : tables.find(hop.host);
        // Which hosts its MX records name is known when mail is sent, not now.
        if (hop.uses_mx && has_hosts && tables.find(hop.host) == nullptr)
            return {"", "", fmt::format("as whom it logs in depends on what servers {} has", hop.text)};
        if (value == nullptr)
            value = tables.find(policy::fold_case(hop.text));
        logins.push_back(value == nullptr ? Login{} : parsed(*value));
    }
    if (std::adjacent_find(logins.begin(), logins.end(), std::not_equal_to<>()) != logins.end())
        return {"", "", "it logs in differently at its hosts"};
    return logins.empty() ? Login{} : logins.front();
}

} // namespace sendconnector::conf::site
