// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/resolver_job.hpp"

#include "milter/starttls/smtp_reply.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace sendconnector::starttls {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t queries_at_once = 8;
constexpr std::size_t most_mx_hosts = 100;
constexpr std::size_t most_told = 3; // of several complaints

std::string joined(const std::vector<std::string>& complaints) {
    const auto count = std::min(complaints.size(), most_told);
    auto text = fmt::format(
        "{}", fmt::join(complaints.begin(), complaints.begin() + static_cast<std::ptrdiff_t>(count), "; "));
    if (complaints.size() > count) {
        text += fmt::format("; and {} more", complaints.size() - count);
    }
    return text;
}

bool is_literal(const std::string& host) {
    error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

} // namespace

ResolverJob::ResolverJob(asio::io_context& context, const Resolver::Settings& settings, ResolverLimits limits,
                         std::string next_hop)
    : m_context(context), m_deadline(context), m_settings(settings), m_limits(limits),
      m_next_hop(std::move(next_hop)) {}

void ResolverJob::begin() {
    auto hop = NextHopName::parse(m_next_hop);
    if (!hop) {
        return tell(Resolved::Outcome::none, to_string(hop.error()));
    }
    m_hop = std::move(*hop);
    m_hop.address ? take_literal(*m_hop.address) : begin_name();
}

void ResolverJob::take_literal(const Address& address) {
    if (!is_served(address)) {
        return tell(Resolved::Outcome::none,
                    fmt::format("{} is not reached: {} is switched off (inet_protocols)", address.to_string(),
                                address.is_v4() ? "IPv4" : "IPv6"));
    }
    tell({Resolved::Outcome::found, {}, {{{address, m_hop.port}, address.to_string(), 0}}});
}

bool ResolverJob::is_served(const Address& address) const {
    return address.is_v4() ? m_settings.ipv4 : m_settings.ipv6;
}

void ResolverJob::begin_name() {
    auto dns = DnsQueries::open(m_context, m_settings.name_servers);
    if (!dns) {
        return tell(Resolved::Outcome::could_not_tell, to_string(dns.error()));
    }
    m_dns = std::move(*dns);
    m_deadline.expires_after(m_limits.time);
    m_deadline.async_wait([weak = weak_from_this()](error_code error) {
        if (const auto self = weak.lock(); self && !error) {
            self->out_of_time();
        }
    });
    if (!m_hop.use_mx) {
        m_hosts.push_back({m_hop.host});
        return ask_hosts();
    }
    m_dns->mx(m_hop.host, [weak = weak_from_this()](DnsAnswer<MxRecord> answer) {
        if (const auto self = weak.lock()) {
            self->take_mx(std::move(answer));
        }
    });
}

void ResolverJob::take_mx(DnsAnswer<MxRecord> answer) {
    switch (answer.outcome) {
    case DnsOutcome::failed:
        return tell(
            Resolved::Outcome::could_not_tell,
            fmt::format("the MX records of {} could not be looked up: {}", m_hop.host, answer.reason));
    case DnsOutcome::none:
        m_hosts.push_back({m_hop.host}); // RFC 5321 5.1, "implicit MX"
        return ask_hosts();
    case DnsOutcome::found:
        break;
    }
    auto& records = answer.records;
    std::stable_sort(records.begin(), records.end(),
                     [](const MxRecord& a, const MxRecord& b) { return a.preference < b.preference; });
    std::set<std::string> seen;
    for (auto& [preference, host] : records) {
        if (host.empty() || host == ".") {
            // smtp(8) takes it so beside other records as well.
            return tell(Resolved::Outcome::none,
                        fmt::format("{} accepts no mail (null MX, RFC 7505)", m_hop.host));
        }
        if (is_literal(host)) {
            m_shunned.push_back(
                fmt::format("the MX record of {} names the address {} instead of a host", m_hop.host, host));
        } else if (!is_host_name(host)) {
            m_shunned.push_back(fmt::format("the MX record of {} names \"{}\", which is no host name",
                                            m_hop.host, printable_ascii(host, 64)));
        } else if (seen.insert(host).second && m_hosts.size() < most_mx_hosts) {
            m_hosts.push_back({std::move(host), preference});
        }
    }
    ask_hosts();
}

// In the order of preference, a few at a time: a domain of a stranger may name any number of hosts.
void ResolverJob::ask_hosts() {
    if (m_asking) {
        return;
    }
    m_asking = true;
    while (m_begun < m_hosts.size() && m_unanswered < queries_at_once && !is_enough()) {
        ask_host(m_begun++);
    }
    m_asking = false;
    if (m_unanswered == 0 && (m_begun == m_hosts.size() || is_enough())) {
        conclude();
    }
}

