// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/validation.hpp"

#include "conf/postfix/instance.hpp"
#include "milter/starttls/connector_request.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace sendconnector::ctl {
namespace {

namespace asio = boost::asio;

// Enough to be done soon, and few enough for an ordinary limit of open files.
constexpr std::size_t most_at_a_time = 32;

class SilentLog : public endpoint::LogSink {
public:
    void write(endpoint::LogLevel, std::string_view) noexcept override {}
};

struct Families {
    bool ipv4 = true;
    bool ipv6 = true;
    friend auto operator<=>(const Families&, const Families&) = default;
};

// How Postfix' own sessions look. Without Postfix at hand every address is tried, under this host's name.
struct Site {
    Families families;     // inet_protocols
    std::string helo_name; // smtp_helo_name
};

Site site_of(const conf::Configuration& configuration) {
    auto values = conf::postfix::Instance::open(configuration.postfix.config_directory)
                      .and_then([](const conf::postfix::Instance& instance) {
                          return instance.parameters({"inet_protocols", "smtp_helo_name"});
                      });
    if (!values)
        return {};
    const std::string protocols = (*values)["inet_protocols"];
    const auto has = [&](std::string_view family) {
        return protocols.empty() || protocols == "all" || protocols.find(family) != std::string::npos;
    };
    return {{has("ipv4"), has("ipv6")}, (*values)["smtp_helo_name"]};
}

// A connector with a source address of one family uses that family only.
Families families_of(const policy::SendConnector& connector, Families site) {
    if (connector.source_ipv4.empty() && connector.source_ipv6.empty())
        return site;
    return {!connector.source_ipv4.empty(), !connector.source_ipv6.empty()};
}

starttls::RevocationStoreSettings store_settings(const conf::Configuration& configuration) {
    starttls::RevocationStoreSettings settings;
    settings.directory = std::filesystem::path(configuration.daemon.state_directory) / "revocation";
    settings.read_only = true; // the daemon's
    settings.fetch_time = configuration.tls.revocation_fetch_time;
    settings.retry_after_failure = configuration.tls.revocation_retry;
    return settings;
}

class Trial {
public:
    Trial(const conf::Configuration& configuration, const ValidationProgress& progress)
        : m_configuration(configuration), m_progress(progress), m_site(site_of(configuration)),
          m_store(m_context, store_settings(configuration), std::make_shared<SilentLog>()),
          m_at_a_time(std::clamp<std::size_t>(static_cast<std::size_t>(configuration.tls.parallel_probes), 1,
                                              most_at_a_time)) {}

    std::vector<TriedConnector> run(const std::vector<HopToTry>& hops) {
        prepare(hops);
        for (std::size_t i = 0; i < m_at_a_time; ++i)
            start_next();
        while (m_finished < m_jobs.size() && m_context.run_one() > 0) {
        }
        return std::move(m_connectors);
    }

private:
    struct Job {
        std::size_t connector;
        std::size_t hop;
        std::unique_ptr<starttls::Verification> verification;
    };

    void prepare(const std::vector<HopToTry>& hops) {
        std::optional<starttls::ConnectorRequest> request;
        for (const HopToTry& hop : hops) {
            if (m_connectors.empty() || m_connectors.back().connector != hop.connector)
                request = open_connector(*hop.connector);
            if (request)
                add_job(hop, *request);
        }
    }

    std::optional<starttls::ConnectorRequest> open_connector(const policy::SendConnector& connector) {
        TriedConnector& tried = m_connectors.emplace_back(TriedConnector{&connector, {}, {}, {}});
        Result<starttls::ConnectorRequest> request =
            starttls::connector_request(m_configuration, connector, m_site.helo_name);
        if (!request) {
            tried.failure = request.error();
            return std::nullopt;
        }
        tried.remarks = request->remarks;
        return std::move(*request);
    }

