// SPDX-License-Identifier: Apache-2.0
// Verification: everything about one next-hop, once: resolve, probe every address, ask about revocation,
// judge. The daemon's cache and `sendconnectorctl validate` both stand on it.
#pragma once

#include "milter/starttls/probe.hpp"
#include "milter/starttls/probe_slots.hpp"
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
    std::string next_hop;  // Postfix form
    std::string connector; // its name: connectors take turns when slots are short
    ProbeIdentity identity;
    // The connector has a certificate of its own, which could not be read here.
    bool own_certificate_left_out = false;
    ProbeLimits limits;
    // What the certificate must be; nothing: TLS with any certificate (EncryptionOnly and below).
    std::optional<policy::CertificateRules> rules;
    policy::TrustAnchors anchors;
    std::string anchors_digest; // of the file they are from
    std::chrono::milliseconds revocation_patience{10'000};
};

struct AddressReport {
    HopAddress address;
    ProbeResult probe;
    std::optional<policy::Verdict> verdict; // when rules were given and a certificate was seen
    // Acceptable: the handshake came to its end, or only an own certificate that could not be read here was
    // missing for that, and the verdict accepts.
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
        ProbeSlots* slots = nullptr; // shared with other verifications; nullptr: a few probes at once
        bool urgent = true;          // somebody waits for it
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

    // Somebody waits for it now.
    virtual void hurry() = 0;

protected:
    Verification() = default;
};

// Judges every chain of a report anew, with what the store has now: no probe, nothing fetched.
void judge_again(HopReport& report, const HopRequest& request, RevocationStore& store,
                 std::chrono::sys_seconds now);
policy::Verdict judge_again(const policy::PresentedChain& presented, const HopRequest& request,
                            RevocationStore& store, std::chrono::sys_seconds now);

} // namespace sendconnector::starttls