bool ResolverJob::is_enough() const {
    std::size_t count = 0;
    for (const auto& host : m_hosts) {
        count += host.addresses.size();
    }
    return count >= m_limits.addresses;
}

void ResolverJob::ask_host(std::size_t index) {
    std::vector<DnsQueries::Family> families;
    if (m_settings.ipv4) {
        families.push_back(DnsQueries::Family::ipv4);
    }
    if (m_settings.ipv6) {
        families.push_back(DnsQueries::Family::ipv6);
    }
    // Before the first question, which may be answered at once.
    m_hosts[index].unanswered = static_cast<int>(families.size());
    m_unanswered += families.size();
    const auto name = m_hosts[index].name;
    for (const auto family : families) {
        m_dns->addresses(name, family, [weak = weak_from_this(), index](DnsAnswer<Address> answer) {
            if (const auto self = weak.lock()) {
                self->take_addresses(index, std::move(answer));
            }
        });
    }
}

void ResolverJob::take_addresses(std::size_t index, DnsAnswer<Address> answer) {
    auto& host = m_hosts[index];
    --host.unanswered;
    --m_unanswered;
    switch (answer.outcome) {
    case DnsOutcome::found:
        host.addresses.insert(host.addresses.end(), answer.records.begin(), answer.records.end());
        break;
    case DnsOutcome::none:
        host.absence = std::move(answer.reason);
        break;
    case DnsOutcome::failed:
        if (std::find(host.failures.begin(), host.failures.end(), answer.reason) == host.failures.end()) {
            host.failures.push_back(std::move(answer.reason));
        }
        break;
    }
    ask_hosts();
}

void ResolverJob::out_of_time() {
    const auto late =
        fmt::format("no answer within {:g} s", std::chrono::duration<double>(m_limits.time).count());
    if (m_hosts.empty()) {
        return tell(Resolved::Outcome::could_not_tell,
                    fmt::format("the MX records of {} could not be looked up: {}", m_hop.host, late));
    }
    for (std::size_t i = 0; i < m_hosts.size(); ++i) {
        if (i >= m_begun || m_hosts[i].unanswered > 0) {
            m_hosts[i].failures.push_back(late);
        }
    }
    conclude();
}

void ResolverJob::conclude() {
    Resolved resolved{};
    std::vector<std::string> failures;
    std::set<Address> seen;
    std::size_t count = 0;
    for (const auto& host : m_hosts) {
        for (const auto& address : host.addresses) {
            if (!seen.insert(address).second) {
                continue;
            }
            ++count;
            if (resolved.addresses.size() < m_limits.addresses) {
                resolved.addresses.push_back({{address, m_hop.port}, host.name, host.preference});
            }
        }
        if (!host.failures.empty()) {
            failures.push_back(fmt::format("the addresses of {} could not {}be looked up: {}", host.name,
                                           host.addresses.empty() ? "" : "all ", joined(host.failures)));
        }
    }
    if (resolved.addresses.empty()) {
        if (!failures.empty()) {
            return tell(Resolved::Outcome::could_not_tell, joined(failures));
        }
        auto absences = std::move(m_shunned);
        for (const auto& host : m_hosts) {
            absences.push_back(fmt::format("{} has no address: {}", host.name,
                                           host.absence.empty() ? "not asked" : host.absence));
        }
        return tell(Resolved::Outcome::none, joined(absences));
    }
    if (count > resolved.addresses.size() || m_begun < m_hosts.size() || m_hosts.size() == most_mx_hosts) {
        failures.push_back(fmt::format("{} has more addresses than the {} that are looked at", m_hop.host,
                                       resolved.addresses.size()));
    }
    // smtp(8) would take what an MX record names wrongly, if it is an address.
    failures.insert(failures.end(), m_shunned.begin(), m_shunned.end());
    resolved.outcome = Resolved::Outcome::found;
    resolved.reason = joined(failures);
    tell(std::move(resolved));
}

void ResolverJob::tell(Resolved::Outcome outcome, std::string reason) {
    tell({outcome, std::move(reason), {}});
}

// From the context, not from here: this may be within a call of c-ares, or of the caller.
void ResolverJob::tell(Resolved resolved) {
    if (std::exchange(m_told, true)) {
        return;
    }
    m_deadline.cancel();
    asio::post(m_context, [self = shared_from_this(), resolved = std::move(resolved)]() mutable {
        if (self->m_dns) {
            self->m_dns->close();
        }
        if (const auto done = std::exchange(self->m_done, nullptr)) {
            done(std::move(resolved));
        }
    });
}

void ResolverJob::cancel() {
    m_done = nullptr;
    m_told = true;
    m_deadline.cancel();
    if (m_dns) {
        m_dns->close();
    }
}

} // namespace sendconnector::starttls
