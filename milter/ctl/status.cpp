// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/findings.hpp"
#include "milter/ctl/overall_state.hpp"
#include "milter/ctl/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using conf::postfix::Attachment;

std::string_view word(Attachment attachment) {
    switch (attachment) {
    case Attachment::attached:
        return "attached";
    case Attachment::detached:
        return "detached";
    case Attachment::partly:
        return "partly";
    }
    return "";
}

std::string_view word(DaemonState::Run run) {
    switch (run) {
    case DaemonState::Run::running:
        return "running";
    case DaemonState::Run::not_running:
        return "not_running";
    case DaemonState::Run::unknown:
        break;
    }
    return "unknown";
}

Json bool_or_null(std::optional<bool> value) {
    return value ? Json(*value) : Json();
}

Json json_of(const OverallState& state) {
    Json json = {
        {"well", state.exit_code() == ExitCode::fine},
        {"configuration",
         {{"file", state.file}, {"usable", state.usable}, {"findings", to_json(state.findings)}}},
        {"daemon",
         {{"state", word(state.daemon.run)},
          {"reason", text_or_null(state.daemon.reason)},
          {"version", text_or_null(state.daemon.version)},
          {"since", text_or_null(state.daemon.since)},
          {"same_configuration", bool_or_null(state.same_configuration)},
          {"postfix_changes", state.daemon.postfix_changes}}},
        {"postfix", Json()},
        {"connectors", Json::array()},
        {"next_hops", Json()},
        {"pending", state.pending},
        {"hints", state.hints},
    };
    if (state.postfix)
        json["postfix"] = {
            {"config_directory", state.postfix->config_directory},
            {"attachment", state.postfix->attachment ? Json(word(*state.postfix->attachment)) : Json()},
            {"running", bool_or_null(state.postfix->running)},
            {"unknown", state.postfix->unknown}};
    if (state.next_hops)
        json["next_hops"] = {{"verified", state.next_hops->verified},
                             {"refused", state.next_hops->refused},
                             {"unknown", state.next_hops->unknown}};
    for (const OverallState::Connector& connector : state.connectors)
        json["connectors"].push_back({{"name", connector.name},
                                      {"service", connector.service},
                                      {"enabled", connector.enabled},
                                      {"applied", bool_or_null(connector.applied)},
                                      {"differs", text_or_null(connector.differs)}});
    return json;
}

std::string configuration_text(const OverallState& state) {
    const std::string counts = to_string(count(state.findings));
    return fmt::format("{}: {}{}{}", state.file, state.usable ? "fine, " + state.extent : "",
                       state.usable && !counts.empty() ? ", " : "", counts);
}

std::string daemon_text(const OverallState& state) {
    if (!state.daemon.is_running())
        return fmt::format("{} ({})",
                           state.daemon.run == DaemonState::Run::not_running ? "not running" : "unknown",
                           state.daemon.reason);
    std::string text = "running";
    if (!state.daemon.version.empty())
        text += fmt::format(", version {}", state.daemon.version);
    if (!state.daemon.since.empty())
        text += fmt::format(", since {}", state.daemon.since);
    if (state.same_configuration)
        text +=
            *state.same_configuration ? ", with this configuration" : ", still with another configuration";
    if (state.daemon.misses_services)
        text += ", holding back mail of connectors that it takes for not applied";
    if (!state.daemon.postfix_changes.empty())
        text += ", careful with routes: main.cf or master.cf has changed since apply (" +
                conf::escaped(fmt::format("{}", fmt::join(state.daemon.postfix_changes, "; "))) + ")";
    return text;
}

std::string postfix_text(const OverallState& state) {
    if (!state.postfix)
        return "unknown (the configuration does not say which instance)";
    const OverallState::Postfix& postfix = *state.postfix;
    std::string text = postfix.config_directory + ": ";
    if (!postfix.attachment)
        text += "attachment unknown";
    else if (*postfix.attachment == Attachment::partly)
        text += "partly attached";
    else
        text += word(*postfix.attachment);
    text += !postfix.running ? "" : *postfix.running ? ", running" : ", not running";
    if (!postfix.unknown.empty())
        text += fmt::format(" ({})", fmt::join(postfix.unknown, "; "));
    return text;
}

std::string applied_text(const OverallState::Connector& connector) {
    if (!connector.enabled)
        return "";
    if (!connector.applied)
        return fmt::format("unknown: {}", connector.differs);
    return connector.differs.empty() ? "True" : fmt::format("False: {}", connector.differs);
}

std::string text_of(const OverallState& state, const Paint& paint) {
    NamedValues facts = {{"Configuration", configuration_text(state)},
                         {"Daemon", daemon_text(state)},
                         {"Postfix", postfix_text(state)}};
    if (state.next_hops)
        facts.emplace_back("Next-hops",
                           fmt::format("{} verified, {} refused, {} not known", state.next_hops->verified,
                                       state.next_hops->refused, state.next_hops->unknown));
    std::string text = format_list(facts);
    std::vector<Row> rows;
    for (const OverallState::Connector& connector : state.connectors)
        rows.push_back({connector.name, connector.service, connector.enabled ? "True" : "False",
                        applied_text(connector)});
    const auto decorate = [&](std::size_t row, const std::string& line) {
        const OverallState::Connector& connector = state.connectors[row];
        return connector.enabled ? paint(connector.differs.empty() ? Colour::good : Colour::bad, line)
                                 : paint(Colour::faint, line);
    };
    if (!rows.empty())
        text += "\n" + format_table({"Identity", "Service", "Enabled", "Applied"}, rows, decorate);
    text += "\n";
    for (const conf::Finding& finding : state.findings)
        if (finding.severity == conf::Severity::warning)
            text += paint(Colour::doubtful,
                          conf::escaped(fmt::format("warning: {}{}{}", finding.text,
                                                    finding.hint.empty() ? "" : "; ", finding.hint))) +
                    "\n";
    if (state.hints.empty())
        return text +
               (state.could_not_tell ? paint(Colour::doubtful, "could not tell everything")
                                     : paint(Colour::good, "all is well")) +
               "\n";
    for (const std::string& hint : state.hints)
        text += paint(Colour::doubtful, "* " + hint) + "\n";
    return text;
}

} // namespace

ExitCode status(Context& context) {
    const OverallState state = overall_state(context);
    if (context.json())
        context.print_json(json_of(state));
    else
        context.print(text_of(state, context.paint()));
    return state.exit_code();
}

} // namespace sendconnector::ctl
