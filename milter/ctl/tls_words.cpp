// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/tls_words.hpp"

#include "conf/postfix/answers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace sendconnector::ctl {
namespace {

std::string_view revocation_words(policy::Revocation revocation) {
    switch (revocation) {
    case policy::Revocation::off:
        return "revocation is not checked";
    case policy::Revocation::normal:
        return "revocation is checked where a certificate names a source";
    case policy::Revocation::strict:
        break;
    }
    return "revocation must be known";
}

// What is asked of a certificate beside its name.
std::string certificate_words(const policy::SendConnector& connector) {
    std::string text = connector.tls_ca_file.empty() ? "trusts the system's authorities"
                                                     : fmt::format("trusts {}", connector.tls_ca_file);
    text += fmt::format("; {}", revocation_words(connector.revocation));
    if (connector.tls_minimum_rsa_bits != policy::CertificateRules{}.minimum_rsa_bits)
        text += fmt::format("; RSA keys from {} bits", connector.tls_minimum_rsa_bits);
    if (connector.tls_allow_weak_signatures)
        text += "; weak signatures pass";
    return text;
}

} // namespace

std::string tls_rule(const policy::SendConnector& connector) {
    const policy::TlsRequirement requirement = policy::tls_requirement(connector);
    const std::string required = fmt::format("required, {} or later", policy::to_string(requirement.minimum));
    switch (requirement.mode) {
    case policy::TlsMode::none:
        return "never, even when it is offered";
    case policy::TlsMode::opportunistic:
        return "when it is offered, else in the clear";
    case policy::TlsMode::encrypt:
        return fmt::format("{}, any certificate", required);
    case policy::TlsMode::certificate:
        return fmt::format("{}, with a valid certificate for any name; {}", required,
                           certificate_words(connector));
    case policy::TlsMode::domain:
        return fmt::format("{}, with a valid certificate for {}; {}", required,
                           requirement.domain ? requirement.domain->text() : "the recipient's domain",
                           certificate_words(connector));
    case policy::TlsMode::dane:
        return fmt::format("{}, as the smart host's TLSA records in DNSSEC say", required);
    case policy::TlsMode::mta_sts:
        return fmt::format("{}, as the recipient domain's MTA-STS policy says, which {} knows", required,
                           connector.mta_sts_policy_map);
    }
    return {};
}

std::string tls_short(const policy::SendConnector& connector) {
    const policy::TlsRequirement requirement = policy::tls_requirement(connector);
    std::string text(policy::to_string(requirement.mode));
    if (requirement.domain)
        text += " " + requirement.domain->text();
    return text;
}

std::vector<HopPolicy> tls_policies(const policy::SendConnector& connector) {
    if (connector.smart_hosts.empty())
        return {{"", conf::postfix::tls_policy(connector, nullptr)}};
    std::vector<HopPolicy> policies;
    for (const policy::SmartHost& host : connector.smart_hosts)
        policies.push_back({host.next_hop(connector.port), conf::postfix::tls_policy(connector, &host)});
    return policies;
}

std::vector<std::string> texts_of(const policy::SendConnector& connector,
                                  const std::vector<HopPolicy>& policies) {
    const auto same = [&](const HopPolicy& one) { return one.policy == policies.front().policy; };
    const bool all_same = std::ranges::all_of(policies, same);
    const std::string_view when =
        conf::postfix::needs_verification(connector) ? " (once verified; until then TEMP)" : "";
    std::vector<std::string> texts;
    for (const HopPolicy& one : policies) {
        texts.push_back(all_same ? fmt::format("{}{}", one.policy, when)
                                 : fmt::format("{}: {}{}", one.next_hop, one.policy, when));
        if (all_same)
            break;
    }
    return texts;
}

Json json_of(const std::vector<HopPolicy>& policies) {
    Json array = Json::array();
    for (const HopPolicy& one : policies)
        array.push_back({{"next_hop", text_or_null(one.next_hop)}, {"policy", one.policy}});
    return array;
}

Json tls_policy_json(std::string_view policy) {
    Json json = Json::object();
    // No level has a colon: the site's own table is asked instead (MtaSts).
    if (policy.find(' ') == std::string_view::npos && policy.find(':') != std::string_view::npos) {
        json["policy_map"] = policy;
        return json;
    }
    std::istringstream words{std::string(policy)};
    std::string word;
    while (words >> word) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            json["level"] = word;
            continue;
        }
        const std::string name = word.substr(0, equals);
        const std::string value = word.substr(equals + 1);
        if (name != "match") {
            json[name] = value;
            continue;
        }
        // Several match= add up, and each may hold several (postconf(5), smtp_tls_policy_maps).
        Json& names = json["match"];
        std::istringstream list(value);
        for (std::string one; std::getline(list, one, json.value("level", "") == "fingerprint" ? '|' : ':');)
            names.push_back(one);
    }
    return json;
}

} // namespace sendconnector::ctl
