// SPDX-License-Identifier: Apache-2.0
// The milter endpoint as Postfix meets it: a real socket.
#include "milter/filter/filter.hpp"

#include "milter/filter/session.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/milter_client.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/snapshots.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

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

constexpr std::string_view by_author = R"(
[[connector]]
name = "Authors"
sender_identity = "header-from"
senders = ["author.example"]
address_spaces = ["*"]
max_message_size = "unlimited"
)";

constexpr std::uint32_t no_connect = 0x1, no_helo = 0x2, no_body = 0x10, no_headers = 0x20, no_eoh = 0x40,
                        no_unknown = 0x100, no_data = 0x200, silent_headers = 0x80, silent_body = 0x80000,
                        leading_space = 0x100000;

std::shared_ptr<const conf::postfix::Facts> facts() {
    return std::make_shared<const conf::postfix::Facts>(test::plain_facts());
}

struct Fixture {
    Fixture() {
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
                                           log);
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

} // namespace

TEST_CASE("the filter asks for the events and macros in use, and no others") {
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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
    CHECK(client.answer().starts_with("451 4.3.0 "));
    client.send('E');
    CHECK(client.answer().starts_with("451 4.3.0 "));
    client.send('B', "body");
    client.send('N');
    CHECK(client.answer() == "continue");
    CHECK(client.mail("<a@small.example>") == "continue");
    client.send('M', ""); // MAIL without an argument
    CHECK(fixture.serves());
}

TEST_CASE(
    "an MTA that leaves nothing out is answered every time, and one that takes no edits is not edited") {
    Fixture fixture;
    MilterClient poor(fixture.path);
    REQUIRE(poor.negotiate(0, 0));
    const auto answered = [&](char command, std::string_view data = "") {
        poor.send(command, data);
        return poor.answer();
    };
    CHECK(answered('C', MilterClient::strings({"client.example", "4x127.0.0.1"})) == "continue");
    CHECK(answered('H', MilterClient::strings({"client.example"})) == "continue");
    CHECK(poor.mail("<a@small.example>") == "continue");
    CHECK(answered('T') == "continue");
    CHECK(answered('L', MilterClient::strings({"X-Sendconnector-Route", "default"})) == "continue");
    CHECK(answered('N') == "continue");
    CHECK(answered('B', "body") == "continue");
    CHECK(answered('U', MilterClient::strings({"VRFY"})) == "continue");
    poor.send('A');
    // The next client of the MTA, on the same connection.
    poor.send('K');
    CHECK(poor.mail("<a@small.example>") == "continue");
    CHECK(poor.rcpt("<local@near.example>", "local") == "continue");
    CHECK(answered('E', "a last piece of the body") == "continue");
    poor.send('Q');
    CHECK(poor.stream.is_closed());
}

TEST_CASE("fields of ours are removed, and a route is inserted, in packets as Postfix takes them") {
    Fixture fixture;
    fixture.snapshot = test::snapshot_of(by_author);
    const auto client = MilterClient::ready(fixture.path);
    REQUIRE(client.mail("<a@far.example>") == "continue");
    const auto split = fixture.snapshot->split_transport();
    REQUIRE(client.rcpt("<b@far.example>", split.substr(0, split.find(':'))) == "continue");
    client.send('L', MilterClient::strings({"X-Sendconnector-Route", " sc-authors:[192.0.2.1]:25"}));
    client.send('L', MilterClient::strings({"From", " a@author.example"}));
    client.send('N');
    REQUIRE(client.answer() == "continue");
    client.send('E');
    using MC = MilterClient;
    const auto removed = [](std::string_view name) {
        return std::pair('m', MC::number(1) + MC::strings({name, ""}));
    };
    CHECK((client.receive() == removed("x-sendconnector-route"))); // the client's
    CHECK((client.receive() ==
           std::pair('i', MC::number(0) + MC::strings({"X-Sendconnector-Route", " sc-authors:"}))));
    CHECK((client.receive() == removed("X-Sendconnector-Route"))); // ours, on which cleanup(8) has acted
    CHECK(client.answer() == "continue");
    CHECK(fixture.filter->counters().routed == 1);
}

TEST_CASE("a header longer than a piece of a body is taken, and one that has no end is not") {
    Fixture fixture;
    const auto client = MilterClient::ready(fixture.path);
    REQUIRE(client.mail("<a@small.example>") == "continue");
    REQUIRE(client.rcpt("<b@far.example>", "sc-small-100_25") == "continue");
    client.send('L', MilterClient::strings({"Subject", std::string(90'000, 'x')}));
    client.send('N');
    CHECK(client.answer() == "continue");
    client.send('B', std::string(9'000, 'x'));
    client.send('E');
    CHECK(client.answer() == "continue");
    REQUIRE(client.mail("<a@small.example>") == "continue");
    (void)client.stream.send(MilterClient::number(0x7fffffff) + "L", 1000);
    CHECK(client.stream.is_closed());
    CHECK(eventually([&] { return fixture.log->count("a packet of 2147483647 octets") == 1; }));
    CHECK(fixture.serves());
}

TEST_CASE("half requests, left open, do not keep others from being served") {
    Fixture fixture;
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
    Fixture fixture;
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
    Fixture fixture;
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

namespace {

// How often threads of this process, but for the caller's, have gone to sleep, by their names and numbers.
std::map<std::string, std::uint64_t> sleeps() {
    std::map<std::string, std::uint64_t> all;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        if (task.path().filename() == std::to_string(::gettid())) {
            continue;
        }
        std::ifstream status(task.path() / "status");
        for (std::string word; status >> word;) {
            if (word == "voluntary_ctxt_switches:") {
                status >> all[task.path().filename()];
            }
        }
    }
    return all;
}

} // namespace

TEST_CASE("a filter that nobody asks does not wake") {
    Fixture fixture;
    REQUIRE(fixture.serves());
    const MilterClient silent(fixture.path);
    CHECK(eventually(
        [] {
            const auto before = sleeps();
            std::this_thread::sleep_for(2s);
            return sleeps() == before;
        },
        20s));
    CHECK(fixture.serves());
}

TEST_CASE("a filter on a live socket is refused") {
    Fixture fixture;
    const auto same =
        filter::Filter::open(fixture.path, {[&] { return fixture.snapshot; }, facts, {}, {}}, fixture.log);
    REQUIRE_FALSE(same);
    CHECK(same.error().text.find("served by another process") != std::string::npos);
    CHECK(fixture.serves());
}

TEST_CASE("a stop waits for messages on their way, takes no new ones, and is quick") {
    Fixture fixture;
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
}
