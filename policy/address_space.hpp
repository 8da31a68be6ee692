// SPDX-License-Identifier: Apache-2.0
// AddressSpace: one entry of a connector's `address_spaces`, Exchange's `Type:Space;Cost`.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::policy {

class AddressSpace {
public:
    // `--` stands for all accepted domains (Exchange Edge).
    enum class Kind { any, domain, domain_and_below, accepted_domains };

    // Type SMTP only (any case, may be left out); cost 1 to 100, default 1.
    static Result<AddressSpace> parse(std::string_view text);

    Kind kind() const { return m_kind; }
    const std::string& domain() const { return m_domain; }
    int cost() const { return m_cost; }
    // "smtp:*.contoso.com;5"
    std::string text() const;
    // `recipient_domain` in comparable form. accepted_domains never matches here: the list is not ours.
    bool matches(std::string_view recipient_domain) const;
    // Greater is more specific: `*` 0, then wildcards by number of labels, an exact domain above all.
    int specificity() const;

private:
    Kind m_kind = Kind::any;
    std::string m_domain;
    int m_cost = 1;
};

} // namespace sendconnector::policy
