// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/applied.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/facts_json.hpp"
#include "conf/postfix/octets.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/slug.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace sendconnector::conf::postfix {
namespace {

using nlohmann::json;

// Goes up when an older program could no longer read the file.
constexpr int format = 1;

json to_json(const Applied& applied) {
    json services = json::object();
    for (const auto& [name, service] : applied.services) {
        services[name] = {
            {"connector", service.connector}, {"settings", service.settings}, {"rendered", service.rendered}};
    }
    json all = {{"format", format},
                {"config_directory", octets_to_text(applied.config_directory)},
                {"queue_directory", octets_to_text(applied.queue_directory)},
                {"mail_version", applied.mail_version},
                {"helo_name", applied.helo_name},
                {"host_names", applied.host_names},
                {"message_size_limit", applied.facts.message_size_limit},
                {"facts", facts_to_json(applied.facts)},
                {"split_listener", applied.split_listener},
                {"services", services}};
    if (!applied.pending.empty()) {
        all["pending"] = applied.pending;
    }
    if (applied.unterminated_line) {
        all["unterminated_line"] = octets_to_text(*applied.unterminated_line);
    }
    return all;
}

// Throws json::exception when something is missing or of another type.
Applied from_json(const json& all) {
    Applied applied;
    applied.config_directory = text_to_octets(all.at("config_directory").get<std::string>());
    applied.queue_directory = text_to_octets(all.at("queue_directory").get<std::string>());
    applied.mail_version = all.at("mail_version").get<std::string>();
    applied.helo_name = all.value("helo_name", ""); // earlier ones have none
    applied.host_names = all.value("host_names", HostNames());
    if (all.contains("facts")) {
        applied.facts = facts_from_json(all.at("facts"));
    }
    applied.facts.message_size_limit = all.at("message_size_limit").get<std::uint64_t>();
    applied.split_listener = all.value("split_listener", "");
    for (const auto& [name, service] : all.at("services").items()) {
        applied.services[name] = {service.at("connector").get<std::string>(),
                                  service.at("settings").get<std::string>(),
                                  service.at("rendered").get<std::string>()};
    }
    if (all.contains("pending")) {
        applied.pending = all.at("pending").get<std::set<std::string>>();
    }
    if (all.contains("unterminated_line")) {
        applied.unterminated_line = text_to_octets(all.at("unterminated_line").get<std::string>());
    }
    return applied;
}

} // namespace

std::filesystem::path applied_file(const std::string& state_directory) {
    return std::filesystem::path(state_directory) / "applied.json";
}

Result<Applied> read_applied(const std::string& state_directory) {
    const std::filesystem::path path = applied_file(state_directory);
    const auto content = read_file(path);
    if (!content) {
        return tl::unexpected(content.error());
    }
    if (!*content) {
        return Applied();
    }
    constexpr const char* hint = "move it away and run sendconnectorctl apply";
    try {
        const json all = json::parse(**content);
        if (const int found = all.at("format").get<int>(); found != format) {
            return fail(
                fmt::format("{} has format {}, this version reads format {}", path.string(), found, format),
                hint);
        }
        return from_json(all);
    } catch (const json::exception& error) {
        return fail(fmt::format("{} is damaged: {}", path.string(), error.what()), hint);
    }
}

Result<void> write_applied(const std::string& state_directory, const Applied& applied) {
    struct stat directory {};
    if (stat(state_directory.c_str(), &directory) != 0) {
        return fail(fmt::format("there is no folder {}", state_directory));
    }
    return write_file(applied_file(state_directory),
                      to_json(applied).dump(2, ' ', false, json::error_handler_t::replace) + "\n", 0640,
                      FileOwner{geteuid(), directory.st_gid});
}

bool is_relayed(const Applied& applied, const policy::SendConnector& connector) {
    return conf::is_relayed(connector, applied.host_names.empty() ? this_host() : applied.host_names);
}

std::string wanted_settings(const Applied& applied, const policy::SendConnector& connector) {
    return is_relayed(applied, connector) ? sha256_hex("relayed " + settings_digest(relaying(connector)))
                                          : settings_digest(connector);
}

bool is_applied(const Applied& applied, const policy::SendConnector& connector) {
    const auto service = applied.services.find(conf::service_name(connector.name));
    return service != applied.services.end() &&
           service->second.settings == wanted_settings(applied, connector);
}

} // namespace sendconnector::conf::postfix
