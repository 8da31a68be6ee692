// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_report.hpp"

#include "conf/exchange/parameter_table.hpp"
#include "conf/plain_text.hpp"
#include "milter/ctl/findings.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::Fate;

constexpr ImportStep steps[] = {ImportStep::made, ImportStep::changed, ImportStep::unchanged,
                                ImportStep::passed_over, ImportStep::refused};
// Of remarks, and of what is in a connector's way; the rest is told by number.
constexpr std::size_t most_shown = 20;

bool says_something(const ImportedConnector& connector, const exchange::PropertyFate& property) {
    const exchange::Parameter* parameter = exchange::find_parameter(property.property);
    return parameter != nullptr &&
           std::ranges::any_of(connector.imported.settings,
                               [&](const conf::KeyText& key) { return key.key == parameter->key; });
}

std::string line(std::string_view label, const std::string& text) {
    return fmt::format("  {:<12}{}\n", label, conf::escaped(text));
}

// The properties that make the connector what it is by name, those that say the default by number.
std::string taken_line(const ImportedConnector& connector) {
    std::vector<std::string> names;
    std::size_t defaults = 0;
    for (const exchange::PropertyFate& property : connector.imported.properties) {
        if (property.fate != Fate::taken)
            continue;
        if (says_something(connector, property))
            names.push_back(property.property);
        else
            ++defaults;
    }
    std::string text = fmt::format("{}", fmt::join(names, ", "));
    if (defaults > 0)
        text += fmt::format("{}{} by default", names.empty() ? "" : ", and ", defaults);
    return text.empty() ? "" : line("taken", text);
}

std::string no_meaning_lines(const ImportedConnector& connector) {
    std::vector<std::string> beside;
    std::string kept;
    for (const exchange::PropertyFate& property : connector.imported.properties) {
        if (property.fate != Fate::no_meaning)
            continue;
        const exchange::Parameter* parameter = exchange::find_parameter(property.property);
        if (parameter != nullptr && !parameter->key.empty())
            kept += line("no effect", fmt::format("{} {}", property.property, property.why.text));
        else
            beside.push_back(property.property);
    }
    return kept + (beside.empty() ? "" : line("no meaning", fmt::format("{}", fmt::join(beside, ", "))));
}

std::string by_hand_lines(const ImportedConnector& connector, const Paint& paint) {
    std::string lines;
    for (const exchange::PropertyFate& property : connector.imported.properties)
        if (property.fate == Fate::by_hand)
            lines +=
                paint(Colour::doubtful, line("by hand", property.property + " " + to_string(property.why)));
    if (connector.step == ImportStep::made && connector.imported.is_incomplete())
        lines += paint(Colour::doubtful,
                       line("by hand", "the connector is disabled until that is done: Enable-SendConnector"));
    return lines;
}

std::string lines_of(const ImportedConnector& connector, const std::filesystem::path& folder,
                     const Paint& paint) {
    const bool bad = connector.step == ImportStep::refused;
    const bool out = bad || connector.step == ImportStep::passed_over;
    const std::string name =
        connector.imported.name.empty() ? "an object without a name" : connector.imported.name;
    std::string where;
    if (connector.step == ImportStep::made || connector.step == ImportStep::changed)
        where = fmt::format(", {}", connector.file.lexically_relative(folder).string());
    std::string text = fmt::format("{}: {}{}\n", conf::escaped(name),
                                   bad ? paint(Colour::bad, to_string(connector.step))
                                       : std::string(to_string(connector.step)),
                                   conf::escaped(where));
    const std::string label =
        connector.imported.line == 0 ? "reason" : fmt::format("line {}", connector.imported.line);
    const std::size_t shown = std::min(connector.obstacles.size(), most_shown);
    for (std::size_t i = 0; i < shown; ++i)
        text += paint(bad ? Colour::bad : Colour::doubtful, line(label, to_string(connector.obstacles[i])));
    if (shown < connector.obstacles.size())
        text +=
            line(label, fmt::format("and {} more (--json has them all)", connector.obstacles.size() - shown));
    return out ? text
               : text + taken_line(connector) + no_meaning_lines(connector) + by_hand_lines(connector, paint);
}

