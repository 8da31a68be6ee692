// SPDX-License-Identifier: Apache-2.0
// ResolverJob: one next-hop, from its name to its addresses.
#pragma once

#include "milter/starttls/resolver.hpp"
#include "milter/starttls/resolver_dns.hpp"
#include "milter/starttls/resolver_next_hop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

namespace sendconnector::starttls {

class ResolverJob : public std::enable_shared_from_this<ResolverJob> {
public:
    ResolverJob(boost::asio::io_context& context, const Resolver::Settings& settings, ResolverLimits limits,
                std::string next_hop);
    void on_done(Resolver::Done done) { m_done = std::move(done); }
    // Is done once, and never before it returns.
    void begin();
    void cancel(); // `done` is not called any more

private:
    using Address = boost::asio::ip::address;

    // A host that may have addresses.
    struct Host {
        std::string name;
        int preference = 0;
        std::vector<Address> addresses = {};
        std::vector<std::string> failures = {}; // of a name server
        std::string absence = {};               // "no such name"
        int unanswered = 0;
    };

    void begin_name();
    void take_literal(const Address& address);
    void take_mx(DnsAnswer<MxRecord> answer);
    void ask_hosts();
    void ask_host(std::size_t index);
    void take_addresses(std::size_t index, DnsAnswer<Address> answer);
    bool is_enough() const;
    bool is_served(const Address& address) const;
    void out_of_time();
    void conclude();
    void tell(Resolved::Outcome outcome, std::string reason);
    void tell(Resolved resolved);

    boost::asio::io_context& m_context;
    boost::asio::steady_timer m_deadline;
    Resolver::Settings m_settings;
    ResolverLimits m_limits;
    std::string m_next_hop;
    Resolver::Done m_done;
    NextHopName m_hop;
    std::shared_ptr<DnsQueries> m_dns;
    std::vector<Host> m_hosts;          // in the order of preference
    std::vector<std::string> m_shunned; // MX records that count for nothing, and why
    std::size_t m_begun = 0;            // of m_hosts
    std::size_t m_unanswered = 0;
    bool m_asking = false;
    bool m_told = false;
};

} // namespace sendconnector::starttls
