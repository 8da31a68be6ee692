// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/reload.hpp"

#include "milter/endpoint/log_text.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::daemon {

using conf::postfix::Snapshot;
using endpoint::LogLevel;

namespace {

conf::Finding not_applied(const Snapshot& snapshot, const conf::postfix::Route& route,
                          conf::Severity severity) {
    const auto& configuration = snapshot.configuration();
    const auto index = static_cast<std::size_t>(route.connector - snapshot.policy().connectors().data());
    const auto origin = index < configuration.origins.size() ? configuration.origins[index]
                                                             : conf::Origin{configuration.file.string()};
    return {severity,
            origin.file,
            origin.line,
            origin.column,
            route.connector->name,
            "is not applied, Postfix does not have its service as the configuration wants it",
            "run sendconnectorctl apply"};
}

// What a running daemon cannot change.
void compare_fixed(const conf::DaemonSettings& now, const conf::DaemonSettings& wanted, LoadReport& report) {
    const auto compare = [&](std::string_view key, const std::string& is, const std::string& should_be) {
        if (is != should_be) {
            report.warnings.push_back(
                fmt::format("[daemon] {} stays {} until sendconnectord is restarted; the "
                            "configuration says {}",
                            key, is, should_be));
        }
    };
    compare("milter_socket", now.milter_socket, wanted.milter_socket);
    compare("lookup_socket", now.lookup_socket, wanted.lookup_socket);
    compare("control_socket", now.control_socket, wanted.control_socket);
}

} // namespace

Reload::Reload(std::filesystem::path file, std::shared_ptr<SnapshotHolder> holder,
               std::shared_ptr<endpoint::LogSink> log)
    : m_file(std::move(file)), m_holder(std::move(holder)), m_log(std::move(log)) {}

const LoadReport& Reload::load() {
    const bool first = m_holder->get() == nullptr;
    LoadReport report;
    report.at = std::chrono::system_clock::now();
    try {
        load_into(report);
    } catch (const std::exception& error) {
        report.errors.push_back(fmt::format("{}: {}", m_file.string(), error.what()));
    }
    report.ok = report.errors.empty();
    log(report, first);
    m_last = std::move(report);
    return m_last;
}

void Reload::load_into(LoadReport& report) {
    auto loaded = conf::load_configuration(m_file);
    for (const auto& finding : loaded.findings) {
        auto& list = finding.severity == conf::Severity::warning ? report.warnings : report.errors;
        list.push_back(conf::to_string(finding));
    }
    if (!loaded.configuration) {
        if (report.errors.empty()) {
            report.errors.push_back(fmt::format("{}: not usable", m_file.string()));
        }
        return;
    }
    auto applied = conf::postfix::read_applied(loaded.configuration->daemon.state_directory);
    if (!applied) {
        report.errors.push_back(to_string(applied.error()));
        return;
    }
    const auto next = std::make_shared<const Snapshot>(std::move(*loaded.configuration), std::move(*applied));
    const auto running = m_holder->get();
    for (const auto* route : next->unapplied()) {
        const auto severity = running ? conf::Severity::error : conf::Severity::warning;
        auto& list = running ? report.errors : report.warnings;
        list.push_back(conf::to_string(not_applied(*next, *route, severity)));
    }
    if (!report.errors.empty()) {
        return;
    }
    if (m_fixed) {
        compare_fixed(*m_fixed, next->configuration().daemon, report);
    } else {
        m_fixed = next->configuration().daemon;
    }
    m_holder->set(next);
}

void Reload::log(const LoadReport& report, bool first) const {
    for (const auto& warning : report.warnings) {
        m_log->write(LogLevel::warning, endpoint::printable(warning, 1500));
    }
    for (const auto& error : report.errors) {
        m_log->write(LogLevel::error, endpoint::printable(error, 1500));
    }
    if (!report.ok) {
        m_log->write(LogLevel::error, first ? "the configuration is not usable"
                                            : "reload refused; the former configuration stays in force");
        return;
    }
    const auto snapshot = m_holder->get();
    const auto& connectors = snapshot->policy().connectors();
    const auto enabled =
        std::count_if(connectors.begin(), connectors.end(), [](const auto& c) { return c.enabled; });
    m_log->write(LogLevel::info, fmt::format("configuration={} connectors={} enabled={} senders={} digest={}",
                                             endpoint::in_quotes(m_file.string()), connectors.size(), enabled,
                                             snapshot->policy().senders().size(), snapshot->digest()));
}

} // namespace sendconnector::daemon
