// SPDX-License-Identifier: Apache-2.0
// A probe's life: connections, source addresses, cancelling, many at once.
#include "tests/unit/milter/starttls/probe_fixture.hpp"

#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/post.hpp>
#include <deque>

namespace sendconnector::starttls {

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using test::Peer;
using test::ScriptedServer;
using namespace std::chrono_literals;

namespace {

// A port where nobody listens, for as long as this lives.
class DeafPort {
public:
    DeafPort() : m_socket(m_context, tcp::endpoint(make_address("127.0.0.1"), 0)) {}
    tcp::endpoint endpoint() const { return m_socket.local_endpoint(); }

private:
    boost::asio::io_context m_context;
    tcp::socket m_socket;
};

} // namespace

TEST_CASE("a server that is not there is unreachable", "[probe]") {
    const DeafPort deaf;
    const auto result = probe(deaf.endpoint());
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::connect);
    CHECK(result.failure->kind == Kind::unreachable);
    CHECK(result.failure->text == "no connection: Connection refused");
    CHECK(result.endpoint == deaf.endpoint());
}

TEST_CASE("a server that does not take the connection costs no more than the time", "[probe]") {
    // A backlog that is full: further connections are not answered.
    boost::asio::io_context context;
    tcp::acceptor full(context);
    full.open(tcp::v4());
    full.bind({make_address("127.0.0.1"), 0});
    full.listen(0);
    std::deque<tcp::socket> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.emplace_back(context).async_connect(full.local_endpoint(), [](boost::system::error_code) {});
    }
    const auto result = probe(full.local_endpoint(), probe_identity(), within(300ms));
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::connect);
    CHECK(result.failure->kind == Kind::timeout);
    CHECK(result.failure->text == "no connection within 0.3 s");
}

TEST_CASE("a connection that was reset before anybody looked was made", "[probe]") {
    for (int i = 0; i < 20; ++i) {
        ScriptedServer server([](Peer& peer) { peer.reset(); });
        boost::asio::io_context context;
        std::optional<ProbeResult> result;
        const auto handle = Probe::start(context, server.endpoint(), probe_identity(), generous,
                                         [&](ProbeResult told) { result = std::move(told); });
        context.run_one(); // it connects
        server.finish();
        context.run_for(30s);
        REQUIRE(result);
        REQUIRE(result->failure);
        CHECK(result->stage == ProbeStage::greeting);
        CHECK(result->failure->kind == Kind::closed);
        CHECK(result->failure->text == "the server reset the connection instead of greeting");
    }
}

TEST_CASE("the source address is the connector's", "[probe]") {
    ScriptedServer server(healthy({}));
    auto identity = probe_identity();
    identity.source_ipv4 = "127.0.0.9";
    identity.source_ipv6 = "2001:db8::1"; // not for this server
    CHECK(probe(server, identity).stage == ProbeStage::done);
    CHECK(server.client_address == "127.0.0.9");
}

TEST_CASE("the unspecified address binds nothing", "[probe]") {
    ScriptedServer server(healthy({}));
    auto identity = probe_identity();
    identity.source_ipv4 = "0.0.0.0";
    CHECK(probe(server, identity).stage == ProbeStage::done);
    CHECK(server.client_address == "127.0.0.1");
}

TEST_CASE("what cannot be done from here is our failure, not the server's", "[probe]") {
    auto identity = probe_identity();
    std::string text;
    SECTION("a source address of another machine") {
        identity.source_ipv4 = "192.0.2.77";
        text = "the source address 192.0.2.77 cannot be used on this machine";
    }
    SECTION("a source address that is none") {
        identity.source_ipv4 = "mail";
        text = "\"mail\" is no IPv4 source address";
    }
    SECTION("a source address of the other family") {
        identity.source_ipv4 = "::1";
        text = "\"::1\" is no IPv4 source address";
    }
    SECTION("an EHLO name with a line's end") {
        identity.helo_name = "a\r\nMAIL FROM:<>";
        text = "\"a\\x0d\\x0aMAIL FROM:<>\" cannot be sent as EHLO name";
    }
    const DeafPort deaf;
    const auto result = probe(deaf.endpoint(), identity);
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::connect);
    CHECK(result.failure->kind == Kind::local);
    CHECK_THAT(result.failure->text, has_text(text));
}

