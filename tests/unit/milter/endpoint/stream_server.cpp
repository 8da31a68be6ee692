// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_server.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/running_context.hpp"
#include "tests/unit/milter/support/stream_client.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::endpoint;
using namespace std::chrono_literals;
using test::eventually;
using test::StreamClient;

namespace {

// A request is what stands before a semicolon; one that begins with `!` is broken.
class Semicolons : public Framing {
public:
    Step take(std::string_view& input) override {
        const auto end = input.find(';');
        m_text = std::exchange(m_rest, "") + std::string(input.substr(0, end));
        if (m_text.starts_with("!")) {
            return Step::broken;
        }
        if (end == std::string_view::npos) {
            m_rest = std::exchange(m_text, "");
            input = {};
            return Step::more;
        }
        input.remove_prefix(end + 1);
        return Step::request;
    }
    std::string_view request() const override { return m_text; }
    bool in_progress() const override { return !m_rest.empty(); }
    std::string problem() const override { return "exclamation mark"; }
    void append_reply(std::string& out, std::string_view reply) const override { out.append(reply) += ';'; }

private:
    std::string m_text;
    std::string m_rest;
};

struct Fixture {
    explicit Fixture(StreamLimits limits = {}) {
        server.emplace(running.context,
                       StreamServer::Protocol{"test", [] { return std::make_unique<Semicolons>(); },
                                              [](std::string_view request, const StreamServer::Reply& reply) {
                                                  if (request == "throw") {
                                                      throw std::runtime_error("thrown");
                                                  }
                                                  reply(request.starts_with("big")
                                                            ? std::string(10'000, 'x')
                                                            : "re " + std::string(request));
                                              }},
                       limits, log);
        const auto opened = server->open(path);
        REQUIRE(opened);
    }
    ~Fixture() {
        server->stop();
        running.finish();
    }
    test::TemporaryDirectory directory;
    std::string path = directory / "socket";
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    test::RunningContext running;
    std::optional<StreamServer> server;
};

} // namespace

TEST_CASE("requests are answered in order, however they are cut") {
    const Fixture fixture;
    const StreamClient client(fixture.path);
    for (const std::string_view piece : {"on", "e;tw", "o;", "three;f", "our;"}) {
        REQUIRE(client.send(piece));
    }
    CHECK(client.receive_exactly(31) == "re one;re two;re three;re four;");
}

TEST_CASE("garbage and exceptions end that connection only, with one line") {
    const Fixture fixture;
    const StreamClient good(fixture.path);
    const StreamClient bad(fixture.path);
    REQUIRE(bad.send("one;!two;three;"));
    CHECK(bad.is_closed());
    const StreamClient unlucky(fixture.path);
    REQUIRE(unlucky.send("throw;"));
    CHECK(unlucky.is_closed());
    REQUIRE(good.send("x;"));
    CHECK(good.receive_exactly(5) == "re x;");
    CHECK(fixture.log->all() == "test: connection closed: exclamation mark\n"
                                "test: connection closed: no answer: thrown\n");
    CHECK(fixture.server->counters().broken == 2);
}

TEST_CASE("half a request is given up after its time, however it drips; an idle connection is not") {
    StreamLimits limits;
    limits.request_time = 300ms;
    const Fixture fixture(limits);
    const StreamClient idle(fixture.path);
    REQUIRE(idle.send("a;"));
    CHECK(idle.receive_exactly(5) == "re a;");
    const StreamClient half(fixture.path);
    REQUIRE(half.send("a;b"));
    const auto start = std::chrono::steady_clock::now();
    bool closed = false;
    while (!closed && std::chrono::steady_clock::now() - start < 5s) {
        (void)half.send("b", 0); // never a whole one
        closed = half.is_closed(20);
    }
    CHECK(closed);
    CHECK(std::chrono::steady_clock::now() - start >= 250ms);
    CHECK(fixture.log->count("half a request") == 1);
    REQUIRE(idle.send("b;"));
    CHECK(idle.receive_exactly(5) == "re b;");
}

TEST_CASE("a steady sender of requests in two halves is never given up") {
    StreamLimits limits;
    limits.request_time = 200ms;
    const Fixture fixture(limits);
    const StreamClient client(fixture.path);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(client.send("a"));
    while (std::chrono::steady_clock::now() - start < 600ms) {
        REQUIRE(client.send("b;a"));
        REQUIRE(client.receive_exactly(6) == "re ab;");
        std::this_thread::sleep_for(20ms);
    }
}

TEST_CASE("an idle connection is closed where there is an idle time") {
    StreamLimits limits;
    limits.idle_time = 100ms;
    const Fixture fixture(limits);
    const StreamClient client(fixture.path);
    CHECK(client.is_closed(5000));
    CHECK(fixture.log->all().empty());
}

TEST_CASE("a client that never reads costs neither memory nor others' time, and is given up") {
    StreamLimits limits;
    limits.reply_time = 400ms;
    const Fixture fixture(limits);
    const StreamClient deaf(fixture.path);
    std::string flood;
    for (int i = 0; i < 20'000; ++i) {
        flood += "big;";
    }
    // 20,000 requests would make 200 MB of replies. They stay in the socket: their sender is stopped.
    auto sender = std::async(std::launch::async, [&] {
        while (deaf.send(flood, 2000)) {
        }
    });
    REQUIRE(eventually([&] { return fixture.server->counters().requests > 0; }));
    const StreamClient other(fixture.path);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(other.send("x;"));
    CHECK(other.receive_exactly(5) == "re x;");
    CHECK(std::chrono::steady_clock::now() - start < 300ms);
    CHECK(eventually([&] { return fixture.log->count("does not read") == 1; }));
    // At most what fits into its unsent replies and the kernel's buffers was answered.
    CHECK(fixture.server->counters().requests < 500);
    sender.get();
}

TEST_CASE("connections over the limit are closed, and the log says so once in a while") {
    StreamLimits limits;
    limits.connections = 3;
    const Fixture fixture(limits);
    std::vector<StreamClient> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(fixture.path);
        REQUIRE(clients.back().send("x;"));
        REQUIRE(clients.back().receive_exactly(5) == "re x;");
    }
    for (int i = 0; i < 10; ++i) {
        CHECK(StreamClient(fixture.path).is_closed());
    }
    CHECK(fixture.log->count("connection refused: 3 are open") == 1);
    CHECK(fixture.server->counters().refused == 10);
    clients.pop_back();
    // The place is free again.
    CHECK(eventually([&] {
        const StreamClient next(fixture.path);
        return next.send("x;") && next.receive_exactly(5) == "re x;";
    }));
}

