// SPDX-License-Identifier: Apache-2.0
// The milter endpoint as Postfix meets it: real libmilter, real socket.
#include "milter/filter/filter.hpp"

#include "milter/filter/libmilter_signals.hpp"
#include "milter/filter/session.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/milter_client.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/snapshots.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <csignal>
#include <filesystem>
#include <pthread.h>

using namespace sendconnector;
using namespace std::chrono_literals;
using test::eventually;
using test::MilterClient;
using test::StreamClient;

namespace {

constexpr std::string_view limited = R"(
unmatched_senders = "reject"
[[connector]]
name = "Small 100%"
senders = ["small.example"]
address_spaces = ["*"]
max_message_size = "100000B"
)";
constexpr std::string_view unlimited = R"(
[[connector]]
name = "Any"
address_spaces = ["*"]
max_message_size = "unlimited"
)";

constexpr std::string_view by_recipient = R"(
[[connector]]
name = "Partner"
address_spaces = ["partner.example"]
max_message_size = "unlimited"
)";

constexpr std::uint32_t no_connect = 0x1, no_helo = 0x2, no_body = 0x10, no_headers = 0x20, no_eoh = 0x40,
                        no_unknown = 0x100, no_data = 0x200, silent_headers = 0x80, silent_body = 0x80000,
                        leading_space = 0x100000;

std::shared_ptr<const conf::postfix::Facts> facts() {
    return std::make_shared<const conf::postfix::Facts>(test::plain_facts());
}

// libmilter starts once a process, so these tests share one filter; the last one stops it.
struct Fixture {
    Fixture() {
        // As the daemon does it: the filter's own threads take no signals.
        sigset_t all;
        sigset_t mask;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &mask);
        auto opened = filter::Filter::open(path,
                                           {[this] {
                                                if (failing) {
                                                    throw std::runtime_error("no snapshot\nat all");
                                                }
                                                return snapshot;
                                            },
                                            facts,
                                            {},
                                            {}},
                                           log, [] {});
        ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
        if (!opened) {
            throw std::runtime_error(to_string(opened.error()));
        }
        filter = std::move(*opened);
    }
    bool serves() const {
        const auto client = MilterClient::ready(path);
        return client.mail("<a@small.example>") == "continue" &&
               client.rcpt("<b@far.example>", "sc-small-100_25") == "continue" &&
               client.message("hello\r\n") == "continue";
    }

    test::TemporaryDirectory directory;
    std::string path = directory / "milter";
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    std::shared_ptr<const conf::postfix::Snapshot> snapshot = test::snapshot_of(limited);
    std::atomic<bool> failing{false};
    std::unique_ptr<filter::Filter> filter;
};

std::unique_ptr<Fixture>& shared() {
    static auto& fixture = *new std::unique_ptr<Fixture>(new Fixture);
    return fixture;
}

} // namespace

TEST_CASE("the filter asks for the events and macros in use, and no others") {
    auto& fixture = *shared();
    const auto client = MilterClient::ready(fixture.path);
    CHECK(client.steps ==
          (no_connect | no_helo | no_data | no_unknown | silent_headers | silent_body | leading_space));
    const auto list = [](std::uint32_t stage, std::string_view names) {
        return MilterClient::number(stage) + std::string(names) + '\0';
    };
    const auto macros = [&](std::string_view at_mail, std::string_view at_rcpt) {
        return list(0, "i") + list(1, "i") + list(2, at_mail) + list(3, at_rcpt) + list(4, "i") +
               list(5, "i") + list(6, "i");
    };
    CHECK(client.macros ==
          macros("i {daemon_name} {daemon_addr} {daemon_port} {client_addr} {client_port} {auth_authen}",
                 "i {rcpt_mailer} {rcpt_host} {rcpt_addr}"));
    // Nothing is counted where no connector takes less than Postfix.
    fixture.snapshot = test::snapshot_of(unlimited);
    const auto brief = MilterClient::ready(fixture.path);
    CHECK(brief.steps == (no_connect | no_helo | no_data | no_unknown | no_headers | no_eoh | no_body));
    CHECK(brief.macros == macros("i", "i {rcpt_mailer} {rcpt_host}"));
    // Where recipients decide, a route is set and nothing read.
    fixture.snapshot = test::snapshot_of(by_recipient);
    const auto routing = MilterClient::ready(fixture.path);
    CHECK(routing.steps == brief.steps);
    CHECK(routing.macros == client.macros);
    fixture.snapshot = test::snapshot_of(limited);
    // An MTA that offers nothing is served as well.
    MilterClient poor(fixture.path);
    REQUIRE(poor.negotiate(0, 0));
    CHECK(poor.macros.empty());
}

