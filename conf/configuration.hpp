// SPDX-License-Identifier: Apache-2.0
// Configuration: everything sendconnector.toml and conf.d/*.toml say, checked.
#pragma once

#include "conf/finding.hpp"
#include "conf/split_listener.hpp"
#include "policy/policy.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sendconnector::conf {

struct DaemonSettings {
    std::string milter_socket = "/var/spool/postfix/sendconnector/milter";
    std::string lookup_socket = "/var/spool/postfix/sendconnector/lookup";
    std::string control_socket = "/run/sendconnector/control";
    std::string state_directory = "/var/lib/sendconnector";
    std::string protocol_log_directory = "/var/log/sendconnector";
};

struct PostfixSettings {
    std::string config_directory = "/etc/postfix";
    SplitListener split_listener; // where split messages come back
};

// How smart hosts are verified. Everything can change at a reload.
struct TlsSettings {
    std::chrono::seconds probe_time{30};         // one SMTP session of a probe, as a whole
    std::chrono::seconds lookup_wait{10};        // Postfix waits at most this long for a probe
    std::chrono::seconds verdict_lifetime{3600}; // an accepted verdict counts no longer without a new probe
    std::chrono::seconds refresh_after{
        60}; // a lookup that meets an older verdict waits a little for a new one
    std::chrono::seconds failure_lifetime{30}; // a failure is remembered this long
    int parallel_probes = 64;
    int cached_next_hops = 10'000;
    std::vector<std::string> name_servers; // "127.0.0.1", "[::1]:5353"; empty: those of /etc/resolv.conf
    std::chrono::seconds revocation_fetch_time{20}; // one download
    std::chrono::seconds revocation_retry{60};      // after a failed one
    // Searched, one level deep, for a tls_certificate_name given by issuer and subject.
    std::vector<std::string> certificate_folders = {"/etc/sendconnector/certificates",
                                                    "/etc/letsencrypt/live"};
};

// Line and column count from 1; 0 when there is none.
struct Spot {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    friend auto operator<=>(const Spot&, const Spot&) = default;
};

// Where a connector was written, for messages found later.
struct Origin {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::map<std::string, Spot, std::less<>> keys = {}; // the value of each key that was written
};

struct Configuration {
    std::filesystem::path file; // sendconnector.toml
    DaemonSettings daemon;
    PostfixSettings postfix;
    TlsSettings tls;
    std::vector<std::string> sender_tables = {}; // the files of [sender_tables]
    std::uint64_t listed_digest = 0; // of the contents of these and of each senders_file; 0: there are none
    std::shared_ptr<const policy::Policy> policy;
    std::vector<Origin> origins; // parallel to policy->connectors()
    // Parallel to policy->connectors(): keys without effect that were written, with their value as in the
    // file.
    std::vector<std::map<std::string, std::string, std::less<>>> without_effect;

    std::filesystem::path credentials_directory() const { return file.parent_path() / "credentials.d"; }
};

// Where the parts of this installation are.
struct Places {
    DaemonSettings daemon;
    PostfixSettings postfix;
};

// What load_configuration found: the configuration when nothing refuses it, and every finding, in the order
// of file and line.
struct Loaded {
    std::optional<Configuration> configuration; // absent exactly when refuses(findings)
    std::vector<Finding> findings;
    // Also there when only connectors are refused: enough to ask the daemon and to detach Postfix. Absent
    // when sendconnector.toml has any other error, for a default in place of what was meant is somebody
    // else's Postfix.
    std::optional<Places> places;
};

// A file of the configuration as it is to become; without content: it goes. `file` is the main file, or
// MAIN's folder / "conf.d" / name.
struct FileChange {
    std::filesystem::path file;
    std::optional<std::string> content;
};

// Told while files of senders are loaded, which may take a while: so much of `all` is done.
using LoadProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

// Reads `file` and the *.toml files of conf.d beside it (in byte order of their names), with `changes` in
// place of what is on disk; and, when nothing in these is wrong, the files of senders that they name. Never
// throws for what a file may contain. Does not look at credentials, certificates or Postfix: see
// conf/secrets.hpp.
Loaded load_configuration(const std::filesystem::path& file, std::span<const FileChange> changes = {},
                          const LoadProgress& progress = {});

} // namespace sendconnector::conf
