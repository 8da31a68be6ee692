// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/server.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/running_context.hpp"
#include "tests/unit/milter/support/snapshots.hpp"
#include "tests/unit/milter/support/stream_client.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <future>
#include <sys/resource.h>

using namespace sendconnector;
using namespace std::chrono_literals;
using test::netstring;
using test::StreamClient;

namespace {

constexpr std::string_view configuration = R"(
[[connector]]
name = "Contoso"
senders = ["contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.contoso.example]:587"]
)";

constexpr std::string_view route = "OK sc-contoso:[smtp.contoso.example]:587";

struct Fixture {
    explicit Fixture(endpoint::StreamLimits limits = {}) {
        const auto snapshot = test::snapshot_of(configuration);
        server.emplace(
            running.context, [snapshot] { return snapshot; }, log, limits);
        REQUIRE(server->open(path));
    }
    ~Fixture() {
        server->stop();
        running.finish();
    }
    // Whether a well-behaved client is served as if nothing had happened.
    bool serves() const {
        const StreamClient client(path);
        return client.send(netstring("transport alice@contoso.example")) &&
               client.receive_netstring() == route;
    }

    test::TemporaryDirectory directory;
    std::string path = directory / "lookup";
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    test::RunningContext running;
    std::optional<lookup::Server> server;
};

} // namespace

TEST_CASE("a socketmap client is answered, request after request on one connection") {
    const Fixture fixture;
    const StreamClient client(fixture.path);
    REQUIRE(client.send(netstring("transport alice@contoso.example")));
    CHECK(client.receive_netstring() == route);
    REQUIRE(client.send(netstring("transport bob@fabrikam.example")));
    CHECK(client.receive_netstring() == "NOTFOUND ");
    REQUIRE(client.send(netstring("tls/contoso [smtp.contoso.example]:587")));
    CHECK(client.receive_netstring().starts_with("OK may"));
}

TEST_CASE("garbage, huge lengths and half requests end their connection with one clear line") {
    struct Case {
        std::string sent;
        std::string_view want;
    };
    const Case cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "the length is not a number: \"GET / HTTP/1.1\\x0d\\x0a"},
        {std::string(1'000'000, '\xff'), "the length is not a number"},
        {"99999999999999999999:x", "the request is too long"},
        {"8193:x", "the request is too long"},
        {"0001:x,", "the length has leading zeros"},
        {netstring("transport alice@contoso.example") + "5:hello;", "no comma after the announced length"},
    };
    const Fixture fixture;
    std::size_t lines = 0;
    for (const auto& c : cases) {
        const StreamClient client(fixture.path);
        (void)client.send(c.sent, 1000);
        CHECK(client.is_closed());
        CHECK(fixture.log->lines().size() == ++lines);
        CHECK(fixture.log->count(c.want) >= 1);
        CHECK(fixture.log->lines().back().size() < 400);
        CHECK(fixture.serves());
    }
    StreamClient half(fixture.path);
    REQUIRE(half.send("31:transport al"));
    half.close();
    CHECK(test::eventually(
        [&] { return fixture.log->count("the client left in the middle of a request") == 1; }));
    CHECK(fixture.serves());
}

TEST_CASE("half a request times out while the others are served") {
    endpoint::StreamLimits limits;
    limits.request_time = 200ms;
    const Fixture fixture(limits);
    const StreamClient half(fixture.path);
    REQUIRE(half.send("31:transport al"));
    CHECK(fixture.serves());
    CHECK(half.is_closed());
    CHECK(fixture.log->count("half a request") == 1);
}

TEST_CASE("ten thousand requests in one write get ten thousand replies in order") {
    const Fixture fixture;
    const StreamClient client(fixture.path);
    std::string requests;
    for (int i = 0; i < 10'000; ++i) {
        requests +=
            netstring(i % 2 == 0 ? "transport alice@contoso.example" : "transport bob@fabrikam.example");
    }
    auto sent = std::async(std::launch::async, [&] { return client.send(requests); });
    std::size_t right = 0;
    for (int i = 0; i < 10'000; ++i) {
        right += client.receive_netstring() == (i % 2 == 0 ? route : "NOTFOUND ") ? 1U : 0U;
    }
    CHECK(right == 10'000);
    CHECK(sent.get());
    CHECK(fixture.server->connections().requests == 10'000);
}

TEST_CASE("ten thousand requests whose replies nobody reads delay nobody") {
    endpoint::StreamLimits limits;
    limits.reply_time = 500ms;
    const Fixture fixture(limits);
    const StreamClient deaf(fixture.path);
    std::string requests;
    for (int i = 0; i < 100'000; ++i) {
        requests += netstring("transport alice@contoso.example");
    }
    auto sender = std::async(std::launch::async, [&] { return deaf.send(requests, 2000); });
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(fixture.serves());
        CHECK(std::chrono::steady_clock::now() - start < 400ms);
    }
    CHECK(test::eventually([&] { return fixture.log->count("does not read") == 1; }));
    CHECK_FALSE(sender.get());
    CHECK(fixture.server->connections().requests < 50'000);
}

TEST_CASE("a thousand clients at once are served; one more is turned away") {
    rlimit files{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2200) {
        WARN("not enough descriptors for a thousand clients and their server");
        return;
    }
    const Fixture fixture;
    std::vector<StreamClient> clients;
    for (int i = 0; i < 1000; ++i) {
        clients.emplace_back(fixture.path);
        REQUIRE(clients.back().send(netstring("transport alice@contoso.example")));
    }
    std::size_t right = 0;
    for (const auto& client : clients) {
        right += client.receive_netstring() == route ? 1U : 0U;
    }
    CHECK(right == 1000);
    CHECK(StreamClient(fixture.path).is_closed());
    CHECK(fixture.log->count("connection refused: 1000 are open") == 1);
    // All of them still live.
    for (const auto& client : clients) {
        REQUIRE(client.send(netstring("transport bob@fabrikam.example")));
    }
    right = 0;
    for (const auto& client : clients) {
        right += client.receive_netstring() == "NOTFOUND " ? 1U : 0U;
    }
    CHECK(right == 1000);
}
