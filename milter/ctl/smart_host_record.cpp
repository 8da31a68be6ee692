// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/smart_host_record.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/slug.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;

std::filesystem::path file_in(const std::string& state_directory) {
    return std::filesystem::path(state_directory) / "smart_hosts.json";
}

bool needs_tls(const policy::SendConnector& connector) {
    const policy::TlsMode mode = policy::tls_requirement(connector).mode;
    return connector.enabled && mode != policy::TlsMode::none && mode != policy::TlsMode::opportunistic;
}

// What decides whether a smart host passes and is not in settings_digest().
std::string rule_digest(const policy::SendConnector& connector) {
    const policy::TlsRequirement requirement = policy::tls_requirement(connector);
    return postfix::sha256_hex(fmt::format(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}", policy::to_string(requirement.mode),
        requirement.domain ? requirement.domain->text() : "", policy::to_string(requirement.minimum),
        connector.tls_ca_file, policy::to_string(connector.revocation), connector.tls_minimum_rsa_bits,
        connector.tls_allow_weak_signatures));
}

} // namespace

SmartHostRecord SmartHostRecord::read(const std::string& state_directory) {
    SmartHostRecord record;
    const auto text = postfix::read_file(file_in(state_directory));
    if (!text || !*text)
        return record;
    const nlohmann::json json = nlohmann::json::parse(**text, nullptr, false);
    if (!json.is_object())
        return record;
    for (const auto& [service, hops] : json.items())
        if (hops.is_object())
            for (const auto& [hop, rule] : hops.items())
                if (rule.is_string())
                    record.m_rules[service][hop] = rule.get<std::string>();
    return record;
}

SmartHostRecord::SmartHostRecord(const conf::Configuration& configuration) {
    for (const policy::SendConnector& connector : configuration.policy->connectors())
        if (needs_tls(connector))
            for (const HopToTry& hop : hops_of(connector, ""))
                m_rules[conf::service_name(connector.name)][hop.next_hop] = rule_digest(connector);
}

Result<void> SmartHostRecord::write(const std::string& state_directory) const {
    return postfix::write_file(file_in(state_directory), nlohmann::json(m_rules).dump(1) + "\n", 0640);
}

std::vector<HopToTry> SmartHostRecord::news(const conf::Configuration& configuration,
                                            const postfix::Applied& applied) const {
    std::vector<HopToTry> hops;
    for (const policy::SendConnector& connector : configuration.policy->connectors()) {
        if (!needs_tls(connector) || postfix::is_relayed(applied, connector))
            continue;
        const bool stands = postfix::is_applied(applied, connector);
        const auto known = m_rules.find(conf::service_name(connector.name));
        const std::string rule = rule_digest(connector);
        for (HopToTry& hop : hops_of(connector, "")) {
            const bool same = known != m_rules.end() && known->second.contains(hop.next_hop) &&
                              known->second.at(hop.next_hop) == rule;
            if (!stands || !same)
                hops.push_back(std::move(hop));
        }
    }
    return hops;
}

} // namespace sendconnector::ctl
