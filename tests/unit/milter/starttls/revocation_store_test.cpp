// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/starttls/has_text.hpp"
#include "tests/unit/milter/starttls/http_server.hpp"
#include "tests/unit/milter/starttls/store_fixture.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <mutex>

namespace sendconnector::starttls {

namespace {

using namespace std::chrono_literals;
using policy::RevocationSource;
using test::eventually;
using test::http_ok;
using test::http_redirect;
using test::http_status;
using test::HttpAnswer;
using test::HttpRequest;
using test::HttpServer;

} // namespace

TEST_CASE("An answer is fetched once for all who ask, and kept", "[store]") {
    HttpServer server;
    const auto list = list_for(1h);
    auto slow = http_ok(list);
    slow.delay = 100ms;
    server.set("/ca.crl", slow);
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    std::vector<std::future<policy::RevocationEvidence>> waiting;
    for (int i = 0; i < 50; ++i) {
        waiting.push_back(store.start({source}, 10s));
    }
    for (auto& one : waiting) {
        const auto evidence = one.get();
        REQUIRE(evidence.count(source.id()) == 1);
        CHECK(evidence.at(source.id()).octets == list);
    }
    CHECK(store.collect(source).octets == list);
    CHECK(store.at_hand(source).octets == list);
    CHECK(server.count("/ca.crl") == 1);
    CHECK(store.generation() == 1);
    CHECK(eventually([&] { return store.changes == 1; }));
}

TEST_CASE("OCSP requests are posted", "[store]") {
    HttpServer server;
    const auto certificate = test::issue(test::server_spec("mail.contoso.com"), authority());
    const auto response = test::ocsp_good(certificate, authority());
    server.set("/ocsp", http_ok(response));
    StoreFixture store;
    const std::string request("request\0with a zero", 19);
    const RevocationSource source{RevocationSource::Kind::ocsp, server.url("/ocsp"), request};
    CHECK(store.collect(source).octets == response);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].method == "POST");
    CHECK(requests[0].body == request);
    CHECK_THAT(requests[0].head, has_text("Content-Type: application/ocsp-request\r\n"));
    CHECK_THAT(requests[0].head, !has_text("Expect:"));
}

TEST_CASE("What is no answer is told as such, in time", "[store]") {
    HttpServer server;
    const auto list = list_for(1h);
    const auto ok = "HTTP/1.1 200 OK\r\n";
    HttpAnswer answer;
    std::string want;
    RevocationStoreSettings settings = quick_settings();
    settings.answer_octets = 100'000;
    SECTION("not found") {
        answer = http_status(404);
        want = "HTTP status 404";
    }
    SECTION("a list on an error page") {
        answer = http_status(500, list);
        want = "HTTP status 500";
    }
    SECTION("a part of the content") {
        answer = http_status(206, list);
        want = "HTTP status 206";
    }
    SECTION("nothing") {
        answer = http_ok("");
        want = "an empty answer";
    }
    SECTION("a page") {
        answer = http_ok("<html>It works!</html>");
        want = "not a revocation list";
    }
    SECTION("cut off") {
        answer.octets = ok + fmt::format("Content-Length: {}\r\n\r\n", list.size() + 10) + list;
        want = "the answer was cut off";
    }
    SECTION("more than it says") {
        answer.octets = ok + fmt::format("Content-Length: {}\r\n\r\n", list.size() - 10) + list;
        want = "not a revocation list";
    }
    SECTION("as long as it says, which is too long") {
        answer.octets = ok + std::string("Content-Length: 100001\r\n\r\n");
        answer.hang = true;
        want = "more than 100000 octets";
    }
    SECTION("endless") {
        answer.octets = ok + std::string("\r\n") + std::string(5000, 'x');
        answer.endless = true;
        want = "more than 100000 octets";
    }
    SECTION("endless header") {
        answer.octets = ok;
        for (int i = 0; i < 20'000; ++i) {
            answer.octets += "X-Header: " + std::to_string(i) + "\r\n";
        }
        want = "";
    }
    SECTION("silent") {
        answer.hang = true;
        want = "no answer within 0.6 s";
    }
    SECTION("silent after the header") {
        answer.octets = ok + std::string("Content-Length: 1000\r\n\r\n");
        answer.hang = true;
        want = "no answer within 0.6 s";
    }
    SECTION("dripping") {
        answer = http_ok(list);
        answer.octet_pause = 20ms;
        want = "no answer within 0.6 s";
    }
    SECTION("closed") {
        want = "";
    }
    SECTION("not HTTP") {
        answer.octets = list;
        want = "";
    }
    SECTION("compressed by nobody's wish") {
        answer.octets =
            ok + fmt::format("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", 4) + "\x1f\x8b\x08";
        answer.octets += '\0';
        want = "not a revocation list";
    }
    SECTION("out of date") {
        answer = http_ok(list_for(-1s));
        want = "the server gives an answer that has run out";
    }
    SECTION("from the future") {
        answer = http_ok(list_for(24h, -1h));
        want = "the answer is from the future";
    }
    SECTION("without an end") {
        test::CrlSpec spec;
        spec.next_update.reset();
        answer = http_ok(test::make_crl(spec, authority()));
        want = "the list names no next update";
    }
    SECTION("a redirect to https") {
        answer = http_redirect("https://127.0.0.1/ca.crl");
        want = "a redirect to something else than http:";
    }
    SECTION("a redirect to a file") {
        answer = http_redirect("file:///etc/passwd");
        want = "a redirect to something else than http:";
    }
    SECTION("a redirect to itself") {
        answer = http_redirect("/ca.crl");
        want = "more than 5 redirects";
    }
    SECTION("a redirect with a password") {
        answer = http_redirect("http://a:b@127.0.0.1/ca.crl");
        want = "";
    }
    server.set("/ca.crl", answer);
    StoreFixture store(settings);
    const auto begin = std::chrono::steady_clock::now();
    const auto got = store.collect(list_at(server.url("/ca.crl")));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(got.octets.empty());
    if (want.empty()) {
        CHECK_FALSE(got.failure.empty());
    } else {
        CHECK(got.failure == want);
    }
    CHECK(store.log->count("problem=") == 1);
    CHECK(store.log->count(server.url("/ca.crl")) == 1);
}