TEST_CASE("what the lookup endpoint decides is accepted at MAIL, message after message") {
    auto& fixture = *shared();
    fixture.snapshot = test::snapshot_of(unlimited);
    const auto client = MilterClient::ready(fixture.path);
    const auto before = fixture.filter->counters().left_to_lookup.load();
    for (int i = 0; i < 3; ++i) {
        CHECK(client.mail("<a@small.example>") == "accept");
        client.send('A'); // as smtpd(8) ends every message
    }
    CHECK(fixture.filter->counters().left_to_lookup == before + 3);
    fixture.snapshot = test::snapshot_of(limited);
    // What came with a reload has to be seen, and on this connection cannot be.
    CHECK(client.mail("<a@small.example>") == "continue");
    CHECK(client.rcpt("<local@near.example>", "local") == "continue");
    CHECK(client.rcpt("<b@far.example>", "sc-small-100_25").starts_with("451 4.3.2 "));
}

TEST_CASE("messages pass, are refused and are logged, many on one connection") {
    auto& fixture = *shared();
    const auto client = MilterClient::ready(fixture.path);
    for (int i = 0; i < 3; ++i) {
        CHECK(client.mail("<a@small.example>", "SIZE=100001") == "continue");
        CHECK(client.rcpt("<local@near.example>", "local") == "continue");
        CHECK(client.rcpt("<b@far.example>", "sc-small-100_25") ==
              "552 5.3.4 Message size exceeds fixed maximum message size: 100001 octets, at most 100000");
        client.send('A'); // RSET
        CHECK(client.mail("<a@small.example>") == "continue");
        CHECK(client.rcpt("<b@far.example>", "sc-small-100_25") == "continue");
        CHECK(client.message(std::string(99'900, 'x')) == "continue");
        CHECK(client.mail("<a@small.example>", "SIZE=10") == "continue");
        CHECK(client.rcpt("<b@far.example>", "sc-small-100_25") == "continue");
        CHECK(client.message(std::string(200'000, 'x')).starts_with("552 5.3.4 "));
        CHECK(client.mail("<a@other.example>") == "continue");
        CHECK(client.rcpt("<b@far.example>", "sc-gone").starts_with("550 5.7.1 "));
        CHECK(client.rcpt("<local@near.example>", "local") == "continue");
        CHECK(client.message(std::string(200'000, 'x')) == "accept");
    }
    CHECK(fixture.log->count(
              "4TzQ1x: action=accept from=<a@small.example> connector=\"Small 100%\" recipients=1 "
              "ours=1 size=99914") == 3);
    CHECK(fixture.log->count("4TzQ1x: action=reject from=<a@small.example> to=<b@far.example>") == 3);
    CHECK(fixture.log->count("4TzQ1x: action=reject from=<a@other.example> to=<b@far.example>") == 3);
    CHECK(fixture.filter->counters().rejected_size >= 6);
    CHECK(fixture.filter->counters().rejected_sender >= 3);
}

TEST_CASE("an exception in a callback is a tempfail and a log line") {
    auto& fixture = *shared();
    const auto client = MilterClient::ready(fixture.path);
    fixture.failing = true;
    CHECK(client.mail("<a@small.example>") == "tempfail");
    // A connection that begins now cannot be served.
    MilterClient second(fixture.path);
    CHECK_FALSE(second.negotiate());
    fixture.failing = false;
    CHECK(fixture.log->count("filter: internal error: no snapshot") == 2);
    CHECK(client.mail("<a@small.example>") == "continue");
    CHECK(client.rcpt("<b@far.example>", "sc-small-100_25") == "continue");
    CHECK(client.message("x") == "continue");
}

TEST_CASE("garbage, huge lengths, half a request and out-of-order commands harm nobody") {
    auto& fixture = *shared();
    const std::string cases[] = {
        "GET / HTTP/1.1\r\n\r\n",
        std::string(1'000'000, '\xff'),
        std::string(1'000'000, '\0'),
        MilterClient::number(0xffffffff) + "O",
        MilterClient::number(0x7fffffff) + "O",
        MilterClient::packet('O', "short"),
        MilterClient::packet('Z', "unknown"),
        MilterClient::packet('M', "no terminator"),
    };
    const auto before = fixture.log->count("never spoke the milter protocol");
    for (const auto& garbage : cases) {
        StreamClient client(fixture.path);
        (void)client.send(garbage, 1000);
        client.end_output();
        CHECK(client.is_closed());
        CHECK(fixture.serves());
    }
    CHECK(eventually([&] { return fixture.log->count("never spoke the milter protocol") >= before + 8; }));
    // Commands where none belongs.
    const auto client = MilterClient::ready(fixture.path);
    client.send('R', MilterClient::strings({"<b@far.example>"}));
    client.send('E');
    client.send('B', "body");
    client.send('N');
    CHECK(client.mail("<a@small.example>") == "continue");
    client.send('M', ""); // MAIL without an argument
    CHECK(fixture.serves());
}

TEST_CASE("half requests, left open, do not keep others from being served") {
    auto& fixture = *shared();
    std::vector<StreamClient> halves;
    for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 4; ++j) {
            halves.emplace_back(fixture.path);
            REQUIRE(halves.back().send(j % 2 == 0 ? std::string(3, '\0')
                                                  : MilterClient::number(1000) + "O" + "half"));
        }
        CHECK(fixture.serves());
    }
}

TEST_CASE("ten thousand commands in one write are answered in order") {
    auto& fixture = *shared();
    const auto client = MilterClient::ready(fixture.path);
    REQUIRE(client.mail("<a@small.example>") == "continue");
    std::string many;
    for (int i = 0; i < 10'000; ++i) {
        many += MilterClient::packet('R', MilterClient::strings({"<b@far.example>"}));
    }
    std::thread sender([&] { client.stream.send(many); });
    std::size_t right = 0;
    for (int i = 0; i < 10'000; ++i) {
        right += client.answer() == "continue" ? 1U : 0U;
    }
    sender.join();
    CHECK(right == 10'000);
}

TEST_CASE("many connections at once, from many threads, each with its own message") {
    auto& fixture = *shared();
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                right += fixture.serves() ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(right == 16 * 25);
}

TEST_CASE("libmilter does not take the process' signals") {
    auto& fixture = *shared();
    CHECK(filter::libmilter_leaves_signals_alone());
    REQUIRE(fixture.serves()); // so libmilter and its thread for signals are there
    static volatile std::sig_atomic_t taken = 0;
    taken = 0;
    struct sigaction handler {};
    handler.sa_handler = [](int) { taken = taken + 1; };
    struct sigaction former {};
    REQUIRE(::sigaction(SIGHUP, &handler, &former) == 0);
    // Blocked here, the signals stay pending for whoever would fetch them with sigwait().
    sigset_t hangup;
    sigset_t mask;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(::pthread_sigmask(SIG_BLOCK, &hangup, &mask) == 0);
        ::kill(::getpid(), SIGHUP);
        std::this_thread::sleep_for(100us);
        REQUIRE(::pthread_sigmask(SIG_SETMASK, &mask, nullptr) == 0);
    }
    CHECK(taken == 200);
    CHECK(fixture.serves());
    REQUIRE(::sigaction(SIGHUP, &former, nullptr) == 0);
}

TEST_CASE("a second filter in one process, or on a live socket, is refused") {
    auto& fixture = *shared();
    const auto second = filter::Filter::open(
        fixture.directory / "second", {[&] { return fixture.snapshot; }, facts, {}, {}}, fixture.log, [] {});
    REQUIRE_FALSE(second);
    CHECK(second.error().text.find("only once") != std::string::npos);
    const auto same = filter::Filter::open(fixture.path, {[&] { return fixture.snapshot; }, facts, {}, {}},
                                           fixture.log, [] {});
    REQUIRE_FALSE(same);
    CHECK(same.error().text.find("served by another process") != std::string::npos);
    CHECK(fixture.serves());
}

// The last of this file: the filter does not start again.
TEST_CASE("a stop waits for messages on their way, takes no new ones, and is quick") {
    auto& fixture = *shared();
    const auto busy = MilterClient::ready(fixture.path);
    const auto idle = MilterClient::ready(fixture.path);
    REQUIRE(busy.mail("<a@small.example>") == "continue");
    REQUIRE(busy.rcpt("<b@far.example>", "sc-small-100_25") == "continue");
    std::thread stopper([&] { fixture.filter->stop(5s); });
    CHECK(eventually([&] {
        const auto late = MilterClient::ready(fixture.path);
        return late.mail("<c@small.example>").starts_with("451 4.3.2 ");
    }));
    std::this_thread::sleep_for(300ms); // a message takes its time
    CHECK(busy.message("hello\r\n") == "continue");
    const auto start = std::chrono::steady_clock::now();
    stopper.join();
    CHECK(std::chrono::steady_clock::now() - start < 2s);
    CHECK_FALSE(std::filesystem::exists(fixture.path));
    shared().reset();
}
