// SPDX-License-Identifier: Apache-2.0
#include "conf/finding.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

std::string_view label(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "";
    case Severity::not_served:
        return "not served yet: ";
    case Severity::warning:
        return "warning: ";
    }
    return "";
}

} // namespace

std::string to_string(const Finding& finding) {
    std::string line = finding.file;
    if (finding.line != 0) {
        line += fmt::format(":{}:{}", finding.line, finding.column);
    }
    if (!line.empty()) {
        line += ": ";
    }
    if (!finding.connector.empty()) {
        line += fmt::format("connector \"{}\": ", finding.connector);
    }
    line += label(finding.severity);
    line += finding.text;
    if (!finding.hint.empty()) {
        line += "; ";
        line += finding.hint;
    }
    return escaped(line);
}

bool refuses(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity != Severity::warning; });
}

} // namespace sendconnector::conf