TEST_CASE("stop answers what was sent, removes the socket and ends") {
    Fixture fixture;
    const StreamClient idle(fixture.path);
    const StreamClient half(fixture.path);
    const StreamClient busy(fixture.path);
    REQUIRE(half.send("ha"));
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "big;";
    }
    REQUIRE(busy.send(many));
    // All three are accepted before the stop, or they would be refused rightly.
    REQUIRE(eventually([&] { return fixture.server->counters().connections == 3; }));
    fixture.server->stop();
    CHECK(idle.is_closed());
    CHECK(half.is_closed());
    CHECK(busy.receive_exactly(1000 * 10'001).size() == 1000 * 10'001);
    CHECK(busy.is_closed());
    fixture.running.finish();
    CHECK_FALSE(std::filesystem::exists(fixture.path));
    CHECK_THROWS(StreamClient(fixture.path));
}

TEST_CASE("stop does not wait for a client that does not read") {
    StreamLimits limits;
    limits.finish_time = 200ms;
    Fixture fixture(limits);
    const StreamClient deaf(fixture.path);
    std::string many;
    for (int i = 0; i < 2000; ++i) {
        many += "big;";
    }
    REQUIRE(deaf.send(many));
    REQUIRE(eventually([&] { return fixture.server->counters().requests > 0; }));
    const auto start = std::chrono::steady_clock::now();
    fixture.server->stop();
    fixture.running.finish();
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

namespace {

// Replies when it is told to, from whatever thread that is.
struct LateFixture {
    explicit LateFixture(StreamLimits limits = {}) {
        server.emplace(running.context,
                       StreamServer::Protocol{"test", [] { return std::make_unique<Semicolons>(); },
                                              [this](std::string_view request, StreamServer::Reply reply) {
                                                  if (request.starts_with("now")) {
                                                      return reply("re " + std::string(request));
                                                  }
                                                  const std::lock_guard lock(mutex);
                                                  open.emplace_back(request, std::move(reply));
                                              }},
                       limits, log);
        REQUIRE(server->open(path));
    }
    ~LateFixture() {
        server->stop();
        running.finish();
    }
    std::size_t waiting() {
        const std::lock_guard lock(mutex);
        return open.size();
    }
    void reply_to(std::size_t number) {
        const auto [request, reply] = [&] {
            const std::lock_guard lock(mutex);
            return open.at(number);
        }();
        reply("re " + request);
    }

    std::mutex mutex;
    std::vector<std::pair<std::string, StreamServer::Reply>> open;
    test::TemporaryDirectory directory;
    std::string path = directory / "socket";
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    test::RunningContext running;
    std::optional<StreamServer> server;
};

} // namespace

TEST_CASE("a reply that comes late keeps its place; meanwhile others are served, and no further request of "
          "this client is taken") {
    LateFixture fixture;
    const StreamClient client(fixture.path);
    REQUIRE(client.send("now 1;late 2;now 3;late 4;now 5;"));
    CHECK(client.receive_exactly(9) == "re now 1;");
    REQUIRE(eventually([&] { return fixture.waiting() == 1; }));
    const StreamClient other(fixture.path);
    REQUIRE(other.send("now;"));
    CHECK(other.receive_exactly(7) == "re now;");
    CHECK(fixture.waiting() == 1);
    fixture.reply_to(0);
    CHECK(client.receive_exactly(19) == "re late 2;re now 3;");
    REQUIRE(eventually([&] { return fixture.waiting() == 2; }));
    // The first one again is nothing.
    fixture.reply_to(0);
    fixture.reply_to(1);
    CHECK(client.receive_exactly(19) == "re late 4;re now 5;");
}

TEST_CASE("waiting for a late reply is neither idleness nor half a request") {
    StreamLimits limits;
    limits.idle_time = 50ms;
    limits.request_time = 50ms;
    limits.reply_time = 50ms;
    LateFixture fixture(limits);
    const StreamClient client(fixture.path);
    REQUIRE(client.send("late;ha"));
    REQUIRE(eventually([&] { return fixture.waiting() == 1; }));
    std::this_thread::sleep_for(300ms);
    fixture.reply_to(0);
    CHECK(client.receive_exactly(8) == "re late;");
    CHECK(client.is_closed()); // the half that came with it is
}

TEST_CASE("a client that leaves while it waits is gone at once, and its late reply harms nobody") {
    LateFixture fixture;
    {
        const StreamClient client(fixture.path);
        REQUIRE(client.send("late;"));
        REQUIRE(eventually([&] { return fixture.waiting() == 1; }));
    }
    const StreamClient other(fixture.path);
    REQUIRE(other.send("now;"));
    CHECK(other.receive_exactly(7) == "re now;");
    fixture.reply_to(0);
    REQUIRE(other.send("now;"));
    CHECK(other.receive_exactly(7) == "re now;");
    CHECK(fixture.log->all().empty());
}

TEST_CASE("those who have left do not count against the limit of connections") {
    StreamLimits limits;
    limits.connections = 2;
    LateFixture fixture(limits);
    const auto served = [&] {
        const StreamClient client(fixture.path);
        return client.send("now;") && client.receive_exactly(7) == "re now;";
    };
    for (std::size_t i = 0; i < 10; ++i) {
        const StreamClient client(fixture.path);
        REQUIRE(client.send("late;"));
        REQUIRE(eventually([&] { return fixture.waiting() == i + 1; }));
        CHECK(eventually(served)); // there is one place beside it
    }
}

TEST_CASE("a client that has ended its output still gets its reply") {
    LateFixture fixture;
    const StreamClient client(fixture.path);
    REQUIRE(client.send("late;"));
    client.end_output();
    REQUIRE(eventually([&] { return fixture.waiting() == 1; }));
    std::this_thread::sleep_for(50ms);
    fixture.reply_to(0);
    CHECK(client.receive_exactly(8) == "re late;");
    CHECK(client.is_closed());
}

TEST_CASE("stop waits for a late reply, but not longer than its time") {
    StreamLimits limits;
    limits.finish_time = 500ms;
    LateFixture fixture(limits);
    const StreamClient answered(fixture.path);
    const StreamClient forgotten(fixture.path);
    REQUIRE(answered.send("late;"));
    REQUIRE(eventually([&] { return fixture.waiting() == 1; }));
    REQUIRE(forgotten.send("late;"));
    REQUIRE(eventually([&] { return fixture.waiting() == 2; }));
    const auto begin = std::chrono::steady_clock::now();
    fixture.server->stop();
    fixture.reply_to(0);
    CHECK(answered.receive_exactly(8) == "re late;");
    CHECK(answered.is_closed());
    fixture.running.finish();
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
    CHECK(forgotten.is_closed());
    fixture.reply_to(1);
}

TEST_CASE("replies from several threads arrive, each once") {
    LateFixture fixture;
    constexpr std::size_t clients = 40;
    std::vector<StreamClient> waiting;
    for (std::size_t i = 0; i < clients; ++i) {
        waiting.emplace_back(fixture.path);
        REQUIRE(waiting.back().send("late;"));
    }
    REQUIRE(eventually([&] { return fixture.waiting() == clients; }));
    std::vector<std::thread> repliers;
    for (std::size_t t = 0; t < 4; ++t) {
        repliers.emplace_back([&] {
            for (std::size_t i = 0; i < clients; ++i) {
                fixture.reply_to(i);
            }
        });
    }
    for (auto& replier : repliers) {
        replier.join();
    }
    for (const auto& client : waiting) {
        CHECK(client.receive_exactly(8) == "re late;");
        REQUIRE(client.send("now;"));
        CHECK(client.receive_exactly(7) == "re now;");
    }
}

namespace {

// Knows at once what begins with "k", and gives the rest later, from another thread.
struct KnowingFixture {
    explicit KnowingFixture(StreamLimits limits = {}) {
        server.emplace(
            running.context,
            StreamServer::Protocol{"test", [] { return std::make_unique<Semicolons>(); },
                                   [this](std::string_view request, const StreamServer::Reply& reply) {
                                       ++asked;
                                       std::thread([reply, text = "late " + std::string(request)] {
                                           reply(text);
                                       }).detach();
                                   },
                                   [this](std::string_view request) -> std::optional<std::string_view> {
                                       if (!request.starts_with("k")) {
                                           return std::nullopt;
                                       }
                                       text = request.starts_with("kb") ? std::string(10'000, 'x')
                                                                        : "re " + std::string(request);
                                       return text;
                                   }},
            limits, log);
        REQUIRE(server->open(path));
    }
    ~KnowingFixture() {
        server->stop();
        running.finish();
    }
    std::string text;
    std::atomic<int> asked{0};
    test::TemporaryDirectory directory;
    std::string path = directory / "socket";
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    test::RunningContext running;
    std::optional<StreamServer> server;
};

} // namespace

TEST_CASE("what is known at once is not asked for, and keeps its place among what comes late") {
    const KnowingFixture fixture;
    const StreamClient client(fixture.path);
    std::string requests;
    std::string want;
    for (int i = 0; i < 200; ++i) {
        const auto name = (i % 7 == 0 ? "l" : "k") + std::to_string(i);
        requests += name + ";";
        want += (i % 7 == 0 ? "late " : "re ") + name + ";";
    }
    REQUIRE(client.send(requests));
    CHECK(client.receive_exactly(want.size()) == want);
    CHECK(fixture.asked == 29);
    CHECK(fixture.server->counters().requests == 200);
}

TEST_CASE(
    "what is known at once is kept back like any other reply; who reads slowly, but reads, gets it all") {
    StreamLimits limits;
    limits.reply_time = 1500ms;
    const KnowingFixture fixture(limits);
    const StreamClient slow(fixture.path);
    std::string flood;
    for (int i = 0; i < 2'000; ++i) {
        flood += "kb;";
    }
    REQUIRE(slow.send(flood));
    REQUIRE(eventually([&] { return fixture.server->counters().requests > 5; }));
    const StreamClient other(fixture.path);
    REQUIRE(other.send("k;"));
    CHECK(other.receive_exactly(5) == "re k;");
    CHECK(fixture.server->counters().requests < 500);
    // All in all it takes longer than the time for some replies.
    std::size_t octets = 0;
    for (int i = 0; i < 40; ++i) {
        octets += slow.receive_exactly(2'000 / 40 * 10'001).size();
        std::this_thread::sleep_for(50ms);
    }
    CHECK(octets == 2'000 * 10'001);
    CHECK(fixture.log->all().empty());
}

TEST_CASE("a client that never rests leaves room for the others") {
    const Fixture fixture;
    std::atomic<bool> over{false};
    std::thread busy([&] {
        const StreamClient client(fixture.path);
        while (!over && client.send("a;") && client.receive_exactly(5) == "re a;") {
        }
    });
    REQUIRE(eventually([&] { return fixture.server->counters().requests > 100; }));
    std::size_t right = 0;
    for (int i = 0; i < 50; ++i) {
        const StreamClient client(fixture.path);
        right += client.send("b;") && client.receive_exactly(5) == "re b;" ? 1U : 0U;
    }
    over = true;
    busy.join();
    CHECK(right == 50);
}

TEST_CASE("clients that leave at the same time are all forgotten") {
    const Fixture fixture;
    for (int round = 0; round < 20; ++round) {
        std::vector<StreamClient> clients;
        for (int i = 0; i < 50; ++i) {
            clients.emplace_back(fixture.path);
            REQUIRE(clients.back().send(i % 3 == 0 ? "!" : "x;"));
        }
    }
    const StreamClient last(fixture.path);
    REQUIRE(last.send("x;"));
    CHECK(last.receive_exactly(5) == "re x;");
    CHECK(eventually([&] { return fixture.server->counters().connections == 1001; }));
}
