// SPDX-License-Identifier: Apache-2.0
// What counts of one next-hop's verifications: requirements tighten on error, never loosen.
#include "milter/starttls/hop_history.hpp"

#include "tests/pki/identity.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

#include <random>

using namespace sendconnector;
using namespace sendconnector::starttls;
using namespace std::chrono_literals;

namespace {

const test::Identity& root() {
    static const auto identity = test::self_signed(test::ca_spec("CN=Root"));
    return identity;
}
const std::vector<test::Identity>& leaves() {
    static const std::vector made = {test::issue(test::server_spec("a.x"), root()),
                                     test::issue(test::server_spec("b.x"), root()),
                                     test::issue(test::server_spec("c.x"), root())};
    return made;
}

struct History {
    History() {
        request.next_hop = "[h.x]:25";
        request.rules = policy::CertificateRules{};
        request.anchors = policy::TrustAnchors::from_pem(root().pem()).value();
    }

    AddressReport shows(const test::Identity& leaf) const {
        AddressReport address;
        address.address.endpoint = {boost::asio::ip::make_address("192.0.2.1"), 25};
        address.probe.stage = ProbeStage::done;
        address.probe.presented.certificates = {leaf.der()};
        address.verdict =
            policy::judge(address.probe.presented, *request.rules, request.anchors, {}, now.time);
        address.passes = address.verdict->accepted();
        address.reason = address.passes ? "" : "Bad: it is";
        return address;
    }
    AddressReport fails(ProbeFailure::Kind kind) const {
        AddressReport address;
        address.address.endpoint = {boost::asio::ip::make_address("192.0.2.2"), 25};
        address.probe.stage = ProbeStage::greeting;
        address.probe.failure = ProbeFailure{kind, "trouble"};
        address.reason = "greeting: trouble";
        return address;
    }
    void take(std::vector<AddressReport> addresses, bool forget = false) {
        HopReport report;
        report.next_hop = request.next_hop;
        report.resolved.outcome = Resolved::Outcome::found;
        report.addresses = std::move(addresses);
        history.take(std::move(report), request, ages, now, forget);
    }
    void pass(std::chrono::seconds time) {
        now.time += time;
        now.clock += time;
    }
    std::string answer() const {
        const auto found = answer_of(history.view(ages), connector, nullptr, now);
        return found ? conf::postfix::to_reply(*found) : "(to be verified)";
    }
    bool lets(const test::Identity& leaf) const {
        const auto said = answer();
        return said.starts_with("OK ") &&
               (said.find(policy::Certificate::from_der(leaf.der())->fingerprint()) != std::string::npos ||
                said.starts_with("OK secure"));
    }

    policy::SendConnector connector = [] {
        policy::SendConnector made;
        made.name = "c";
        made.require_tls = true;
        made.tls_auth_level = policy::TlsAuthLevel::certificate_validation;
        return made;
    }();
    HopRequest request;
    HopHistory::Ages ages{1h, 1min, 30s};
    Moment now{test::now(), std::chrono::steady_clock::time_point(24h)};
    HopHistory history;
};

} // namespace

TEST_CASE("only leaves that passed are let through, each as long as it counts", "[verifier]") {
    History h;
    CHECK(h.answer() == "(to be verified)");
    h.take({h.shows(leaves()[0]), h.fails(ProbeFailure::Kind::not_offered)});
    CHECK(h.lets(leaves()[0]));
    CHECK_FALSE(h.lets(leaves()[1]));
    h.pass(50min);
    h.take({h.shows(leaves()[1])});
    CHECK(h.lets(leaves()[0]));
    CHECK(h.lets(leaves()[1]));
    h.pass(11min);
    CHECK_FALSE(h.lets(leaves()[0]));
    CHECK(h.lets(leaves()[1]));
    h.pass(50min);
    CHECK(h.answer() == "(to be verified)");
}

TEST_CASE("a broken rule displaces what was verified, trouble on the way does not", "[verifier]") {
    using Kind = ProbeFailure::Kind;
    for (const auto kind : {Kind::not_offered, Kind::injected, Kind::protocol, Kind::handshake}) {
        History h;
        h.take({h.shows(leaves()[0])});
        h.take({h.fails(kind)});
        CHECK(h.history.state() == HopState::refused);
        CHECK(h.answer().starts_with("TEMP 4.7."));
        h.pass(31s);
        CHECK(h.answer() == "(to be verified)");
    }
    for (const auto kind : {Kind::unreachable, Kind::timeout, Kind::closed, Kind::refused, Kind::local}) {
        History h;
        h.take({h.shows(leaves()[0])});
        h.take({h.fails(kind)});
        CHECK(h.lets(leaves()[0]));
        CHECK(h.history.reason() == "greeting: trouble");
        // But not for ever.
        h.pass(61min);
        CHECK(h.answer() == "(to be verified)");
        h.take({h.fails(kind)});
        CHECK(h.history.state() == HopState::unknown);
        CHECK(h.answer().starts_with("TEMP 4.7.5 "));
    }
    History h;
    h.take({h.shows(leaves()[0])});
    h.take({h.fails(Kind::timeout)}, true);
    CHECK(h.answer().starts_with("TEMP 4.7.5 "));
}

TEST_CASE("a fault of our own refuses", "[verifier]") {
    History h;
    h.take({h.shows(leaves()[0])});
    h.history.fail("the CA file is gone", "[h.x]:25", h.ages, h.now);
    CHECK(h.answer() == "TEMP 4.7.5 [h.x]:25 cannot be verified: the CA file is gone");
}

TEST_CASE("no history of verifications lets a leaf through that did not pass", "[verifier]") {
    std::mt19937 random(7);
    auto stale_spec = test::server_spec("s.x");
    stale_spec.not_after = test::now() + 40min;
    const auto stale = test::issue(stale_spec, root());
    const auto stranger = test::self_signed(test::server_spec("d.x"));
    for (int round = 0; round < 100; ++round) {
        History h;
        std::map<std::string, std::chrono::steady_clock::time_point> passed;
        for (int step = 0; step < 12; ++step) {
            std::vector<AddressReport> addresses;
            for (unsigned i = 0; i <= random() % 2; ++i) {
                switch (random() % 4) {
                case 0:
                    addresses.push_back(h.fails(static_cast<ProbeFailure::Kind>(random() % 9)));
                    break;
                case 1:
                    addresses.push_back(h.shows(stranger));
                    break;
                case 2:
                    addresses.push_back(h.shows(stale));
                    break;
                default:
                    addresses.push_back(h.shows(leaves()[random() % 3]));
                    break;
                }
                if (addresses.back().passes) {
                    passed[addresses.back().verdict->path.front().fingerprint()] = h.now.clock;
                }
            }
            h.take(std::move(addresses), random() % 5 == 0);
            h.pass(std::chrono::minutes(random() % 25));
            CHECK_FALSE(h.lets(stranger));
            CHECK((h.now.time < stale_spec.not_after || !h.lets(stale)));
            const auto said = h.answer();
            for (const auto& [fingerprint, seen] : passed) {
                CHECK((said.find(fingerprint) == std::string::npos || h.now.clock < seen + 1h));
            }
        }
    }
}
