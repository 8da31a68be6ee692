// SPDX-License-Identifier: Apache-2.0
#include "conf/served.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

void check_address_spaces(const ConnectorDraft& draft, Reporter& report) {
    const Written* written = draft.written.find("address_spaces");
    const auto& spaces = draft.connector.address_spaces;
    for (std::size_t i = 0; i < spaces.size(); ++i) {
        if (spaces[i].kind() == policy::AddressSpace::Kind::accepted_domains) {
            report.not_served(written->elements[i],
                              fmt::format("address_spaces entry {}: the accepted domains of an Exchange "
                                          "organization",
                                          in_quotes(spaces[i].text())),
                              "list the domains, or set enabled = false");
        }
    }
}

void check_conduct(const ConnectorDraft& draft, Reporter& report) {
    if (draft.wants_oauth2) {
        report.not_served(draft.place_of({"smart_host_auth_mechanism"}),
                          "smart_host_auth_mechanism = \"OAuth2\"",
                          "use \"BasicAuthRequireTLS\", or set enabled = false");
    }
}

} // namespace

void check_served(const Draft& draft, std::vector<Finding>& findings) {
    for (const ConnectorDraft& connector : draft.connectors) {
        if (connector.connector.enabled) {
            Reporter report(findings, connector);
            check_address_spaces(connector, report);
            check_conduct(connector, report);
        }
    }
}

} // namespace sendconnector::conf