TEST_CASE("without an EHLO name the host's is said", "[probe]") {
    ScriptedServer server(healthy({}));
    auto identity = probe_identity();
    identity.helo_name.clear();
    probe(server, identity);
    REQUIRE_FALSE(server.heard.empty());
    CHECK(server.heard.front() == "EHLO " + boost::asio::ip::host_name());
}

TEST_CASE("IPv6 servers are probed", "[probe]") {
    std::unique_ptr<ScriptedServer> server;
    try {
        server = std::make_unique<ScriptedServer>(healthy({}), "::1");
    } catch (const std::runtime_error&) {
        WARN("no IPv6 on this machine");
        return;
    }
    CHECK(probe(*server).stage == ProbeStage::done);
}

TEST_CASE("a probe that is dropped at any step is not heard of again", "[probe]") {
    // Each says when the server has come to its step; the client then goes.
    using Reached = std::function<void()>;
    const auto step = GENERATE(0, 1, 2, 3, 4, 5);
    CAPTURE(step);
    boost::asio::io_context context;
    std::unique_ptr<Probe> handle;
    bool is_reached = false;
    const Reached reached = [&] {
        boost::asio::post(context, [&] {
            is_reached = true;
            handle.reset();
        });
    };
    ScriptedServer server([&](Peer& p) {
        const std::vector<std::function<void()>> steps{
            [&] { p.say("220-mx\r\n"); },
            [&] {
                p.say("220 mx\r\n");
                p.hear();
            },
            [&] {
                p.say("250-mx\r\n250 STARTTLS\r\n");
                p.hear();
            },
            [&] { p.say("220 go\r\n"); },
            [&] {
                test::ServerTls tls;
                tls.chain = {test_server()};
                p.start_tls(tls);
            },
        };
        for (int i = 0; i < step; ++i) {
            steps[static_cast<std::size_t>(i)]();
        }
        reached();
        p.until_left();
    });
    handle = Probe::start(context, server.endpoint(), probe_identity(), generous,
                          [](const ProbeResult&) { FAIL("it was dropped"); });
    context.run_for(10s);
    server.finish();
    CHECK(is_reached);
    CHECK(context.stopped());
}

TEST_CASE("a probe that is dropped before it begins does nothing", "[probe]") {
    boost::asio::io_context context;
    const DeafPort deaf;
    Probe::start(context, deaf.endpoint(), probe_identity(), generous, [](const ProbeResult&) {
        FAIL("it was dropped");
    }).reset();
    context.run_for(5s);
    CHECK(context.stopped());
}

TEST_CASE("a probe may be dropped from within its answer", "[probe]") {
    boost::asio::io_context context;
    ScriptedServer server(healthy({}));
    std::unique_ptr<Probe> handle;
    int answers = 0;
    handle = Probe::start(context, server.endpoint(), probe_identity(), generous, [&](const ProbeResult&) {
        ++answers;
        handle.reset();
    });
    context.run_for(10s);
    CHECK(answers == 1);
    CHECK(context.stopped());
}

TEST_CASE("nothing is left to do after the answer, even while the handle is kept", "[probe]") {
    boost::asio::io_context context;
    const DeafPort deaf;
    int answers = 0;
    const auto handle = Probe::start(context, deaf.endpoint(), probe_identity(), within(60s),
                                     [&](const ProbeResult&) { ++answers; });
    CHECK(answers == 0);
    context.run_for(10s);
    CHECK(answers == 1);
    CHECK(context.stopped());
}

TEST_CASE("slow servers do not delay others", "[probe]") {
    boost::asio::io_context context;
    std::deque<ScriptedServer> servers;
    std::vector<std::unique_ptr<Probe>> handles;
    int healthy_ones = 0;
    int late_ones = 0;
    for (int i = 0; i < 30; ++i) {
        const bool is_slow = i % 3 == 0;
        servers.emplace_back(is_slow ? [](Peer& p) { p.until_left(); } : healthy({}));
        handles.push_back(Probe::start(context, servers.back().endpoint(), probe_identity(),
                                       within(is_slow ? 12s : 11s), [&](const ProbeResult& result) {
                                           late_ones += result.failure.has_value();
                                           healthy_ones += result.stage == ProbeStage::done;
                                           if (healthy_ones == 20) {
                                               CHECK(late_ones == 0);
                                               handles.clear();
                                           }
                                       }));
    }
    context.run_for(20s);
    CHECK(healthy_ones == 20);
}

} // namespace sendconnector::starttls