    void add_job(const HopToTry& hop, const starttls::ConnectorRequest& of_connector) {
        TriedHop& tried = m_connectors.back().hops.emplace_back(
            TriedHop{hop,
                     starttls::hop_request(of_connector, *hop.connector, hop.host, hop.next_hop),
                     {},
                     {},
                     {},
                     {}});
        tried.judged.reason = "the attempt did not come to its end";
        // Somebody waits for the whole answer, not for the first that counts.
        tried.request.revocation_patience = std::max<std::chrono::milliseconds>(
            tried.request.revocation_patience, m_configuration.tls.revocation_fetch_time);
        m_jobs.push_back({m_connectors.size() - 1, m_connectors.back().hops.size() - 1, nullptr});
    }

    starttls::Resolver& resolver_for(const policy::SendConnector& connector) {
        const Families families = families_of(connector, m_site.families);
        return m_resolvers
            .try_emplace(
                families, m_context,
                starttls::Resolver::Settings{m_configuration.tls.name_servers, families.ipv4, families.ipv6})
            .first->second;
    }

    TriedHop& tried_of(const Job& job) { return m_connectors[job.connector].hops[job.hop]; }

    void start_next() {
        if (m_started == m_jobs.size())
            return;
        Job& job = m_jobs[m_started++];
        const TriedHop& tried = tried_of(job);
        const starttls::Verification::Parts parts{
            m_context, resolver_for(*tried.hop.connector), m_store,
            [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }};
        job.verification = starttls::Verification::start(
            parts, tried.request,
            [this, hop = tried.hop.next_hop](const std::string& step) {
                tell(fmt::format("{}: {}", hop, step));
            },
            [this, &job](starttls::HopReport report) { finish(job, std::move(report)); });
    }

    void finish(Job& job, starttls::HopReport report) {
        TriedHop& tried = tried_of(job);
        tried.report = std::move(report);
        const policy::TlsMode mode = policy::tls_requirement(*tried.hop.connector).mode;
        for (const starttls::AddressReport& address : tried.report.addresses)
            tried.addresses.push_back(judge_address(address, mode));
        tried.judged = judge_hop(tried.report, tried.addresses);
        ++m_finished;
        tell(fmt::format("{}: {}", tried.hop.next_hop, word(tried.judged.result)));
        // Not from within its own call.
        asio::post(m_context, [this, &job] {
            job.verification.reset();
            start_next();
        });
    }

    void tell(const std::string& step) const {
        if (m_progress)
            m_progress(m_finished, m_jobs.size(), step);
    }

    const conf::Configuration& m_configuration;
    const ValidationProgress& m_progress;
    Site m_site;
    asio::io_context m_context{1};
    std::map<Families, starttls::Resolver> m_resolvers;
    starttls::RevocationStore m_store;
    std::size_t m_at_a_time;
    std::vector<TriedConnector> m_connectors;
    std::vector<Job> m_jobs; // complete before the first starts
    std::size_t m_started = 0;
    std::size_t m_finished = 0;
};

} // namespace

HopResult TriedConnector::result() const {
    HopResult result = failure ? HopResult::unknown : HopResult::passes;
    for (const TriedHop& hop : hops)
        result = worse(result, hop.judged.result);
    return result;
}

std::vector<HopToTry> hops_of(const policy::SendConnector& connector, const std::string& recipient_domain) {
    std::vector<HopToTry> hops;
    for (const policy::SmartHost& host : connector.smart_hosts)
        hops.push_back({&connector, &host, host.next_hop(connector.port)});
    if (connector.smart_hosts.empty() && !recipient_domain.empty())
        hops.push_back({&connector, nullptr, recipient_domain});
    return hops;
}

std::vector<TriedConnector> try_hops(const conf::Configuration& configuration,
                                     const std::vector<HopToTry>& hops, const ValidationProgress& progress) {
    return Trial(configuration, progress).run(hops);
}

} // namespace sendconnector::ctl
