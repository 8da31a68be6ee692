// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/status.hpp"

#include "milter/endpoint/log_text.hpp"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace sendconnector::daemon {

using nlohmann::json;

namespace {

json connectors(const conf::postfix::Snapshot& snapshot) {
    json list = json::array();
    for (const auto& connector : snapshot.policy().connectors()) {
        const auto& route = snapshot.route_of(connector);
        list.push_back({{"name", connector.name},
                        {"service", route.service},
                        {"enabled", connector.enabled},
                        {"applied", route.applied}});
    }
    return list;
}

json tls(const starttls::VerifierCounters& counters) {
    return {{"asked", counters.asked.load()},         {"waited", counters.waited.load()},
            {"timed_out", counters.timed_out.load()}, {"verifications", counters.verifications.load()},
            {"evicted", counters.evicted.load()},     {"next_hops", counters.next_hops.load()},
            {"verified", counters.verified.load()},   {"refused", counters.refused.load()},
            {"unknown", counters.unknown.load()},     {"probing", counters.probing.load()}};
}

// main.cf may hold any octets.
json texts(const std::vector<std::string>& list) {
    json array = json::array();
    for (const auto& text : list) {
        array.push_back(endpoint::printable(text, 1000));
    }
    return array;
}

json postfix(const conf::postfix::FactsWatch::Report& report) {
    return {{"facts", conf::postfix::to_string(report.state)},
            {"changes", texts(report.changes)},
            {"expansions", texts(report.facts->expansions)},
            {"sender_rewriting", texts(report.facts->sender_rewriting)},
            {"filters", texts(report.facts->filters)}};
}

} // namespace

std::string utc(std::chrono::system_clock::time_point time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

json status(const StatusSources& from) {
    return {
        {"ok", true},
        {"version", SENDCONNECTOR_VERSION},
        {"pid", ::getpid()},
        {"since", utc(from.since)},
        {"configuration", from.snapshot.configuration().file.string()},
        {"digest", from.snapshot.digest()},
        {"connectors", connectors(from.snapshot)},
        {"sockets",
         {{"milter", from.sockets.milter_socket},
          {"lookup", from.sockets.lookup_socket},
          {"control", from.sockets.control_socket}}},
        {"counters",
         {{"lookup",
           {{"connections", from.lookup_connections.connections.load()},
            {"refused", from.lookup_connections.refused.load()},
            {"broken", from.lookup_connections.broken.load()},
            {"requests", from.lookup_connections.requests.load()},
            {"ok", from.lookup_answers.ok.load()},
            {"not_found", from.lookup_answers.not_found.load()},
            {"temporary", from.lookup_answers.temporary.load()}}},
          {"milter",
           {{"connections", from.filter.connections.load()},
            {"messages", from.filter.messages.load()},
            {"left_to_lookup", from.filter.left_to_lookup.load()},
            {"accepted", from.filter.accepted.load()},
            {"routed", from.filter.routed.load()},
            {"rejected_size", from.filter.rejected_size.load()},
            {"rejected_sender", from.filter.rejected_sender.load()},
            {"temporary", from.filter.temporary.load()}}},
          {"tls", tls(from.tls)}}},
        {"postfix", postfix(from.facts)},
        {"last_reload",
         {{"at", utc(from.last_load.at)},
          {"ok", from.last_load.ok},
          {"errors", from.last_load.errors},
          {"warnings", from.last_load.warnings}}},
    };
}

} // namespace sendconnector::daemon
