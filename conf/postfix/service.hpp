// SPDX-License-Identifier: Apache-2.0
// A connector as Postfix sees it: one master.cf service and the files it reads. Pure rendering.
#pragma once

#include "conf/configuration.hpp"
#include "conf/secrets.hpp"
#include "policy/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sendconnector::conf::postfix {

// What rendering needs to know of the Postfix instance.
struct RenderContext {
    std::string lookup_socket = {};      // relative to queue_directory, "sendconnector/lookup"
    std::string files_directory = {};    // absolute: where RenderedFile is written
    std::string chroot = "-";            // master.cf column, as the instance's own smtp service has it
    std::string site_header_checks = {}; // smtp_header_checks as main.cf has it, not expanded
    std::string site_delivery_status_filter = {}; // smtp_delivery_status_filter, likewise
    std::string site_reply_filter = {};           // smtp_reply_filter, likewise
    std::string inet_interfaces = "all";          // effective values
    std::string proxy_interfaces = {};
    std::string system_ca_file = "/etc/ssl/certs/ca-certificates.crt"; // empty: there is none
    std::string relays_as = {}; // this host's name, where the service hands mail to other servers
    // What newer versions brought: set where this instance's version knows it.
    bool knows_tls_required = false;              // tls_required_enable (3.10)
    bool knows_password_result_delimiter = false; // smtp_sasl_password_result_delimiter (3.10)
    bool knows_raw_public_keys = false;           // smtp_tls_enable_rpk (3.9)
    bool knows_sts_patterns = false;              // smtp_tls_enforce_sts_mx_patterns (3.10)
};

struct RenderedFile {
    std::string name; // below files_directory; equal names have equal content
    unsigned mode;    // 0600: a secret
    std::string content;
    bool is_secret() const { return (mode & 077U) == 0; }
};

// Parameters and values for `-o`, in a fixed order.
using Options = std::vector<std::pair<std::string, std::string>>;
// A master.cf entry: the columns up to the program, and its options.
std::string with_options(std::string columns, const Options& options);

// `sc-SLUG unix - - CHROOT - - smtp -o ...`. Every parameter by which main.cf could let mail leave another
// way, or under weaker rules (fallback relays, other TLS policies, other credentials), is set here, so that
// nothing leaks in.
struct Service {
    std::string name; // "sc-SLUG"
    std::string connector;
    std::string chroot;
    Options options;
    std::vector<RenderedFile> files;

    // What `postconf -M NAME/unix=` takes, as one logical line.
    std::string master_cf_entry() const;
    // SHA-256 (hex) of the entry and the files, secrets left out: what applied.json remembers.
    std::string digest() const;
};

// `credential` is set exactly when the connector names one, and its own certificate is given by path
// (conf/own_certificate.hpp). Fails when a value cannot be written so that Postfix reads it as it is.
Result<Service> render_service(const policy::SendConnector& connector,
                               const std::optional<Credential>& credential, const RenderContext& context);

// Whether two master.cf entries mean the same, however they are spaced and quoted.
bool same_entry(std::string_view left, std::string_view right);

} // namespace sendconnector::conf::postfix
