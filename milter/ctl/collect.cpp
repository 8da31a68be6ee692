// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/collect.hpp"

#include "conf/protocol_log.hpp"
#include "conf/slug.hpp"
#include "milter/ctl/protocol_collector.hpp"

#include <csignal>
#include <fmt/format.h>
#include <map>
#include <sys/signalfd.h>

namespace sendconnector::ctl {
namespace {

constexpr std::chrono::seconds between_looks{10};

// The connectors' names, of a configuration that may change while the collector runs.
class Names {
public:
    explicit Names(const Context& context) : m_context(context) { read(); }

    std::string of(std::string_view slug) {
        const auto known = m_names.find(slug);
        if (known != m_names.end())
            return known->second;
        if (std::chrono::steady_clock::now() > m_read + between_looks) {
            read();
            if (const auto found = m_names.find(slug); found != m_names.end())
                return found->second;
        }
        return std::string(slug);
    }

private:
    void read() {
        m_read = std::chrono::steady_clock::now();
        const conf::Loaded loaded = m_context.load();
        if (!loaded.configuration)
            return;
        for (const policy::SendConnector& connector : loaded.configuration->policy->connectors())
            m_names[conf::slug(connector.name)] = connector.name;
    }

    const Context& m_context;
    std::chrono::steady_clock::time_point m_read;
    std::map<std::string, std::string, std::less<>> m_names;
};

conf::postfix::FileDescriptor end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return conf::postfix::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
}

// Whatever is wrong: smtp(8) waits for who does not listen.
MailLogForwarder::Target mail_log_of(Context& context, const conf::Configuration& places) {
    const auto target = conf::postfix::Instance::open(places.postfix.config_directory)
                            .and_then([](const conf::postfix::Instance& instance) {
                                return MailLogForwarder::target_of(instance);
                            });
    if (target)
        return *target;
    context.warn(to_string(target.error()));
    return {};
}

} // namespace

ExitCode collect(Context& context) {
    const conf::Loaded loaded = context.load();
    std::optional<conf::Configuration> places = configuration_or_places(context, loaded);
    if (!places) {
        context.warn("the configuration does not say where things are, so they are where they are by "
                     "default; run sendconnectorctl check");
        places.emplace();
    }
    const MailLogForwarder::Target target = mail_log_of(context, *places);
    const conf::postfix::FileDescriptor stop = end_signals();
    Result<CollectorSocket> socket =
        CollectorSocket::open(conf::protocol_log_socket(places->daemon.lookup_socket));
    if (!socket)
        return context.fail(socket.error());
    Names names(context);
    ProtocolCollector collector(
        std::move(*socket), target, places->daemon.protocol_log_directory,
        [&](std::string_view slug) { return names.of(slug); },
        [&](const std::string& text) { context.warn(text); });
    collector.run(stop.get());
    return ExitCode::fine;
}

std::vector<conf::Finding> missing_collector(const conf::Configuration& configuration) {
    std::vector<conf::Finding> findings;
    const std::string socket = conf::protocol_log_socket(configuration.daemon.lookup_socket);
    const auto& connectors = configuration.policy->connectors();
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        const policy::SendConnector& connector = connectors[i];
        if (!connector.enabled || connector.protocol_logging_level != policy::ProtocolLoggingLevel::verbose ||
            is_listened_to(socket))
            continue;
        const conf::Origin origin =
            i < configuration.origins.size() ? configuration.origins[i] : conf::Origin{};
        const auto written = origin.keys.find("protocol_logging_level");
        const conf::Spot at =
            written == origin.keys.end() ? conf::Spot{origin.line, origin.column} : written->second;
        findings.push_back(
            {conf::Severity::error, origin.file, at.line, at.column, connector.name,
             fmt::format("protocol_logging_level = \"Verbose\": nobody listens at {}, and all that "
                         "this connector's smtp(8) logs would be lost",
                         socket),
             "run: sudo systemctl enable --now sendconnector-log.socket"});
    }
    return findings;
}

} // namespace sendconnector::ctl
