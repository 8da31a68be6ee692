// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/findings.hpp"

#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

std::string_view name_of(conf::Severity severity) {
    switch (severity) {
    case conf::Severity::error:
        return "error";
    case conf::Severity::not_served:
        return "not_served";
    case conf::Severity::warning:
        return "warning";
    }
    return "error";
}

} // namespace

FindingCount count(const std::vector<conf::Finding>& findings) {
    FindingCount count;
    for (const conf::Finding& finding : findings) {
        if (finding.severity == conf::Severity::error)
            ++count.errors;
        else if (finding.severity == conf::Severity::not_served)
            ++count.not_served;
        else
            ++count.warnings;
    }
    return count;
}

std::string to_string(const FindingCount& count) {
    std::vector<std::string> parts;
    if (count.errors > 0)
        parts.push_back(counted(count.errors, "error"));
    if (count.not_served > 0)
        parts.push_back(fmt::format("{} not served yet", count.not_served));
    if (count.warnings > 0)
        parts.push_back(counted(count.warnings, "warning"));
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string extent_of(const policy::Policy& policy) {
    return counted(policy.connectors().size(), "connector") + ", " +
           counted(policy.senders().size(), "sender");
}

Json to_json(const std::vector<conf::Finding>& findings) {
    Json array = Json::array();
    for (const conf::Finding& finding : findings)
        array.push_back({{"severity", name_of(finding.severity)},
                         {"file", finding.file},
                         {"line", finding.line},
                         {"column", finding.column},
                         {"connector", text_or_null(finding.connector)},
                         {"text", finding.text},
                         {"hint", finding.hint}});
    return array;
}

std::string lines_of(const std::vector<conf::Finding>& findings, const Paint& paint) {
    std::string lines;
    for (const conf::Finding& finding : findings) {
        const Colour colour = finding.severity == conf::Severity::error ? Colour::bad : Colour::doubtful;
        lines += paint(colour, conf::to_string(finding)) + "\n";
    }
    return lines;
}

void add_new(std::vector<conf::Finding>& findings, const std::vector<conf::Finding>& more) {
    for (const conf::Finding& finding : more) {
        const std::string line = conf::to_string(finding);
        if (std::ranges::none_of(findings,
                                 [&](const conf::Finding& known) { return conf::to_string(known) == line; }))
            findings.push_back(finding);
    }
}

} // namespace sendconnector::ctl
