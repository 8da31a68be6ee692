// SPDX-License-Identifier: Apache-2.0
// applied.json: what `apply` last made of a Postfix instance. apply writes it, the daemon and status read it.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/source_servers.hpp"
#include "policy/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace sendconnector::conf::postfix {

struct AppliedService {
    std::string connector; // name; empty: one of those that split messages
    std::string settings;  // settings_digest() of the connector it was rendered from
    std::string rendered;  // Service::digest()
};

struct Applied {
    std::string config_directory;
    std::string queue_directory;
    std::string mail_version;
    std::string helo_name;          // smtp_helo_name: what a connector without fqdn says; empty: not known
    HostNames host_names;           // the system's name for this host, and Postfix' (myhostname)
    Facts facts = Facts::unknown(); // what main.cf and master.cf said then
    std::string split_listener;     // where the services that split messages listen; empty: there are none
    std::map<std::string, AppliedService> services; // by service name
    // Services that an apply was about to make when it was cut off; ours, should they be in master.cf.
    std::set<std::string> pending;
    // master.cf had no newline at its end before ours went there: this was its last line.
    std::optional<std::string> unterminated_line;
};

// SHA-256 (hex) of all that a connector's service is rendered from, and nothing else: two connectors with one
// digest need the same service. Leaves out what the daemon answers by itself (senders, limits, the smart host
// list where no credentials are tied to it), so that a change of those needs a reload only.
std::string settings_digest(const policy::SendConnector& connector);

std::filesystem::path applied_file(const std::string& state_directory);
// Nothing was applied yet: an empty Applied. Unreadable or damaged: an error.
Result<Applied> read_applied(const std::string& state_directory);
// Atomic and durable; mode 0640, group of the directory (the daemon's).
Result<void> write_applied(const std::string& state_directory, const Applied& applied);

// Whether the host of this instance hands the connector's mail to other servers.
bool is_relayed(const Applied& applied, const policy::SendConnector& connector);
// What AppliedService::settings has to be for this connector: settings_digest(), or another one when the mail
// is relayed.
std::string wanted_settings(const Applied& applied, const policy::SendConnector& connector);
// Whether this connector's service stands in Postfix as this configuration wants it.
bool is_applied(const Applied& applied, const policy::SendConnector& connector);

} // namespace sendconnector::conf::postfix