TEST_CASE("Five redirects are followed, with the request", "[store]") {
    HttpServer server;
    const auto certificate = test::issue(test::server_spec("mail.contoso.com"), authority());
    const auto response = test::ocsp_good(certificate, authority());
    for (int i = 0; i < 5; ++i) {
        server.set("/" + std::to_string(i),
                   http_redirect(server.url("/" + std::to_string(i + 1)), 301 + i % 3));
    }
    server.set("/5", http_ok(response));
    StoreFixture store;
    CHECK(store.collect(RevocationSource{RevocationSource::Kind::ocsp, server.url("/0"), "request"}).octets ==
          response);
    CHECK(server.requests().back().method == "POST");
    CHECK(server.requests().back().body == "request");
}

TEST_CASE("Only http: is asked, whoever asks", "[store]") {
    StoreFixture store;
    for (const char* url : {"https://127.0.0.1/ca.crl", "file:///etc/passwd", "ftp://127.0.0.1/ca.crl",
                            "ldap://127.0.0.1/", "gopher://127.0.0.1/", "", "http://", "nonsense"}) {
        INFO(url);
        const auto got = store.collect(list_at(url));
        CHECK(got.octets.empty());
        CHECK_FALSE(got.failure.empty());
    }
}

TEST_CASE("No proxy of the environment comes between", "[store]") {
    HttpServer server;
    server.set("/ca.crl", http_ok(list_for(1h)));
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::setenv(name, "http://127.0.0.1:1/", 1);
    }
    {
        StoreFixture store;
        CHECK(store.collect(list_at(server.url("/ca.crl"))).failure.empty());
    }
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::unsetenv(name);
    }
}

TEST_CASE("A failure is remembered for a short time", "[store]") {
    HttpServer server;
    server.set("/ca.crl", http_status(503));
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    CHECK(store.collect(source).failure == "HTTP status 503");
    CHECK(store.collect(source).failure == "HTTP status 503");
    CHECK(store.at_hand(source).failure == "HTTP status 503");
    CHECK(server.count("/ca.crl") == 1);
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    CHECK(eventually([&] { return store.collect(source).octets == list; }));
    CHECK(eventually([&] { return store.log->count("answers again") == 1; }));
}

