// SPDX-License-Identifier: Apache-2.0
#include "conf/served.hpp"

#include "conf/host_name.hpp"
#include "conf/plain_text.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::conf {

namespace {

std::string this_host() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    // A longer name may come without its final NUL; `name` keeps one.
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

void check_address_spaces(const ConnectorDraft& draft, Reporter& report) {
    const Written* written = draft.written.find("address_spaces");
    const auto& spaces = draft.connector.address_spaces;
    for (std::size_t i = 0; i < spaces.size(); ++i) {
        if (spaces[i].kind() != policy::AddressSpace::Kind::any) {
            report.not_served(
                written->elements[i],
                fmt::format("address_spaces entry {}: the choice of a connector by recipient",
                            in_quotes(spaces[i].text())),
                "use address_spaces = [\"*\"] and tell connectors apart by senders, or set enabled = "
                "false");
        }
    }
}

void check_conduct(const ConnectorDraft& draft, std::string_view host, Reporter& report) {
    const policy::SendConnector& connector = draft.connector;
    if (draft.wants_oauth2) {
        report.not_served(draft.place_of({"smart_host_auth_mechanism"}),
                          "smart_host_auth_mechanism = \"OAuth2\"",
                          "use \"BasicAuthRequireTLS\", or set enabled = false");
    }
    if (connector.error_policies == policy::ErrorPolicies::downgrade_custom_failures ||
        connector.error_policies == policy::ErrorPolicies::upgrade_custom_failures) {
        report.not_served(
            draft.place_of({"error_policies"}),
            fmt::format("error_policies = \"{}\"",
                        connector.error_policies == policy::ErrorPolicies::upgrade_custom_failures
                            ? "UpgradeCustomFailures"
                            : "DowngradeCustomFailures"),
            "use \"Default\" or \"DowngradeDnsFailures\"");
    }
    const auto& servers = connector.source_transport_servers;
    const auto is_this_host = [&](const std::string& server) { return may_be_same_host(server, host); };
    if (!servers.empty() && std::none_of(servers.begin(), servers.end(), is_this_host)) {
        report.not_served(
            draft.place_of({"source_transport_servers"}),
            fmt::format("source_transport_servers without this host, {}: handing mail to another server",
                        in_quotes(host)),
            "add this host's name, or set enabled = false here");
    }
    if (connector.protocol_logging_level == policy::ProtocolLoggingLevel::verbose) {
        report.warning(draft.place_of({"protocol_logging_level"}),
                       "protocol_logging_level = \"Verbose\" has no effect yet",
                       "look for the connector's sessions in the mail log");
    }
}

} // namespace

void check_served_alone(const ConnectorDraft& connector, std::string_view host,
                        std::vector<Finding>& findings) {
    Reporter report(findings, connector);
    check_address_spaces(connector, report);
    check_conduct(connector, host, report);
}

void check_served(const Draft& draft, std::vector<Finding>& findings) {
    const std::string host = this_host();
    for (const ConnectorDraft& connector : draft.connectors) {
        if (connector.connector.enabled) {
            check_served_alone(connector, host, findings);
        }
    }
    check_served_together(draft, findings);
}

} // namespace sendconnector::conf
