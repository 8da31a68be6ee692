// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/connector_details.hpp"
#include "milter/ctl/connector_table.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/wildcard.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using Connectors = std::vector<const policy::SendConnector*>;

enum class Format { table, list };

Result<Format> format_of(const conf::exchange::Cmdlet& cmdlet) {
    if (cmdlet.find("Format") == nullptr)
        return Format::table;
    std::string word = policy::fold_case(cmdlet.text("Format"));
    if (word.starts_with("format-"))
        word.erase(0, std::string_view("format-").size());
    if (word == "list" || word == "fl")
        return Format::list;
    if (word == "table" || word == "ft")
        return Format::table;
    return fail(fmt::format("-Format: \"{}\" is not one of its values", cmdlet.text("Format")),
                "use one of List, Table");
}

bool is_selected(const std::string& name, std::span<const std::string> properties) {
    return std::ranges::any_of(properties,
                               [&](const std::string& each) { return matches_wildcard(name, each); });
}

std::string selected_text(const conf::Configuration& configuration, const policy::SendConnector& connector,
                          std::span<const std::string> properties) {
    NamedValues values;
    if (is_selected("Identity", properties))
        values.emplace_back("Identity", connector.name);
    for (const Parameter& parameter : parameters_of(configuration, connector))
        if (is_selected(parameter.name, properties))
            values.emplace_back(parameter.name, exchange_text(parameter.value));
    return format_list(values);
}

void print_list(Context& context, const conf::Configuration& configuration, const Connectors& connectors,
                std::span<const std::string> properties) {
    const MaybeApplied applied = properties.empty() ? applied_of(context, configuration) : std::nullopt;
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        context.print(i > 0 ? "\n" : "");
        context.print(properties.empty() ? details_text(configuration, *connectors[i], applied)
                                         : selected_text(configuration, *connectors[i], properties));
    }
}

} // namespace

Result<Connectors> identified(const policy::Policy& policy, const Invocation& invocation,
                              const std::string& identity) {
    Connectors connectors;
    if (!has_wildcard(identity)) {
        const Result<const policy::SendConnector*> one = named_connector(policy, invocation, identity);
        if (!one)
            return tl::unexpected<Error>(one.error());
        connectors.push_back(*one);
        return connectors;
    }
    for (const policy::SendConnector& connector : policy.connectors())
        if (matches_wildcard(connector.name, identity))
            connectors.push_back(&connector);
    return connectors;
}

ExitCode get_connectors(Context& context, const conf::exchange::Cmdlet& cmdlet,
                        std::span<const std::string> properties) {
    const Result<Format> format = format_of(cmdlet);
    if (!format)
        return context.fail(format.error());
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const std::string identity = cmdlet.find("Identity") == nullptr ? "*" : cmdlet.text("Identity");
    const Result<Connectors> connectors = identified(*configuration->policy, context.invocation(), identity);
    if (!connectors) {
        context.fail(connectors.error());
        return ExitCode::no;
    }
    if (context.json()) {
        const MaybeApplied applied = applied_of(context, *configuration);
        Json array = Json::array();
        for (const policy::SendConnector* connector : *connectors)
            array.push_back(details_json(*configuration, *connector, applied));
        context.print_json(array);
    } else if (*format == Format::list || !properties.empty()) {
        print_list(context, *configuration, *connectors, properties);
    } else if (!connectors->empty()) {
        context.print(connector_table(*connectors));
    }
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
