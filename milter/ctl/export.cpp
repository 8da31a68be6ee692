// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/clixml_writer.hpp"
#include "conf/exchange/connector_object.hpp"
#include "conf/exchange/json_writer.hpp"
#include "conf/exchange/powershell_writer.hpp"
#include "conf/exchange/toml_writer.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/named_connectors.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;

Result<std::vector<const policy::SendConnector*>> chosen(const policy::Policy& policy,
                                                         const Invocation& invocation) {
    if (!invocation.arguments.empty())
        return named_connectors(policy, invocation);
    std::vector<const policy::SendConnector*> all;
    for (const policy::SendConnector& connector : policy.connectors())
        all.push_back(&connector);
    return all;
}

std::vector<exchange::Object> objects_of(const conf::Configuration& configuration,
                                         const std::vector<const policy::SendConnector*>& connectors) {
    std::vector<exchange::Object> objects;
    for (const policy::SendConnector* connector : connectors) {
        const auto index = static_cast<std::size_t>(connector - configuration.policy->connectors().data());
        objects.push_back(exchange::exported_object(*connector, configuration.without_effect[index]));
    }
    return objects;
}

std::string as_toml(const std::vector<exchange::Object>& objects) {
    std::string text;
    for (const exchange::Object& object : objects)
        text += (text.empty() ? "" : "\n") + exchange::toml_of(object);
    return text;
}

std::string as_powershell(const std::vector<exchange::Object>& objects) {
    std::string text =
        "# Parameters that Exchange does not have, such as -Senders, are sendconnector's own.\n";
    for (const exchange::Object& object : objects)
        text += "\n" + exchange::powershell_of(exchange::without_defaults(object));
    return text;
}

} // namespace

ExitCode export_connectors(Context& context) {
    const std::string format = context.invocation().value("format", context.json() ? "json" : "toml");
    if (format != "toml" && format != "json" && format != "powershell" && format != "clixml")
        return context.fail({fmt::format("--format {} is none of toml, json, powershell, clixml", format),
                             "use one of these"});
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const auto connectors = chosen(*configuration->policy, context.invocation());
    if (!connectors) {
        context.fail(connectors.error());
        return ExitCode::no;
    }
    const std::vector<exchange::Object> objects = objects_of(*configuration, *connectors);
    context.print(format == "json"         ? exchange::json_of(objects)
                  : format == "clixml"     ? exchange::clixml_of(objects)
                  : format == "powershell" ? as_powershell(objects)
                                           : as_toml(objects));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
