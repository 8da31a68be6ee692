// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/commands.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/daemon_failure.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/verified_hops.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

// The daemon bounds how long it lets a question wait for probes and downloads.
constexpr std::chrono::seconds refresh_patience{120};

// Empty: every connector.
using Names = std::vector<std::string>;

bool is_wanted(const Names& names, const nlohmann::json& hop) {
    const auto found = hop.find("connector");
    return names.empty() || (found != hop.end() && found->is_string() &&
                             std::ranges::find(names, found->get<std::string>()) != names.end());
}

ControlAnswer ask(const std::string& control_socket, bool refresh, const Names& names) {
    if (!refresh)
        return ask_daemon(control_socket, "tls", control_patience);
    if (names.size() != 1)
        return put_to_daemon(control_socket, nlohmann::json{{"command", "tls"}, {"refresh", true}},
                             refresh_patience);
    return put_to_daemon(control_socket,
                         nlohmann::json{{"command", "tls"}, {"refresh", true}, {"connector", names.front()}},
                         refresh_patience);
}

Colour colour_of(const std::string& state) {
    if (state == "verified")
        return Colour::good;
    return state == "refused" ? Colour::bad : Colour::doubtful;
}

std::string table_of(const std::vector<VerifiedHop>& hops, const Paint& paint) {
    std::vector<Row> rows;
    for (const VerifiedHop& hop : hops)
        rows.push_back({hop.next_hop, hop.connector, hop.state, span_text(hop.age_seconds),
                        span_text(hop.next_check_seconds), hop.reason});
    return format_table(
        {"NextHop", "Connector", "State", "Age", "NextCheck", "Reason"}, rows,
        [&](std::size_t row, const std::string& line) { return paint(colour_of(hops[row].state), line); });
}

std::string addresses_of(const std::vector<VerifiedHop>& hops, const Paint& paint) {
    std::vector<Row> rows;
    std::vector<Colour> colours;
    for (const VerifiedHop& hop : hops)
        for (const VerifiedHop::Address& address : hop.addresses) {
            const bool passes = address.passes.value_or(false);
            rows.push_back({hop.next_hop, address.address, address.host, passes ? "True" : "False",
                            address.protocol, address.subject, address.not_after, address.reason});
            colours.push_back(passes ? Colour::good : Colour::bad);
        }
    if (rows.empty())
        return {};
    return "\n" +
           format_table({"NextHop", "Address", "Host", "Passes", "Protocol", "Subject", "NotAfter", "Reason"},
                        rows,
                        [&](std::size_t row, const std::string& line) { return paint(colours[row], line); });
}

std::string policies_of(const std::vector<VerifiedHop>& hops) {
    std::vector<Row> rows;
    for (const VerifiedHop& hop : hops)
        rows.push_back({hop.next_hop, hop.policy});
    return "\n" + format_table({"NextHop", "Policy"}, rows);
}

Result<Names> names_of(const Invocation& invocation, const conf::Configuration& configuration) {
    Names names;
    if (invocation.arguments.empty())
        return names;
    const auto connectors = named_connectors(*configuration.policy, invocation);
    if (!connectors)
        return tl::unexpected<Error>(connectors.error());
    for (const policy::SendConnector* connector : *connectors)
        names.push_back(connector->name);
    return names;
}

void print(Context& context, const std::vector<VerifiedHop>& hops) {
    if (hops.empty()) {
        context.print(
            "the daemon has verified nothing: no connector wants certificates verified, or none was "
            "asked about yet\n");
        return;
    }
    context.print(table_of(hops, context.paint()));
    if (context.invocation().has("wide"))
        context.print(addresses_of(hops, context.paint()) + policies_of(hops));
}

} // namespace

ExitCode tls(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const Result<Names> names = names_of(context.invocation(), *configuration);
    if (!names)
        return context.fail(names.error());
    const bool refresh = context.invocation().has("refresh");
    if (refresh)
        context.transient("the daemon verifies anew");
    ControlAnswer answer = ask(configuration->daemon.control_socket, refresh, *names);
    context.transient("");
    if (!answer)
        return context.fail(what_to_do(answer.error(), context.invocation()));
    if (!answer->at("ok").get<bool>()) {
        for (const std::string& error : errors_of(*answer))
            context.fail({error});
        return ExitCode::could_not_tell;
    }
    nlohmann::json& listed = (*answer)["next_hops"];
    nlohmann::json kept = nlohmann::json::array();
    if (listed.is_array())
        for (const nlohmann::json& hop : listed)
            if (hop.is_object() && is_wanted(*names, hop))
                kept.push_back(hop);
    listed = std::move(kept);
    const std::vector<VerifiedHop> hops = verified_hops(*answer);
    if (context.json())
        context.print_json(Json(*answer));
    else
        print(context, hops);
    return std::ranges::all_of(hops, [](const VerifiedHop& hop) { return hop.state == "verified"; })
               ? ExitCode::fine
               : ExitCode::no;
}

} // namespace sendconnector::ctl
