// SPDX-License-Identifier: Apache-2.0
// Probe: one SMTP session with one address of a smart host, up to the TLS handshake and not a word further.
#pragma once

#include "policy/certificate/verdict.hpp"
#include "policy/tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::starttls {

// Of the session as a whole.
struct ProbeLimits {
    std::chrono::milliseconds time{30'000};
    std::size_t line_octets = 2048; // RFC 5321 4.5.3.1.5 has 512
    std::size_t octets = 65'536;    // before TLS
    std::size_t lines = 200;
};

// A client certificate, read once and shared; the chain as smtp(8) would present it. PEM.
struct OwnCertificate {
    std::string chain_pem;
    std::string key_pem;
};

// How the connector presents itself, the same as its smtp(8) service does.
struct ProbeIdentity {
    std::string helo_name;   // empty: the host's name
    std::string server_name; // SNI; empty: none is sent
    std::string source_ipv4; // empty: any
    std::string source_ipv6;
    std::shared_ptr<const OwnCertificate> certificate; // nullptr: none
    policy::TlsProtocol minimum = policy::TlsProtocol::tls_1_2;
};

enum class ProbeStage { connect, greeting, ehlo, starttls, handshake, done };
std::string_view to_string(ProbeStage stage); // "connect", "EHLO"

struct ProbeFailure {
    enum class Kind {
        unreachable, // no connection
        timeout,     // ProbeLimits::time
        closed,      // the server hung up
        refused,     // 4xx or 5xx
        not_offered, // no STARTTLS in the reply to EHLO
        protocol,    // not SMTP, too long, too much
        injected,    // octets between the 220 and the handshake
        handshake,   // libssl's reason
        local,       // our side: an own certificate that cannot be used, no source address
    };
    Kind kind;
    std::string text; // "the server answered STARTTLS with 454 4.7.0 TLS not available", printable
};

struct ProbeResult {
    boost::asio::ip::tcp::endpoint endpoint;
    ProbeStage stage = ProbeStage::connect; // the one that failed, or done
    std::optional<ProbeFailure> failure;
    // As far as it came.
    std::string greeting; // printable, one line
    std::vector<std::string>
        ehlo;             // keywords offered before TLS, upper case: never trusted for anything but STARTTLS
    std::string protocol; // "TLSv1.3"
    std::string cipher;
    // Of the server, whether or not the handshake came to its end: a server that demands a client certificate
    // shows its own first.
    policy::PresentedChain presented;
    bool client_certificate_wanted = false;
    std::chrono::milliseconds elapsed{0};
};

// Calls `done` exactly once, in the context's thread, at the latest when the time is over. Certificates are
// not judged here: any is taken. Destroying the returned handle, which must not outlive the context, cancels:
// `done` is then not called any more.
class Probe {
public:
    using Done = std::function<void(ProbeResult)>;
    static std::unique_ptr<Probe> start(boost::asio::io_context& context,
                                        boost::asio::ip::tcp::endpoint endpoint, ProbeIdentity identity,
                                        ProbeLimits limits, Done done);
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    virtual ~Probe();

protected:
    Probe() = default;
};

} // namespace sendconnector::starttls
