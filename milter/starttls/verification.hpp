// SPDX-License-Identifier: Apache-2.0
// Verification: everything about one next-hop, once: resolve, probe every address, ask about revocation,
// judge. The daemon's cache and `sendconnectorctl validate` both stand on it.
#pragma once

#include "milter/starttls/probe.hpp"
#include "milter/starttls/resolver.hpp"
#include "milter/starttls/revocation_store.hpp"
#include "policy/certificate/verdict.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::starttls {

struct HopRequest {
    std::string next_hop; // Postfix form
    ProbeIdentity identity;
    ProbeLimits limits;
    // What the certificate must be; nothing: TLS with any certificate (EncryptionOnly and below).
    std::optional<policy::CertificateRules> rules;
    policy::TrustAnchors anchors;
    std::chrono::milliseconds revocation_patience{10'000};
};

struct AddressReport {
    HopAddress address;
    ProbeResult probe;
    std::optional<policy::Verdict> verdict; // when rules were given and a certificate was seen
    // Acceptable: the handshake came to its end, or only the lack of our client certificate ended it, and the
    // verdict accepts.
    bool passes = false;
    std::string reason; // "CertExpired: ...", "connect: ..."; empty when it passes
};

struct HopReport {
    std::string next_hop;
    Resolved resolved;
    std::vector<AddressReport> addresses; // in the order of resolved.addresses
    std::chrono::system_clock::time_point at{};
};

class Verification {
public:
    struct Parts {
        boost::asio::io_context& context;
        Resolver& resolver;
        RevocationStore& store;
        std::function<std::chrono::sys_seconds()> now;
    };
    // What happens, as it happens, for a person who waits: "192.0.2.1: handshake". May be empty.
    using Progress = std::function<void(const std::string&)>;
    using Done = std::function<void(HopReport)>;

    // Calls `done` exactly once, in the context's thread, never before start() returns. Destroying the handle
    // cancels.
    static std::unique_ptr<Verification> start(Parts parts, HopRequest request, Progress progress, Done done);
    Verification(const Verification&) = delete;
    Verification& operator=(const Verification&) = delete;
    virtual ~Verification();

protected:
    Verification() = default;
};

} // namespace sendconnector::starttls
