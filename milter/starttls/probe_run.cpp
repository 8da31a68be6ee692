// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe_run.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// After the handshake EHLO is sent, and any answer shows that the server stands by the session: with TLS 1.3
// it may refuse our certificate only then. A server that says nothing for this share of the time refuses
// nothing.
constexpr int confirmation_share = 6;

// A flood within TLS is not worth the time that is left.
constexpr std::size_t tls_octets_limit = 1 << 20;

SmtpReplyParser::Limits reply_limits(const ProbeLimits& limits) {
    return {limits.line_octets, limits.octets, limits.lines};
}

std::string seconds(std::chrono::milliseconds time) {
    return fmt::format("{:g} s", std::chrono::duration<double>(time).count());
}

bool is_one_word(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace

ProbeRun::ProbeRun(asio::io_context& context, tcp::endpoint endpoint, ProbeIdentity identity,
                   ProbeLimits limits, Probe::Done done)
    : m_socket(context), m_deadline(context), m_patience(context), m_identity(std::move(identity)),
      m_limits(limits), m_done(std::move(done)), m_parser(reply_limits(limits)),
      m_began(std::chrono::steady_clock::now()) {
    m_result.endpoint = std::move(endpoint);
}

void ProbeRun::begin() {
    if (!m_done) {
        return;
    }
    if (m_identity.helo_name.empty()) {
        error_code ignored;
        m_identity.helo_name = asio::ip::host_name(ignored);
    }
    if (!is_one_word(m_identity.helo_name)) {
        return fail(Kind::local,
                    fmt::format("\"{}\" cannot be sent as EHLO name", printable_ascii(m_identity.helo_name)));
    }
    auto tls = ProbeTls::create(m_identity);
    if (!tls) {
        return fail(Kind::local, to_string(tls.error()));
    }
    m_tls = std::move(*tls);
    m_deadline.expires_at(m_began + m_limits.time);
    m_deadline.async_wait([weak = weak_from_this()](error_code error) {
        if (const auto self = weak.lock(); self && !error) {
            self->out_of_time();
        }
    });
    connect();
}

void ProbeRun::connect() {
    error_code error;
    m_socket.open(m_result.endpoint.protocol(), error);
    if (error) {
        return fail(Kind::local, "no socket: " + error.message());
    }
    m_socket.set_option(tcp::no_delay(true), error);
    if (bind_source()) {
        m_socket.async_connect(m_result.endpoint, [self = shared_from_this()](error_code failed) {
            if (self->m_done) {
                self->connected(failed);
            }
        });
    }
}

bool ProbeRun::bind_source() {
    const bool is_v6 = m_result.endpoint.address().is_v6();
    const auto& source = is_v6 ? m_identity.source_ipv6 : m_identity.source_ipv4;
    if (source.empty()) {
        return true;
    }
    error_code error;
    const auto address = asio::ip::make_address(source, error);
    if (error || address.is_v6() != is_v6) {
        fail(Kind::local,
             fmt::format("\"{}\" is no {} source address", printable_ascii(source), is_v6 ? "IPv6" : "IPv4"));
        return false;
    }
    if (address.is_unspecified()) {
        return true;
    }
    m_socket.bind({address, 0}, error);
    if (error) {
        fail(Kind::local, fmt::format("the source address {} cannot be used on this machine: {}", source,
                                      error.message()));
    }
    return !error;
}

void ProbeRun::connected(error_code error) {
    // Who takes no connection refuses it. This one was made, and reset before we were told.
    if (error == asio::error::connection_reset) {
        m_result.stage = ProbeStage::greeting;
        return lost(error);
    }
    if (error) {
        // Out of ports: smtp(8) would fare no better, but the server is not to blame.
        const bool is_local =
            error == boost::system::errc::address_not_available || error == asio::error::no_buffer_space;
        return fail(is_local ? Kind::local : Kind::unreachable, "no connection: " + error.message());
    }
    m_result.stage = ProbeStage::greeting;
    read();
}

void ProbeRun::read() {
    m_socket.async_read_some(asio::buffer(m_buffer),
                             [self = shared_from_this()](error_code error, std::size_t size) {
                                 if (!self->m_done) {
                                     return;
                                 }
                                 if (error) {
                                     return self->lost(error);
                                 }
                                 self->take({self->m_buffer.data(), size});
                             });
}

void ProbeRun::take(std::string_view octets) {
    if (m_phase == Phase::smtp) {
        return take_smtp(octets);
    }
    m_tls_octets += octets.size();
    if (m_tls_octets > tls_octets_limit) {
        return fail(Kind::protocol,
                    fmt::format("the server sent more than {} octets within TLS", tls_octets_limit));
    }
    m_tls->feed(octets);
    m_phase == Phase::handshake ? shake_hands() : confirm();
}

void ProbeRun::take_smtp(std::string_view octets) {
    switch (m_parser.take(octets)) {
    case SmtpReplyParser::Step::more:
        return read();
    case SmtpReplyParser::Step::broken:
        return fail(Kind::protocol, m_parser.problem());
    case SmtpReplyParser::Step::reply:
        return take_reply(octets);
    }
}

void ProbeRun::take_reply(std::string_view rest) {
    const auto& reply = m_parser.reply();
    const bool is_positive = reply.code / 100 == 2;
    const auto refused = [&](std::string_view what) {
        fail(reply.code >= 400 ? Kind::refused : Kind::protocol,
             fmt::format("the server answered {} with {}", what, reply.text()));
    };
    switch (m_result.stage) {
    case ProbeStage::greeting:
        m_result.greeting = reply.text();
        if (!is_positive) {
            return fail(reply.code >= 400 ? Kind::refused : Kind::protocol,
                        "the server greeted with " + reply.text());
        }
        if (is_only(rest)) {
            m_result.stage = ProbeStage::ehlo;
            command("EHLO " + m_identity.helo_name);
        }
        return;
    case ProbeStage::ehlo:
        if (!is_positive) {
            return refused("EHLO");
        }
        m_result.ehlo = reply.keywords();
        for (auto& keyword : m_result.ehlo) {
            keyword = printable_ascii(keyword, 64);
        }
        if (std::find(m_result.ehlo.begin(), m_result.ehlo.end(), "STARTTLS") == m_result.ehlo.end()) {
            return fail(Kind::not_offered, "the server does not offer STARTTLS");
        }
        if (is_only(rest)) {
            m_result.stage = ProbeStage::starttls;
            command("STARTTLS");
        }
        return;
    default:
        if (reply.code != 220) {
            return refused("STARTTLS");
        }
        return begin_tls(rest);
    }
}

// A reply that comes before its command may be somebody else's.
bool ProbeRun::is_only(std::string_view rest) {
    if (!rest.empty()) {
        fail(Kind::protocol,
             fmt::format("the server sent more than it was asked for: \"{}\"", printable_ascii(rest, 80)));
    }
    return rest.empty();
}

void ProbeRun::begin_tls(std::string_view rest) {
    // A TLS server waits for the client's first word: what is here already was not protected by anything.
    error_code ignored;
    const auto unread = rest.empty() ? m_socket.available(ignored) : 0;
    if (!rest.empty() || unread > 0) {
        return fail(Kind::injected,
                    fmt::format("octets came in plaintext after the 220 to STARTTLS, before TLS{}",
                                rest.empty() ? "" : fmt::format(": \"{}\"", printable_ascii(rest, 80))));
    }
    m_result.stage = ProbeStage::handshake;
    m_phase = Phase::handshake;
    shake_hands();
}

void ProbeRun::shake_hands() {
    const auto step = m_tls->handshake();
    if (step == ProbeTls::Step::failed) {
        return fail(Kind::handshake, m_tls->failure());
    }
    write(m_tls->take_output(), [this, step] { step == ProbeTls::Step::done ? shaken() : read(); });
}

void ProbeRun::shaken() {
    m_phase = Phase::confirmation;
    m_patience.expires_after(m_limits.time / confirmation_share);
    m_patience.async_wait([weak = weak_from_this()](error_code error) {
        if (const auto self = weak.lock(); self && !error && self->m_done) {
            self->confirmed();
        }
    });
    m_tls->send(fmt::format("EHLO {}\r\n", m_identity.helo_name));
    write(m_tls->take_output(), [this] { confirm(); });
}

void ProbeRun::confirm() {
    switch (m_tls->receive()) {
    case ProbeTls::Step::done:
        return confirmed();
    case ProbeTls::Step::failed:
        return fail(m_tls->ended_by_server() ? Kind::closed : Kind::handshake,
                    m_tls->failure() + ", right after the handshake");
    case ProbeTls::Step::more:
        return write(m_tls->take_output(), [this] { read(); });
    }
}

void ProbeRun::confirmed() {
    m_result.stage = ProbeStage::done;
    finish();
}

void ProbeRun::command(std::string_view line) {
    write(fmt::format("{}\r\n", line), [this] { read(); });
}

template <class Next>
void ProbeRun::write(std::string octets, Next next) {
    if (octets.empty()) {
        return next();
    }
    m_out = std::move(octets);
    asio::async_write(
        m_socket, asio::buffer(m_out), [self = shared_from_this(), next](error_code error, std::size_t) {
            if (!self->m_done) {
                return;
            }
            // What the server said before it hung up tells more, and is read first.
            if (error && error != asio::error::broken_pipe && error != asio::error::connection_reset) {
                return self->lost(error);
            }
            self->m_reset = self->m_reset || error;
            next();
        });
}

void ProbeRun::lost(error_code error) {
    std::string text = m_reset || error == asio::error::connection_reset ? "the server reset the connection"
                       : error == asio::error::eof                       ? "the server hung up"
                                                   : "the connection broke: " + error.message();
    if (m_phase == Phase::confirmation) {
        text += " right after the handshake";
    } else {
        text += " instead of " + awaited();
    }
    fail(Kind::closed, std::move(text));
}

void ProbeRun::out_of_time() {
    if (!m_done) {
        return;
    }
    fail(Kind::timeout, fmt::format("{} within {}",
                                    m_result.stage == ProbeStage::connect ? "no connection"
                                    : m_parser.in_progress()              ? "no whole answer"
                                                                          : "no answer",
                                    seconds(m_limits.time)));
}

std::string ProbeRun::awaited() const {
    switch (m_result.stage) {
    case ProbeStage::connect:
        break;
    case ProbeStage::greeting:
        return "greeting";
    case ProbeStage::ehlo:
        return "answering EHLO";
    case ProbeStage::starttls:
        return "answering STARTTLS";
    case ProbeStage::handshake:
    case ProbeStage::done:
        return "going on with the handshake";
    }
    return "accepting the connection";
}

void ProbeRun::fail(Kind kind, std::string text) {
    if (m_done) {
        m_result.failure = ProbeFailure{kind, std::move(text)};
        finish();
    }
}

void ProbeRun::finish() {
    if (m_tls) {
        m_tls->describe(m_result);
    }
    m_result.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - m_began);
    say_goodbye();
    close();
    const auto done = std::exchange(m_done, nullptr);
    done(std::move(m_result));
}

// What fits into the socket now, or nothing: nobody waits for it.
void ProbeRun::say_goodbye() {
    if (m_result.stage == ProbeStage::connect ||
        (m_result.failure && m_result.failure->kind == Kind::closed)) {
        return;
    }
    if (m_phase == Phase::smtp) {
        // Where a 220 to STARTTLS may have been said, a QUIT would be an injection of ours.
        if (m_result.stage != ProbeStage::starttls || m_result.failure->kind == Kind::refused) {
            send_at_once("QUIT\r\n");
        }
        return;
    }
    if (m_result.stage == ProbeStage::done) {
        m_tls->send("QUIT\r\n");
    }
    m_tls->close();
    send_at_once(m_tls->take_output());
}

void ProbeRun::send_at_once(std::string_view octets) {
    error_code ignored;
    m_socket.non_blocking(true, ignored);
    if (!ignored) {
        m_socket.send(asio::buffer(octets), 0, ignored);
        m_socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
}

void ProbeRun::close() {
    error_code ignored;
    m_deadline.cancel();
    m_patience.cancel();
    m_socket.close(ignored);
}

void ProbeRun::cancel() {
    if (std::exchange(m_done, nullptr)) {
        close();
    }
}

} // namespace sendconnector::starttls