std::string remark_lines(const ImportOutcome& outcome, const Paint& paint) {
    std::string text;
    std::size_t shown = 0;
    for (const exchange::Remark& remark : outcome.remarks) {
        if (++shown > most_shown)
            break;
        const std::string shown_line = conf::escaped(
            remark.line == 0 ? remark.text
                             : fmt::format("line {}: passed over: {}", remark.line, remark.text));
        text += (remark.is_loss ? paint(Colour::bad, shown_line) : paint(Colour::faint, shown_line)) + "\n";
    }
    if (outcome.remarks.size() > most_shown)
        text += fmt::format("and {} more\n", outcome.remarks.size() - most_shown);
    return text;
}

std::string_view word(Fate fate) {
    switch (fate) {
    case Fate::taken:
        return "taken";
    case Fate::no_meaning:
        return "no_meaning";
    case Fate::by_hand:
        return "by_hand";
    case Fate::refused:
        return "refused";
    }
    return "";
}

Json json_of(const Error& error) {
    return {{"text", error.text}, {"hint", error.hint}};
}

Json json_of(const ImportedConnector& connector) {
    Json properties = Json::array();
    for (const exchange::PropertyFate& property : connector.imported.properties)
        properties.push_back({{"name", property.property},
                              {"fate", word(property.fate)},
                              {"text", property.why.text},
                              {"hint", property.why.hint}});
    Json obstacles = Json::array();
    for (const Error& obstacle : connector.obstacles)
        obstacles.push_back(json_of(obstacle));
    std::vector<std::string> keys;
    for (const conf::KeyText& key : connector.keys)
        keys.push_back(key.key);
    return {{"name", connector.imported.name},   {"line", connector.imported.line},
            {"step", to_string(connector.step)}, {"file", text_or_null(connector.file.string())},
            {"keys", std::move(keys)},           {"properties", std::move(properties)},
            {"obstacles", std::move(obstacles)}};
}

} // namespace

std::size_t ImportOutcome::count(ImportStep step) const {
    return static_cast<std::size_t>(std::ranges::count(connectors, step, &ImportedConnector::step));
}

bool ImportOutcome::is_partial() const {
    return !refusals.empty() || count(ImportStep::refused) > 0 ||
           std::ranges::any_of(remarks, &exchange::Remark::is_loss);
}

bool ImportOutcome::needs_hand() const {
    return std::ranges::any_of(connectors, [](const ImportedConnector& connector) {
        return connector.obstacles.empty() &&
               std::ranges::any_of(connector.imported.properties, [](const exchange::PropertyFate& property) {
                   return property.fate == Fate::by_hand;
               });
    });
}

std::string summary_of(const ImportOutcome& outcome) {
    std::vector<std::string> parts;
    for (const ImportStep step : steps)
        if (const std::size_t count = outcome.count(step); count > 0)
            parts.push_back(fmt::format("{} {}", count, to_string(step)));
    return parts.empty() ? "no connectors" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string report_text(const ImportOutcome& outcome, const std::filesystem::path& folder,
                        const Paint& paint) {
    std::string text = fmt::format("{}: {}, {}\n", conf::escaped(outcome.source), outcome.format,
                                   counted(outcome.connectors.size(), "object"));
    text += remark_lines(outcome, paint);
    for (const ImportedConnector& connector : outcome.connectors)
        text += "\n" + lines_of(connector, folder, paint);
    return text + "\n" + summary_of(outcome) + "\n";
}

Json report_json(const ImportOutcome& outcome) {
    Json connectors = Json::array();
    for (const ImportedConnector& connector : outcome.connectors)
        connectors.push_back(json_of(connector));
    Json remarks = Json::array();
    for (const exchange::Remark& remark : outcome.remarks)
        remarks.push_back({{"line", remark.line}, {"text", remark.text}, {"loss", remark.is_loss}});
    return {{"source", outcome.source},      {"format", outcome.format},
            {"written", outcome.written},    {"connectors", std::move(connectors)},
            {"remarks", std::move(remarks)}, {"refused_by_apply", to_json(outcome.refusals)}};
}

} // namespace sendconnector::ctl
