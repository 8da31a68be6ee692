// SPDX-License-Identifier: Apache-2.0
#include "policy/address_space.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <charconv>
#include <climits>
#include <fmt/format.h>

namespace sendconnector::policy {

Result<AddressSpace> AddressSpace::parse(std::string_view text) {
    std::string_view rest = text;
    AddressSpace space;
    if (const auto semicolon = rest.find(';'); semicolon != std::string_view::npos) {
        const auto cost = rest.substr(semicolon + 1);
        const auto [end, code] = std::from_chars(cost.data(), cost.data() + cost.size(), space.m_cost);
        if (code != std::errc() || end != cost.data() + cost.size() || space.m_cost < 1 || space.m_cost > 100)
            return fail(fmt::format("\"{}\" has cost \"{}\"", text, cost),
                        "a cost is a number from 1 to 100");
        rest = rest.substr(0, semicolon);
    }
    if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
        if (fold_case(rest.substr(0, colon)) != "smtp")
            return fail(fmt::format("\"{}\" is of type \"{}\"", text, rest.substr(0, colon)),
                        "only address spaces of type SMTP can be served");
        rest = rest.substr(colon + 1);
    }
    if (rest == "*")
        return space;
    if (rest == "--") {
        space.m_kind = Kind::accepted_domains;
        return space;
    }
    const bool below = rest.starts_with("*.");
    auto domain = Domain::parse(below ? rest.substr(2) : rest);
    if (!domain && rest.starts_with("*"))
        return fail(fmt::format("\"{}\" is no address space", text),
                    "write \"*.contoso.com\" for a domain and all below it, \"*\" for every domain");
    if (!domain)
        return fail(fmt::format("\"{}\" is no address space", text),
                    "write \"smtp:contoso.com;1\", \"smtp:*.contoso.com;1\" or \"smtp:*;1\"");
    space.m_kind = below ? Kind::domain_and_below : Kind::domain;
    space.m_domain = domain->text();
    return space;
}

std::string AddressSpace::text() const {
    switch (m_kind) {
    case Kind::any:
        return fmt::format("smtp:*;{}", m_cost);
    case Kind::accepted_domains:
        return fmt::format("smtp:--;{}", m_cost);
    case Kind::domain_and_below:
        return fmt::format("smtp:*.{};{}", m_domain, m_cost);
    case Kind::domain:
        break;
    }
    return fmt::format("smtp:{};{}", m_domain, m_cost);
}

bool AddressSpace::matches(std::string_view recipient_domain) const {
    switch (m_kind) {
    case Kind::any:
        return true;
    case Kind::accepted_domains:
        return false;
    case Kind::domain_and_below:
        return is_or_below(recipient_domain, m_domain);
    case Kind::domain:
        break;
    }
    return recipient_domain == m_domain;
}

int AddressSpace::specificity() const {
    switch (m_kind) {
    case Kind::any:
    case Kind::accepted_domains:
        return 0;
    case Kind::domain_and_below:
        return 1 + static_cast<int>(std::count(m_domain.begin(), m_domain.end(), '.'));
    case Kind::domain:
        break;
    }
    return INT_MAX;
}

} // namespace sendconnector::policy
