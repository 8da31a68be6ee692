// SPDX-License-Identifier: Apache-2.0
#include "conf/site/policy_domains.hpp"

#include "conf/site/policy_search.hpp"
#include "policy/address_space.hpp"

#include <map>

namespace sendconnector::conf::site {
PolicyDomains policy_domains(const Tables& tables) {
    PolicyDomains domains;
    domains.unlisted = tables.unlisted();
    std::set<std::string> exact;
    std::map<std::string, std::vector<std::string>> by_policy;
    std::map<std::string, const std::string*> texts;
    std::vector<std::string> without{"*"};
    const auto add = [&](const std::string& space, const std::string* policy) {
        if (policy == nullptr)
            without.push_back(space);
        else {
            texts.emplace(*policy, policy);
            by_policy[*policy].push_back(space);
        }
    };
    for (const Table& table : tables.list)
        for (const auto& [key, value] : table.entries) {
            if (key.find_first_of("[:@") != std::string::npos)
                continue;
            const bool below = key.starts_with('.');
            const std::string domain = below ? key.substr(1) : key;
            if (!policy::AddressSpace::parse(domain) || domain.find('*') != std::string::npos) {
                domains.odd.push_back(key);
                continue;
            }
            // Another table may have it first.
            if (below && tables.find(key) == &value)
                add("*." + domain, &value);
            if (exact.insert(domain).second)
                add(domain, policy_of(tables, domain));
        }
    domains.rules.push_back({nullptr, std::move(without)});
    for (auto& [policy, spaces] : by_policy)
        domains.rules.push_back({texts.at(policy), std::move(spaces)});
    return domains;
}

} // namespace sendconnector::conf::site
