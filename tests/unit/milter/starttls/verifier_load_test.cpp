// SPDX-License-Identifier: Apache-2.0
// The verifier with more next-hops than sockets. Verifications are stood in for: what counts here is who is
// served when.
#include "tests/unit/milter/starttls/verifier_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <set>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::starttls;
using namespace std::chrono_literals;
using test::eventually;

namespace {

const test::Identity& root() {
    static const auto identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}
const test::Identity& leaf() {
    static const auto identity = test::issue(test::server_spec("mx.contoso.example"), root());
    return identity;
}

// Verifications that end when, and as, a test says; in the verifier's thread, like true ones.
class StandIn {
public:
    Verifier::Start start() {
        return [this](boost::asio::io_context& context, HopRequest request, bool, Verification::Done done) {
            return begin(context, std::move(request), std::move(done));
        };
    }
    std::size_t begun() const { return m_begun; }
    std::size_t under_way() const { return m_now; }
    std::size_t most_at_once() const { return m_most; }

private:
    struct Stub : Verification {
        Stub(StandIn& its_owner, boost::asio::io_context& context) : owner(its_owner), timer(context) {
            ++owner.m_begun;
            owner.m_most = std::max<std::size_t>(owner.m_most, ++owner.m_now);
        }
        ~Stub() override { --owner.m_now; }
        void hurry() override {}
        StandIn& owner;
        boost::asio::steady_timer timer;
    };

    std::unique_ptr<Verification> begin(boost::asio::io_context& context, HopRequest request,
                                        Verification::Done done) {
        auto stub = std::make_unique<Stub>(*this, context);
        const bool drips = request.next_hop.find("drip") != std::string::npos;
        stub->timer.expires_after(drips ? std::chrono::milliseconds(1h) : 1ms);
        stub->timer.async_wait(
            [request = std::move(request), done = std::move(done)](const boost::system::error_code& ended) {
                if (!ended) {
                    done(passed(request));
                }
            });
        return stub;
    }

    static HopReport passed(const HopRequest& request) {
        HopReport report;
        report.next_hop = request.next_hop;
        report.resolved.outcome = Resolved::Outcome::found;
        AddressReport address;
        address.probe.stage = ProbeStage::done;
        address.probe.presented.certificates = {leaf().der()};
        address.verdict =
            policy::judge(address.probe.presented, *request.rules, request.anchors, {},
                          std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
        address.passes = address.verdict->accepted();
        if (!address.passes) {
            address.reason = to_string(address.verdict->flaws.front().reason);
        }
        report.addresses.push_back(std::move(address));
        return report;
    }

    std::atomic<std::size_t> m_begun{0};
    std::atomic<std::size_t> m_now{0};
    std::atomic<std::size_t> m_most{0};
};

struct Load {
    StandIn stand_in; // outlives the verifier
    test::TemporaryDirectory directory;
    std::string ca = directory.write("ca.pem", root().pem());
    std::string validation = "tls_auth_level = \"CertificateValidation\"";
};

std::string name_of(int number) {
    return fmt::format("c{:05}", number);
}
std::string hop_of(int number, int every) {
    return fmt::format("[{}{}.example]:25", number % every == 0 ? "drip" : "host", number);
}

} // namespace

TEST_CASE("a thousand connectors, one in twenty dripping: nobody else is delayed", "[verifier][load]") {
    Load load;
    std::string toml = "[tls]\nlookup_wait = \"00:00:02\"\nparallel_probes = 16\n";
    for (int i = 0; i < 1000; ++i) {
        toml += connector_table(name_of(i), hop_of(i, 20), load.ca, load.validation);
    }
    VerifierFixture f(toml, load.stand_in.start());
    // The first round: warmed, or asked for.
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 1000; ++i) {
        answers.push_back(f.ask_later(name_of(i), hop_of(i, 20)));
    }
    int verified = 0;
    int temporary = 0;
    for (auto& answer : answers) {
        REQUIRE(answer.wait_for(20s) == std::future_status::ready);
        const auto said = answer.get();
        verified += said.starts_with("OK fingerprint") ? 1 : 0;
        temporary += said.starts_with("TEMP 4.7.5 ") ? 1 : 0;
    }
    CHECK(verified == 950);
    CHECK(temporary == 50);
    CHECK(f.verifier->counters().verified == 950);
    CHECK(f.verifier->counters().probing == 50);
    CHECK(f.verifier->counters().timed_out == 50);
    // Single flight: those that drip are not begun again while they do.
    CHECK(load.stand_in.begun() == 1000);
    const auto begin = std::chrono::steady_clock::now();
    f.verifier->stop();
    CHECK(std::chrono::steady_clock::now() - begin < 4s);
    CHECK(load.stand_in.under_way() == 0);
}

