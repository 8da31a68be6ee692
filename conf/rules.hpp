// SPDX-License-Identifier: Apache-2.0
// What keys say together: conflicts within a connector, between connectors, and among the settings.
#pragma once

#include "conf/draft.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

// Two keys of one connector that cannot stand together, or not one without the other. Follows Microsoft's
// documentation of New-SendConnector and Set-SendConnector, and what SMTP (RFC 3207, RFC 4954) implies.
struct Conflict {
    std::string_view key;   // where it is reported, when it was written
    std::string_view other; // where it is reported otherwise
    bool (*holds)(const ConnectorDraft&);
    std::string_view text;
    std::string_view hint;
    Severity severity = Severity::error;
};
std::span<const Conflict> conflicts();

void check_conflicts(const ConnectorDraft& connector, std::vector<Finding>& findings);
// Required keys, empty lists, entries that are listed twice.
void check_contents(const ConnectorDraft& connector, const SettingsDraft& settings,
                    std::vector<Finding>& findings);
// Names and what is derived from them are unique; default_connector names one; unmatched_recipients can
// occur.
void check_names(const Draft& draft, std::vector<Finding>& findings);
void check_settings(const SettingsDraft& settings, std::vector<Finding>& findings);

// All of these.
void check_rules(const Draft& draft, std::vector<Finding>& findings);

} // namespace sendconnector::conf
