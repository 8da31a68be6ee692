// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/connector_table.hpp"
#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/tls_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

Json json_of(const conf::Configuration& configuration, const policy::SendConnector& connector,
             const MaybeApplied& applied) {
    return {{"name", connector.name},
            {"address_spaces", texts_of(connector.address_spaces)},
            {"enabled", connector.enabled},
            {"senders", texts_of(connector.senders)},
            {"listed_senders", listed_senders(configuration, connector)},
            {"smart_hosts", texts_of(connector.smart_hosts)},
            {"port", connector.port},
            {"tls", tls_short(connector)},
            {"service", conf::service_name(connector.name)},
            {"applied", is_applied_json(applied, connector)}};
}

struct Column {
    const char* header;
    const char* member;
};

constexpr Column wide[] = {{"Identity", "name"},
                           {"AddressSpaces", "address_spaces"},
                           {"Enabled", "enabled"},
                           {"Senders", "senders"},
                           {"SmartHosts", "smart_hosts"},
                           {"Port", "port"},
                           {"TLS", "tls"},
                           {"Service", "service"},
                           {"Applied", "applied"}};

std::string wide_table(const Json& connectors) {
    Row headers;
    for (const Column& column : wide)
        headers.emplace_back(column.header);
    std::vector<Row> rows;
    for (const Json& connector : connectors) {
        Row& row = rows.emplace_back();
        for (const Column& column : wide) {
            const Json& value = connector.at(column.member);
            row.push_back(value.is_null() ? "unknown" : exchange_text(value));
            // Nobody reads a million of them in a cell.
            if (const auto listed = connector.at("listed_senders").get<std::size_t>();
                listed > 0 && value == connector.at("senders"))
                row.back() = fmt::format("{} and {} in files", row.back(), listed);
        }
    }
    return format_table(headers, rows);
}

} // namespace

ExitCode list(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const std::vector<policy::SendConnector>& connectors = configuration->policy->connectors();
    if (!context.json() && !context.invocation().has("wide")) {
        std::vector<const policy::SendConnector*> all;
        for (const policy::SendConnector& connector : connectors)
            all.push_back(&connector);
        context.print(connector_table(all));
        return ExitCode::fine;
    }
    const MaybeApplied applied = applied_of(context, *configuration);
    Json rows = Json::array();
    for (const policy::SendConnector& connector : connectors)
        rows.push_back(json_of(*configuration, connector, applied));
    if (context.json())
        context.print_json(rows);
    else
        context.print(wide_table(rows));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
