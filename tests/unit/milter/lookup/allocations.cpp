// SPDX-License-Identifier: Apache-2.0
// What a cached answer costs of memory: nothing.
#include "milter/lookup/server.hpp"
#include "tests/unit/allocation_count.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/running_context.hpp"
#include "tests/unit/milter/support/snapshots.hpp"
#include "tests/unit/milter/support/stream_client.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

#include <array>
#include <string>

using namespace sendconnector;
using test::netstring;

namespace {

constexpr std::string_view configuration = R"(
unmatched_senders = "postfix"

[[connector]]
name = "One smart host of some"
senders = ["one.contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.contoso.example]:587"]

[[connector]]
name = "Three smart hosts"
senders = ["three.contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[a-rather-long-name.contoso.example]:587;3", "[b.contoso.example]:587", "[c.contoso.example]:587"]

[[connector]]
name = "By DNS"
senders = ["somebody.with.a.long.name@dns.contoso.example", "*.below.contoso.example"]
address_spaces = ["*"]

[[connector]]
name = "To some"
senders = ["some.contoso.example"]
address_spaces = ["fabrikam.example"]
)";

struct Fixture {
    Fixture() {
        generation = 1;
        server.emplace(
            running.context, [this] { return snapshot; }, log, endpoint::StreamLimits(), nullptr,
            &generation);
        REQUIRE(server->open(path));
    }
    ~Fixture() {
        server->stop();
        running.finish();
    }
    // Everybody's allocations while a client asks this so many times, `depth` at once, and reads the replies,
    // all of which begin with `want`.
    std::uint64_t allocated(std::string_view asked, std::string_view want, std::size_t times,
                            std::size_t depth) const {
        const test::StreamClient client(path);
        const auto request = netstring(asked);
        std::string requests;
        for (std::size_t i = 0; i < depth; ++i) {
            requests += request;
        }
        REQUIRE(client.send(request));
        const auto first = client.receive_netstring();
        CHECK(first.starts_with(want));
        std::string replies(netstring(first).size() * depth, '\0');
        const auto once = [&] {
            return client.send(requests) && client.receive_into(replies) && replies[0] != '\0';
        };
        for (int i = 0; i < 20; ++i) {
            REQUIRE(once()); // buffers grow to their sizes
        }
        bool answered = true;
        const auto before = sendconnector::testing::allocation_count();
        for (std::size_t i = 0; i < times; ++i) {
            answered = answered && once();
        }
        const auto after = sendconnector::testing::allocation_count();
        CHECK(answered);
        return after - before;
    }

    test::TemporaryDirectory directory;
    std::string path = directory / "lookup";
    std::shared_ptr<const conf::postfix::Snapshot> snapshot = test::snapshot_of(configuration);
    std::atomic<std::uint64_t> generation{0};
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    test::RunningContext running;
    std::optional<lookup::Server> server;
};

} // namespace

TEST_CASE("a cached answer takes no memory, from the socket to the socket") {
    struct Case {
        std::string_view request;
        std::string_view want;
    };
    const Case cases[] = {
        {"transport alice.with.a.rather.long.name@one.contoso.example",
         "OK sc-one-smart-host-of-some:[smtp.contoso.example]:587"},
        {"transport alice.with.a.rather.long.name@three.contoso.example", "OK sc-three-smart-hosts:["},
        {"transport somebody.with.a.long.name+and-more@dns.contoso.example", "OK sc-by-dns:"},
        {"transport alice.with.a.rather.long.name@a.b.c.d.below.contoso.example", "OK sc-by-dns:"},
        {"transport alice.with.a.rather.long.name@some.contoso.example", "OK sc-split:"},
        {"transport alice.with.a.rather.long.name@nobody.knows.this.domain.example", "NOTFOUND "},
        {"transport <>", "NOTFOUND "},
        {"tls/one-smart-host-of-some [smtp.contoso.example]:587", "OK may"},
    };
    const Fixture fixture;
    for (const auto& c : cases) {
        CAPTURE(c.request);
        CHECK(fixture.allocated(c.request, c.want, 200, 1) == 0);
        CHECK(fixture.allocated(c.request, c.want, 50, 100) == 0);
    }
}
