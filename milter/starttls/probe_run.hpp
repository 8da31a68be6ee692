// SPDX-License-Identifier: Apache-2.0
// ProbeRun: the session of a Probe, step by step. Kept alive by the operation that is under way.
#pragma once

#include "milter/starttls/probe.hpp"
#include "milter/starttls/probe_tls.hpp"
#include "milter/starttls/smtp_reply.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::starttls {

class ProbeRun : public std::enable_shared_from_this<ProbeRun> {
public:
    ProbeRun(boost::asio::io_context& context, boost::asio::ip::tcp::endpoint endpoint,
             ProbeIdentity identity, ProbeLimits limits, Probe::Done done);
    void begin();
    void cancel();

private:
    using Kind = ProbeFailure::Kind;
    using error_code = boost::system::error_code;

    // What a read may bring, and what is done with it.
    enum class Phase { smtp, handshake, confirmation };

    void connect();
    bool bind_source();
    void connected(error_code error);
    void command(std::string_view line);
    void read();
    void take(std::string_view octets);
    void take_smtp(std::string_view octets);
    void take_reply(std::string_view rest);
    bool is_only(std::string_view rest);
    void begin_tls(std::string_view rest);
    void shake_hands();
    void shaken();
    void confirm();
    void confirmed();
    template <class Next>
    void write(std::string octets, Next next);
    void lost(error_code error);
    void out_of_time();
    std::string awaited() const;
    void fail(Kind kind, std::string text);
    void finish();
    void send_at_once(std::string_view octets);
    void say_goodbye();
    void close();

    boost::asio::ip::tcp::socket m_socket;
    boost::asio::steady_timer m_deadline;
    boost::asio::steady_timer m_patience;
    ProbeIdentity m_identity;
    ProbeLimits m_limits;
    Probe::Done m_done; // empty: it is over
    ProbeResult m_result;
    SmtpReplyParser m_parser;
    std::unique_ptr<ProbeTls> m_tls;
    Phase m_phase = Phase::smtp;
    std::string m_out;
    std::array<char, 16'384> m_buffer{};
    std::size_t m_tls_octets = 0;
    bool m_reset = false; // as a write has seen it
    std::chrono::steady_clock::time_point m_began{};
};

} // namespace sendconnector::starttls
