// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/smtp_session.hpp"

#include "milter/starttls/tls_offer.hpp"
#include "policy/certificate/certificate.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <utility>

namespace sendconnector::ctl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using starttls::SmtpReply;
using starttls::SmtpReplyParser;

asio::ssl::context context_of(const starttls::ProbeIdentity& identity) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.set_verify_mode(asio::ssl::verify_none);
    // The certificate was judged elsewhere.
    starttls::offer_as_smtp(context.native_handle(), identity.minimum);
    if (identity.certificate != nullptr) {
        // What cannot be used is the probe's to tell: here it is left out.
        error_code ignored;
        context.use_certificate_chain(asio::buffer(identity.certificate->chain_pem), ignored);
        if (!ignored)
            context.use_private_key(asio::buffer(identity.certificate->key_pem), asio::ssl::context::pem,
                                    ignored);
    }
    return context;
}

std::string answered(std::string_view what, const SmtpReply& reply) {
    return fmt::format("the server answered {} with {}", what, reply.text());
}

} // namespace

class SmtpSession::Implementation {
public:
    Implementation(tcp::endpoint endpoint, starttls::ProbeIdentity identity, std::chrono::milliseconds time)
        : m_endpoint(std::move(endpoint)), m_identity(std::move(identity)),
          m_deadline(std::chrono::steady_clock::now() + time), m_tls(context_of(m_identity)),
          m_stream(m_context, m_tls) {}

    Result<void> open() {
        return connect()
            .and_then([this] { return expect("the connection", 220, read_reply("the connection")); })
            .and_then([this] { return expect("EHLO", 250, ask("EHLO " + m_identity.helo_name, "EHLO")); })
            .and_then([this] { return expect("STARTTLS", 220, ask("STARTTLS", "STARTTLS")); })
            .and_then([this] { return handshake(); });
    }

    Result<std::string> fingerprint() {
        const std::unique_ptr<X509, decltype(&X509_free)> x509(
            SSL_get1_peer_certificate(m_stream.native_handle()), X509_free);
        unsigned char* der = nullptr;
        const int length = x509 == nullptr ? -1 : i2d_X509(x509.get(), &der);
        if (length < 0)
            return fail("the server shows no certificate");
        const std::string octets(der, der + length);
        OPENSSL_free(der);
        return policy::Certificate::from_der(octets).map(
            [](const policy::Certificate& certificate) { return certificate.fingerprint(); });
    }

    Result<SmtpReply> ask(std::string_view command, std::string_view for_errors) {
        const std::string line = fmt::format("{}\r\n", command);
        const error_code failure = perform([&](auto handler) {
            if (m_encrypted)
                asio::async_write(m_stream, asio::buffer(line), std::move(handler));
            else
                asio::async_write(m_stream.next_layer(), asio::buffer(line), std::move(handler));
        });
        if (failure)
            return broken(for_errors, failure);
        return read_reply(for_errors);
    }

private:
    // Starts one operation and runs it to its end, or the session to its deadline.
    template <class Start>
    error_code perform(Start start) {
        if (m_broken)
            return asio::error::not_connected;
        bool finished = false;
        error_code result;
        m_context.restart();
        start([&](const error_code& ended, std::size_t = 0) {
            result = ended;
            finished = true;
        });
        while (!finished && m_context.run_one_until(m_deadline) > 0) {
        }
        if (!finished) {
            error_code ignored;
            m_stream.next_layer().close(ignored);
            while (!finished && m_context.run_one() > 0) {
            }
            result = asio::error::timed_out;
        }
        m_broken = static_cast<bool>(result);
        return result;
    }

    tl::unexpected<Error> broken(std::string_view at, const error_code& failure) {
        m_broken = true;
        if (failure == asio::error::eof || failure == asio::ssl::error::stream_truncated)
            return fail(fmt::format("{}: the server hung up", at));
        if (failure == asio::error::timed_out)
            return fail(fmt::format("{}: no answer in time", at));
        return fail(fmt::format("{}: {}", at, failure.message()));
    }

    Result<void> connect() {
        tcp::socket& socket = m_stream.next_layer();
        error_code failure;
        socket.open(m_endpoint.protocol(), failure);
        const std::string& source =
            m_endpoint.address().is_v4() ? m_identity.source_ipv4 : m_identity.source_ipv6;
        if (!failure && !source.empty())
            socket.bind(tcp::endpoint(asio::ip::make_address(source, failure), 0), failure);
        if (!failure)
            failure = perform([&](auto handler) { socket.async_connect(m_endpoint, std::move(handler)); });
        if (failure)
            return broken("connect", failure);
        return {};
    }

    static Result<void> expect(std::string_view what, int code, const Result<SmtpReply>& reply) {
        if (!reply)
            return tl::unexpected(reply.error());
        if (reply->code != code)
            return fail(answered(what, *reply));
        return {};
    }

    Result<void> handshake() {
        // What stands behind the 220 was put there by somebody who wants it taken for the server's.
        if (!m_unread.empty())
            return fail("STARTTLS: there is more than a reply before the handshake");
        if (!m_identity.server_name.empty())
            SSL_ctrl(m_stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     m_identity.server_name.data());
        const error_code failure = perform([&](auto handler) {
            m_stream.async_handshake(asio::ssl::stream_base::client, std::move(handler));
        });
        if (failure)
            return broken("handshake", failure);
        m_encrypted = true;
        return {};
    }

    Result<SmtpReply> read_reply(std::string_view at) {
        std::array<char, 4096> block{};
        for (;;) {
            std::string_view input = m_unread;
            const SmtpReplyParser::Step step = m_parser.take(input);
            m_unread.erase(0, m_unread.size() - input.size());
            if (step == SmtpReplyParser::Step::reply)
                return m_parser.reply();
            if (step == SmtpReplyParser::Step::broken) {
                m_broken = true;
                return fail(fmt::format("{}: {}", at, m_parser.problem()));
            }
            std::size_t received = 0;
            const error_code failure = perform([&](auto handler) {
                const auto taken = [&received, handler](const error_code& ended, std::size_t octets) {
                    received = octets;
                    handler(ended, octets);
                };
                if (m_encrypted)
                    m_stream.async_read_some(asio::buffer(block), taken);
                else
                    m_stream.next_layer().async_read_some(asio::buffer(block), taken);
            });
            if (failure)
                return broken(at, failure);
            m_unread.append(block.data(), received);
        }
    }

    tcp::endpoint m_endpoint;
    starttls::ProbeIdentity m_identity;
    std::chrono::steady_clock::time_point m_deadline;
    asio::io_context m_context{1};
    asio::ssl::context m_tls;
    asio::ssl::stream<tcp::socket> m_stream;
    SmtpReplyParser m_parser{{}};
    std::string m_unread;
    bool m_encrypted = false;
    bool m_broken = false;
};

SmtpSession::SmtpSession(tcp::endpoint endpoint, starttls::ProbeIdentity identity,
                         std::chrono::milliseconds time)
    : m_implementation(std::make_unique<Implementation>(std::move(endpoint), std::move(identity), time)) {}

SmtpSession::~SmtpSession() = default;

Result<void> SmtpSession::open() {
    return m_implementation->open();
}

Result<std::string> SmtpSession::fingerprint() const {
    return m_implementation->fingerprint();
}

Result<SmtpReply> SmtpSession::ask(std::string_view command, std::string_view for_errors) {
    return m_implementation->ask(command, for_errors);
}

} // namespace sendconnector::ctl
