// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/hop_result.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

using starttls::ProbeFailure;
using starttls::ProbeResult;
using starttls::ProbeStage;

std::string told(const ProbeResult& probe) {
    return probe.failure ? fmt::format("{}: {}", to_string(probe.stage), probe.failure->text) : std::string();
}

// Whether a session that ended there says something about the smart host and not only about this moment.
bool is_final(const ProbeResult& probe) {
    switch (probe.failure->kind) {
    case ProbeFailure::Kind::unreachable:
    case ProbeFailure::Kind::timeout:
    case ProbeFailure::Kind::local:
        return false;
    case ProbeFailure::Kind::closed:
    case ProbeFailure::Kind::refused:
        return probe.stage >= ProbeStage::starttls;
    case ProbeFailure::Kind::not_offered:
    case ProbeFailure::Kind::protocol:
    case ProbeFailure::Kind::injected:
    case ProbeFailure::Kind::handshake:
        break;
    }
    return true;
}

std::string advice_for(const ProbeResult& probe) {
    switch (probe.failure->kind) {
    case ProbeFailure::Kind::unreachable:
        return "check the smart host's name and port, and firewalls in between";
    case ProbeFailure::Kind::timeout:
        return "check that nothing in between holds the connection, and that the port speaks SMTP with "
               "STARTTLS";
    case ProbeFailure::Kind::closed:
    case ProbeFailure::Kind::refused:
        return "ask the smart host's operator whether this host may use it";
    case ProbeFailure::Kind::not_offered:
        return "name a port at which STARTTLS is offered, or ask whether something in between strips it";
    case ProbeFailure::Kind::injected:
        return "something between here and the smart host writes into the session; use no other network "
               "path than a trusted one until it is found";
    case ProbeFailure::Kind::protocol:
        return "check that the port is an SMTP server's";
    case ProbeFailure::Kind::handshake:
        return "compare the protocol versions on both sides (tls_minimum_protocol), and whether the server "
               "demands a client certificate";
    case ProbeFailure::Kind::local:
        break;
    }
    return {};
}

Judged judge_plain(const ProbeResult& probe, policy::TlsMode mode) {
    const bool offers_none = probe.failure && probe.failure->kind == ProbeFailure::Kind::not_offered;
    if (probe.failure && probe.stage < ProbeStage::starttls && !offers_none)
        return {HopResult::unknown, told(probe), advice_for(probe)};
    if (!probe.failure || mode == policy::TlsMode::none)
        return {HopResult::passes, {}, {}};
    return {HopResult::passes, fmt::format("mail would leave in the clear: {}", told(probe)), {}};
}

} // namespace

std::string_view word(HopResult result) {
    switch (result) {
    case HopResult::passes:
        return "passes";
    case HopResult::fails:
        return "fails";
    case HopResult::unknown:
        break;
    }
    return "unknown";
}

Judged judge_address(const starttls::AddressReport& address, policy::TlsMode mode) {
    const ProbeResult& probe = address.probe;
    if (mode == policy::TlsMode::none || mode == policy::TlsMode::opportunistic)
        return judge_plain(probe, mode);
    if (address.passes)
        return {HopResult::passes, {}, {}};
    if (address.verdict && !address.verdict->accepted())
        return {HopResult::fails, address.reason, address.verdict->flaws.front().advice};
    if (!probe.failure)
        return {HopResult::unknown, address.reason.empty() ? "it was not judged" : address.reason, {}};
    return {is_final(probe) ? HopResult::fails : HopResult::unknown, told(probe), advice_for(probe)};
}

Judged judge_hop(const starttls::HopReport& report, const std::vector<Judged>& addresses) {
    using Outcome = starttls::Resolved::Outcome;
    if (report.resolved.outcome == Outcome::none)
        return {HopResult::fails, report.resolved.reason, "check the name, in the connector and in DNS"};
    if (report.resolved.outcome == Outcome::could_not_tell)
        return {HopResult::unknown, report.resolved.reason, "check the name servers"};
    for (const HopResult result : {HopResult::fails, HopResult::passes, HopResult::unknown})
        if (const auto found = std::ranges::find(addresses, result, &Judged::result);
            found != addresses.end())
            return *found;
    return {HopResult::unknown, "no address was tried", {}};
}

std::string address_text(const boost::asio::ip::tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), address,
                       endpoint.port());
}

HopResult worse(HopResult left, HopResult right) {
    if (left == HopResult::fails || right == HopResult::fails)
        return HopResult::fails;
    return left == HopResult::unknown ? left : right;
}

} // namespace sendconnector::ctl
