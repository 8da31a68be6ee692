// SPDX-License-Identifier: Apache-2.0
// Snapshots from a configuration as an administrator writes it.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/slug.hpp"
#include "temporary_directory.hpp"

#include <memory>
#include <stdexcept>
#include <string_view>

namespace sendconnector::test {

// Of a Postfix that does nothing special: what a milter sees is what there will be.
inline conf::postfix::Facts plain_facts() {
    conf::postfix::Facts facts;
    facts.recipient_delimiter = "+";
    facts.myorigin = "origin.example";
    facts.default_transport = "smtp";
    facts.local_transport = "local:mail.example";
    facts.virtual_transport = "virtual";
    facts.relay_transport = "relay";
    return facts;
}

// What apply leaves behind when it has served every enabled connector.
inline conf::postfix::Applied everything_applied(const policy::Policy& policy,
                                                 std::uint64_t message_size_limit = 10'240'000) {
    conf::postfix::Applied applied;
    applied.facts = plain_facts();
    applied.facts.message_size_limit = message_size_limit;
    if (conf::postfix::wants_split_services(policy, conf::postfix::most_octets(applied.facts))) {
        applied.split_listener = "127.0.0.1:10725";
    }
    for (const auto& connector : policy.connectors()) {
        if (connector.enabled) {
            applied.services[conf::service_name(connector.name)] = {
                connector.name, conf::postfix::wanted_settings(applied, connector), "rendered"};
        }
    }
    return applied;
}

inline std::shared_ptr<const conf::postfix::Snapshot>
snapshot_of(std::string_view toml, std::uint64_t message_size_limit = 10'240'000, bool is_applied = true) {
    const TemporaryDirectory directory;
    auto loaded = conf::load_configuration(directory.write("sendconnector.toml", toml));
    if (!loaded.configuration) {
        throw std::runtime_error(loaded.findings.empty() ? "no configuration"
                                                         : to_string(loaded.findings.front()));
    }
    auto applied = is_applied ? everything_applied(*loaded.configuration->policy, message_size_limit)
                              : conf::postfix::Applied{};
    applied.helo_name = "smtp-helo-name.example";
    return std::make_shared<const conf::postfix::Snapshot>(std::move(*loaded.configuration),
                                                           std::move(applied));
}

} // namespace sendconnector::test