TEST_CASE("smart hosts are warmed without being asked for, not all at once", "[verifier][load]") {
    Load load;
    std::string toml = "[tls]\nparallel_probes = 2\n";
    for (int i = 0; i < 200; ++i) {
        toml += connector_table(name_of(i), hop_of(i, 50), load.ca, load.validation);
    }
    VerifierFixture f(toml, load.stand_in.start());
    CHECK(eventually([&] { return f.verifier->counters().verified == 196; }, 20s));
    CHECK(f.verifier->counters().asked == 0);
    // Four times parallel_probes.
    CHECK(load.stand_in.most_at_once() <= 8);
}

TEST_CASE("the cache is bounded, and who was asked for least recently goes first", "[verifier][load]") {
    Load load;
    const auto toml =
        "[tls]\ncached_next_hops = 100\n" +
        connector_table("direct", "", load.ca, "tls_auth_level = \"DomainValidation\"\nrevocation = \"off\"");
    VerifierFixture f(toml, load.stand_in.start());
    for (int i = 0; i < 400; ++i) {
        // The certificate is another's: refused, and remembered all the same.
        CHECK(f.ask("direct", fmt::format("d{}.example", i)).starts_with("TEMP 4.7.5 "));
        CHECK(f.verifier->counters().next_hops <= 100);
        if (i % 50 == 49) {
            CHECK(f.ask("direct", "d0.example").starts_with("TEMP 4.7.5 "));
        }
    }
    CHECK(f.verifier->counters().evicted >= 300);
    const auto begun = load.stand_in.begun();
    // Asked for again and again, it stayed; so did the youngest.
    (void)f.ask("direct", "d0.example");
    (void)f.ask("direct", "d399.example");
    CHECK(load.stand_in.begun() == begun);
    (void)f.ask("direct", "d200.example");
    CHECK(load.stand_in.begun() == begun + 1);
}

TEST_CASE("a DNS-routed connector wants the recipient's domain", "[verifier]") {
    Load load;
    VerifierFixture f(
        connector_table("direct", "", load.ca, "tls_auth_level = \"DomainValidation\"\nrevocation = \"off\""),
        load.stand_in.start());
    CHECK(f.ask("direct", "mx.contoso.example").starts_with("OK secure match=nexthop protocols="));
    CHECK(f.ask("direct", "MX.Contoso.Example").starts_with("OK secure match=nexthop protocols="));
    CHECK(load.stand_in.begun() == 1);
    CHECK(f.ask("direct", "contoso.example").find("Reason:SubjectMismatch") != std::string::npos);
    CHECK(f.ask("direct", "[192.0.2.1]").find("Reason:SubjectMismatch") != std::string::npos);
    CHECK(f.ask("direct", "not a domain") == "TEMP not a domain is no domain");
}

TEST_CASE("reloads and lookups at the same time lose no answer", "[verifier][load]") {
    Load load;
    const auto toml = [&](int round) {
        std::string text = fmt::format("[tls]\nparallel_probes = {}\n", 1 + round % 7);
        for (int i = 0; i < 20; ++i) {
            text += connector_table(name_of(i), hop_of(i, 1000 - round), load.ca,
                                    load.validation + (round % 2 == 0 ? "" : "\nrevocation = \"off\""));
        }
        return text;
    };
    VerifierFixture f(toml(1), load.stand_in.start());
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> askers;
    for (int t = 0; t < 3; ++t) {
        askers.emplace_back([&] {
            for (int i = 1; !done; i = i % 19 + 1) {
                const auto said = f.ask(name_of(i), hop_of(i, 1000));
                wrong += said.starts_with("OK fingerprint") ? 0 : 1;
            }
        });
    }
    for (int round = 1; round < 30; ++round) {
        f.reload(toml(round));
        std::this_thread::sleep_for(10ms);
    }
    done = true;
    for (auto& asker : askers) {
        asker.join();
    }
    CHECK(wrong == 0);
}
