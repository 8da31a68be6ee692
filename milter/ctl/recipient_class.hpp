// SPDX-License-Identifier: Apache-2.0
// RecipientClass: how Postfix routes a recipient without us. Only those of the default transport ask our
// lookup; see ADDRESS_CLASS_README and transport(5).
#pragma once

#include "conf/postfix/instance.hpp"
#include "policy/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

enum class RecipientClass {
    by_default, // default_transport
    local,      // mydestination
    virtual_domain,
    relay,     // relay_domains
    transport, // an entry of transport_maps
    unknown,   // a table could not be asked
};
std::string_view word(RecipientClass recipient_class);

class RecipientClasses {
public:
    // Of these addresses. A table that cannot be asked leaves `unknown` what it might have told.
    static Result<RecipientClasses> of(const conf::postfix::Instance& instance,
                                       const std::set<std::string>& addresses);
    // Whoever is not among `known` is by_default.
    explicit RecipientClasses(std::map<std::string, RecipientClass> known = {})
        : m_classes(std::move(known)) {}

    RecipientClass operator[](const std::string& address) const;
    // Why some are unknown; empty: none is.
    const std::string& complaint() const { return m_complaint; }

private:
    std::map<std::string, RecipientClass> m_classes; // those that are not by_default
    std::string m_complaint;
};

} // namespace sendconnector::ctl