TEST_CASE("Who waits, waits as long as he wants, and the next one profits", "[store]") {
    HttpServer server;
    const auto list = list_for(1h);
    auto slow = http_ok(list);
    slow.delay = 800ms;
    server.set("/ca.crl", slow);
    auto settings = quick_settings();
    settings.fetch_time = 5s;
    StoreFixture store(settings);
    const auto source = list_at(server.url("/ca.crl"));
    CHECK(store.collect(source, 100ms).failure ==
          "no answer from " + server.url("/ca.crl") + " within 0.1 s");
    CHECK(store.collect(source, 0ms).failure == "no answer from " + server.url("/ca.crl") + " within 0 s");
    CHECK(store.collect(source, 5s).octets == list);
    CHECK(server.count("/ca.crl") == 1);
}

TEST_CASE("Nothing to fetch is answered, too, and later", "[store]") {
    StoreFixture store;
    CHECK(store.collect(std::vector<RevocationSource>{}).empty());
}

TEST_CASE("What is wanted is renewed before it runs out", "[store]") {
    HttpServer server;
    std::atomic<int> number{0};
    server.set("/ca.crl", [&](const HttpRequest&) {
        return http_ok(list_for(4s, 1h - std::chrono::seconds(++number), std::to_string(number)));
    });
    auto settings = quick_settings();
    settings.renew_at = 0.25;
    StoreFixture store(settings);
    const auto source = list_at(server.url("/ca.crl"));
    REQUIRE(store.collect(source).failure.empty());
    const auto end = std::chrono::steady_clock::now() + 6s;
    while (std::chrono::steady_clock::now() < end) {
        REQUIRE_FALSE(store.at_hand(source).octets.empty());
        std::this_thread::sleep_for(50ms);
    }
    CHECK(server.count("/ca.crl") >= 3);
    CHECK(server.count("/ca.crl") <= 8);
    CHECK(store.generation() >= 3);
}

TEST_CASE("A held list counts until it runs out, and not a moment longer", "[store]") {
    HttpServer server;
    const auto next_update = clock_now() + 4s;
    server.set("/ca.crl", http_ok(list_for(4s)));
    auto settings = quick_settings();
    settings.renew_at = 0.3;
    StoreFixture store(settings);
    const auto source = list_at(server.url("/ca.crl"));
    REQUIRE(store.collect(source).failure.empty());
    server.set("/ca.crl", http_status(500));
    const auto before = store.changes.load();
    for (;;) {
        const auto before_asking = std::chrono::system_clock::now();
        const bool held = !store.at_hand(source).octets.empty();
        const auto after_asking = std::chrono::system_clock::now();
        if (after_asking < next_update) {
            REQUIRE(held);
        } else if (before_asking >= next_update + 1s) {
            REQUIRE_FALSE(held);
            break;
        }
        std::this_thread::sleep_for(20ms);
    }
    CHECK(server.count("/ca.crl") >= 2);
    CHECK(store.at_hand(source).failure == "HTTP status 500");
    CHECK(eventually([&] { return store.changes > before; }));
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    CHECK(eventually([&] { return store.collect(source).octets == list; }));
}

TEST_CASE("A failure does not replace what is held", "[store]") {
    HttpServer server;
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    REQUIRE(store.collect(source).octets == list);
    for (const auto& answer : {http_status(500), http_ok("<html>"), http_ok(list_for(-1s)),
                               http_ok(list_for(2h, 5h)), http_ok(list_for(24h, -1h))}) {
        server.set("/ca.crl", answer);
        const auto asked = server.count("/ca.crl");
        store.refresh();
        CHECK(store.collect(source).octets == list);
        CHECK(server.count("/ca.crl") == asked + 1);
    }
    CHECK(store.generation() == 1);
    CHECK(store.log->count("older answer than the one held") == 1);
    CHECK(store.log->count("the answer held counts until it runs out") == 5);
}

TEST_CASE("A newer answer replaces the one held, and an unchanged one is no change", "[store]") {
    HttpServer server;
    const auto list = list_for(1h, 1h);
    const auto newer = list_for(1h, 30min, "2");
    server.set("/ca.crl", http_ok(list));
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    REQUIRE(store.collect(source).octets == list);
    store.refresh();
    REQUIRE(store.collect(source).octets == list);
    CHECK(store.generation() == 1);
    server.set("/ca.crl", http_ok(newer));
    store.refresh();
    CHECK(store.collect(source).octets == newer);
    CHECK(store.generation() == 2);
}

