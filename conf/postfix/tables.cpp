// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/tables.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace sendconnector::conf::postfix {
namespace {

bool needs_tls(const policy::SendConnector& connector) {
    const policy::TlsMode mode = policy::tls_requirement(connector).mode;
    return mode != policy::TlsMode::none && mode != policy::TlsMode::opportunistic;
}

} // namespace

std::string default_route(const std::string& default_transport, const std::string& relayhost) {
    if (default_transport.find(':') == std::string::npos) {
        return fmt::format("{}:{}", default_transport, relayhost);
    }
    return default_transport.back() == ':' ? default_transport + relayhost : default_transport;
}

std::string route_checks(std::string_view default_route) {
    std::string route;
    for (const char c : default_route) {
        route.append(c == '$' ? "$$" : std::string(1, c));
    }
    // Only headers that a milter produced get here. The `i` turns case folding off: service names have no
    // capitals.
    return fmt::format("{}"
                       "# Lets the milter choose a route, among the services of connectors only.\n"
                       "/^X-Sendconnector-Route: (sc-[a-z0-9_-]+:[][a-z0-9.:,_-]*)$/i FILTER $1\n"
                       "# The way that Postfix itself would send mail: default_transport and relayhost.\n"
                       "/^X-Sendconnector-Route: default$/i FILTER {}\n"
                       "# To the MX of the recipient's domain.\n"
                       "/^X-Sendconnector-Route: mx$/i FILTER smtp:\n",
                       written_by, route);
}

std::string header_firewall() {
    return fmt::format(
        "{}"
        "# Header firewall: what Exchange servers tell each other stays inside the organization\n"
        "# (cloud_services_mail_enabled = false).\n"
        "/^X-MS-Exchange-(Organization|Forest|CrossPremises)-/ IGNORE\n",
        written_by);
}

std::string mta_sts_floor() {
    return fmt::format(
        "{}"
        "# Reads what the MTA-STS resolver answered, whose first word is a level of TLS.\n"
        "/^[[:space:],]*(encrypt|fingerprint|verify|secure|dane-only)([[:space:],].*)?$/ $1$2\n"
        "# Mail could leave without TLS: any certificate will do, but TLS it is, as for a domain "
        "without a policy.\n"
        "/^[[:space:],]*(none|may|half-dane|dane)([[:space:],].*)?$/ encrypt\n"
        "# Postfix knows no such level, and has the mail wait.\n"
        "/^/ unknown-level\n",
        written_by);
}

std::string status_filter(const policy::SendConnector& connector) {
    // Each pattern is tied to the start of a text that smtp(8) itself words, so that nothing a remote server
    // says can match. A remote server's own words always follow "host NAME[ADDRESS] said: ".
    std::string rules;
    const bool tls = needs_tls(connector);
    const bool smart_hosts = !connector.smart_hosts.empty();
    if (tls) {
        // Soft ones as well: the site's own filter comes after this one and must not harden them.
        rules += "# Mail waits for a session that fails the TLS rule; it never bounces for it.\n"
                 "/^[45](\\.[0-9]+\\.[0-9]+ (TLS is required, |Cannot start TLS: |Server certificate not "
                 "(verified|trusted)|client TLS configuration problem).*)$/ 4$1\n";
    }
    if (tls || smart_hosts) {
        rules += "# A server that turns us away before it has heard of the message (and, until TLS has "
                 "begun, might\n"
                 "# be anybody) decides nothing about the message.\n"
                 "/^5(\\.[0-9]+\\.[0-9]+ host [^ ]+ refused to talk to me: .*)$/ 4$1\n";
    }
    if (smart_hosts) {
        // 530 is RFC 4954's "Authentication required" and RFC 3207's "Must issue a STARTTLS command first".
        rules += "# A smart host that wants credentials or TLS: the connector's fault, not the recipient's.\n"
                 "/^5(\\.[0-9]+\\.[0-9]+ host [^ ]+ said: 530[ -].*)$/ 4$1\n"
                 "# A smart host that leads back here.\n"
                 "/^5(\\.[0-9]+\\.[0-9]+ mail for [^ ]+ loops back to myself.*)$/ 4$1\n";
    }
    if (smart_hosts || connector.error_policies == policy::ErrorPolicies::downgrade_dns_failures) {
        rules += "# Name service failures are transient: those of a smart host always, others with\n"
                 "# error_policies = \"DowngradeDnsFailures\".\n"
                 "/^5(\\.[0-9]+\\.[0-9]+ (Host or domain name not found\\. |Name service error for |unable "
                 "to look up "
                 "host |[^ ]+: host not found$).*)$/ 4$1\n";
    }
    return rules.empty() ? rules : fmt::format("{}{}", written_by, rules);
}

std::string password_map(const policy::SendConnector& connector, const Credential& credential) {
    // smtp(8) asks by the server's host name first, then by the next-hop as the transport answer has it. Only
    // the latter is listed: a host that another next-hop leads to as well gets no password from here.
    std::vector<std::string> hosts = policy::next_hops(connector);
    std::sort(hosts.begin(), hosts.end());
    // texthash refuses a whole file that has a key twice.
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    std::string lines(written_by);
    for (const std::string& host : hosts) {
        lines += fmt::format("{}\t{}:{}\n", host, credential.username, credential.password);
    }
    return lines;
}

} // namespace sendconnector::conf::postfix
