// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/tls_words.hpp"

namespace sendconnector::ctl {
namespace {

Json json_of(const policy::SendConnector& connector, const MaybeApplied& applied) {
    return {{"name", connector.name},
            {"address_spaces", texts_of(connector.address_spaces)},
            {"enabled", connector.enabled},
            {"senders", texts_of(connector.senders)},
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

constexpr Column narrow[] = {
    {"Identity", "name"}, {"AddressSpaces", "address_spaces"}, {"Enabled", "enabled"}};
constexpr Column wide[] = {{"Identity", "name"},
                           {"AddressSpaces", "address_spaces"},
                           {"Enabled", "enabled"},
                           {"Senders", "senders"},
                           {"SmartHosts", "smart_hosts"},
                           {"Port", "port"},
                           {"TLS", "tls"},
                           {"Service", "service"},
                           {"Applied", "applied"}};

std::string table_of(const Json& connectors, std::span<const Column> columns) {
    Row headers;
    for (const Column& column : columns)
        headers.emplace_back(column.header);
    std::vector<Row> rows;
    for (const Json& connector : connectors) {
        Row& row = rows.emplace_back();
        for (const Column& column : columns) {
            const Json& value = connector.at(column.member);
            row.push_back(value.is_null() ? "unknown" : exchange_text(value));
        }
    }
    return format_table(headers, rows);
}

} // namespace

ExitCode list(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const bool all = context.json() || context.invocation().has("wide");
    const MaybeApplied applied = all ? applied_of(context, *configuration) : std::nullopt;
    Json connectors = Json::array();
    for (const policy::SendConnector& connector : configuration->policy->connectors())
        connectors.push_back(json_of(connector, applied));
    if (context.json())
        context.print_json(connectors);
    else
        context.print(
            table_of(connectors, all ? std::span<const Column>(wide) : std::span<const Column>(narrow)));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