TEST_CASE("A distrusted answer is fetched again, and an older one may replace it", "[store]") {
    HttpServer server;
    const auto forged = list_for(1h, 1min);
    const auto list = list_for(1h, 1h);
    server.set("/ca.crl", http_ok(forged));
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    REQUIRE(store.collect(source).octets == forged);
    server.set("/ca.crl", http_ok(list));
    store.distrust(source);
    store.distrust(source);
    CHECK(eventually([&] { return store.at_hand(source).octets == list; }));
    CHECK(server.count("/ca.crl") == 2);
}

TEST_CASE("A delta list that a list names comes with it", "[store]") {
    HttpServer server;
    test::CrlSpec base;
    base.freshest_crl = "URI:" + server.url("/delta.crl");
    test::CrlSpec delta;
    delta.number = "2";
    delta.delta_base = "1";
    const auto changes = test::make_crl(delta, authority());
    server.set("/ca.crl", http_ok(test::make_crl(base, authority())));
    server.set("/delta.crl", http_ok(changes));
    StoreFixture store;
    const auto source = list_at(server.url("/ca.crl"));
    const RevocationSource more{RevocationSource::Kind::delta_crl, server.url("/delta.crl"), {}};
    const auto evidence = store.collect(std::vector{source});
    REQUIRE(evidence.count(more.id()) == 1);
    CHECK(evidence.at(more.id()).octets == changes);
}

TEST_CASE("A dead server does not stop the others", "[store]") {
    HttpServer dead;
    HttpServer alive;
    const auto list = list_for(1h);
    alive.set("/ca.crl", http_ok(list));
    auto settings = quick_settings();
    settings.fetch_time = 20s;
    settings.parallel_fetches = 8;
    StoreFixture store(settings);
    std::vector<RevocationSource> hanging;
    for (int i = 0; i < 40; ++i) {
        const auto path = "/" + std::to_string(i);
        HttpAnswer answer;
        answer.hang = true;
        dead.set(path, answer);
        hanging.push_back(list_at(dead.url(path)));
    }
    auto waiting = store.start(hanging, 1s);
    CHECK(store.collect(list_at(alive.url("/ca.crl"))).octets == list);
    CHECK(waiting.get().size() == 40);
    CHECK(dead.most_at_once() == 2);
    const auto begin = std::chrono::steady_clock::now();
    store.close();
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("Ten thousand sources stay bounded", "[store]") {
    HttpServer server;
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    std::vector<RevocationSource> sources;
    for (int i = 0; i < 10'000; ++i) {
        sources.push_back(list_at("http://127.0.0.1:1/" + std::to_string(i))); // nobody listens there
    }
    StoreFixture store;
    auto all = store.start(sources, 2s);
    CHECK(store.collect(list_at(server.url("/ca.crl"))).octets == list);
    CHECK(all.get().size() == 10'000);
    // And as many again, and again: the store forgets the oldest.
    for (int round = 0; round < 3; ++round) {
        for (auto& source : sources) {
            source.url += "x";
        }
        CHECK(store.collect(sources, 100ms).size() == 10'000);
    }
    const auto begin = std::chrono::steady_clock::now();
    store.close();
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("Answers are bounded all together, and the least wanted go first", "[store]") {
    HttpServer server;
    auto settings = quick_settings();
    std::vector<RevocationSource> sources;
    std::size_t size = 0;
    for (int i = 0; i < 10; ++i) {
        const auto path = "/" + std::to_string(i);
        const auto list = list_for(1h, 1h, "1" + std::to_string(i));
        size = list.size();
        server.set(path, http_ok(list));
        sources.push_back(list_at(server.url(path)));
    }
    settings.kept_octets = size * 7 / 2;
    StoreFixture store(settings);
    for (const auto& source : sources) {
        CHECK(store.collect(source).failure.empty());
    }
    CHECK(server.requests().size() == 10);
    CHECK(store.collect(sources[9]).failure.empty());
    CHECK(server.requests().size() == 10); // still held
    CHECK(store.collect(sources[0]).failure.empty());
    CHECK(server.requests().size() == 11); // was dropped
}

TEST_CASE("The store may end while it is waited for", "[store]") {
    HttpServer server;
    HttpAnswer silent;
    silent.hang = true;
    server.set("/ca.crl", silent);
    auto settings = quick_settings();
    settings.fetch_time = 30s;
    StoreFixture store(settings);
    auto waiting = store.start({list_at(server.url("/ca.crl"))}, 30s);
    REQUIRE(eventually([&] { return server.count("/ca.crl") == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    store.close();
    store.finish();
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

} // namespace sendconnector::starttls
