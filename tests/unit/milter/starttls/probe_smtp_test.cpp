// SPDX-License-Identifier: Apache-2.0
// What a server may do up to the handshake.
#include "tests/unit/milter/starttls/probe_fixture.hpp"

#include <string>

namespace sendconnector::starttls {

using test::Peer;
using test::ScriptedServer;

namespace {

struct Row {
    std::string name;
    ScriptedServer::Script script;
    ProbeStage stage;
    Kind kind;
    std::string text;
};

void until_ehlo(Peer& peer) {
    peer.say("220 mx ESMTP\r\n");
    peer.hear();
}

void until_starttls(Peer& peer) {
    until_ehlo(peer);
    peer.say("250-mx\r\n250 STARTTLS\r\n");
    peer.hear();
}

void say(Peer& peer, const std::string& text) {
    peer.say(text);
    peer.until_left();
}

// Never ends by itself: the probe must.
void say_on_and_on(Peer& peer, const std::string& text) {
    for (int i = 0; i < 100'000 && peer.try_to_say(text); ++i) {
    }
    peer.until_left();
}

void check(const Row& row, const ProbeResult& result) {
    INFO(row.name);
    REQUIRE(result.failure);
    CHECK(to_string(result.stage) == to_string(row.stage));
    CHECK(result.failure->kind == row.kind);
    CHECK_THAT(result.failure->text, has_text(row.text));
    for (const char c : result.failure->text + result.greeting) {
        CHECK((c >= ' ' && c <= '~'));
    }
}

} // namespace

TEST_CASE("an SMTP server that fails is told by stage, kind and its own words", "[probe]") {
    const auto row = GENERATE(values<Row>({
        {"hangs up at once", [](Peer&) {}, ProbeStage::greeting, Kind::closed, "hung up instead of greeting"},
        {"resets at once", [](Peer& p) { p.reset(); }, ProbeStage::greeting, Kind::closed, "reset"},
        {"greets with 554", [](Peer& p) { say(p, "554 5.7.1 go away\r\n"); }, ProbeStage::greeting,
         Kind::refused, "greeted with 554 5.7.1 go away"},
        {"greets with 421", [](Peer& p) { say(p, "421 4.3.2 busy\r\n"); }, ProbeStage::greeting,
         Kind::refused, "421 4.3.2 busy"},
        {"greets with 354", [](Peer& p) { say(p, "354 what\r\n"); }, ProbeStage::greeting, Kind::protocol,
         "greeted with 354"},
        {"is an SSH server", [](Peer& p) { say(p, "SSH-2.0-OpenSSH_9.2p1\r\n"); }, ProbeStage::greeting,
         Kind::protocol, "SSH-2.0-OpenSSH_9.2p1"},
        {"speaks TLS at once", [](Peer& p) { say(p, "\x15\x03\x01\x02"); }, ProbeStage::greeting,
         Kind::protocol, "\\x15\\x03\\x01"},
        {"greets without end", [](Peer& p) { say_on_and_on(p, "220-welcome\r\n"); }, ProbeStage::greeting,
         Kind::protocol, "more than 200 lines"},
        {"greets with a line without end",
         [](Peer& p) {
             p.say("220 ");
             say_on_and_on(p, std::string(1000, 'x'));
         },
         ProbeStage::greeting, Kind::protocol, "a line of more than 2048 octets"},
        {"greets with long lines without end",
         [](Peer& p) { say_on_and_on(p, "220-" + std::string(2000, 'x') + "\r\n"); }, ProbeStage::greeting,
         Kind::protocol, "more than 65536 octets"},
        {"greets with two codes", [](Peer& p) { say(p, "220-a\r\n554 b\r\n"); }, ProbeStage::greeting,
         Kind::protocol, "two codes in one reply, 220 and 554"},
        {"greets and answers EHLO before it came",
         [](Peer& p) { say(p, "220 mx\r\n250-mx\r\n250 STARTTLS\r\n"); }, ProbeStage::greeting,
         Kind::protocol, "more than it was asked for"},
        {"hangs up in the middle of the greeting", [](Peer& p) { p.say("220-mx"); }, ProbeStage::greeting,
         Kind::closed, "hung up"},
        {"hangs up at EHLO", [](Peer& p) { until_ehlo(p); }, ProbeStage::ehlo, Kind::closed,
         "hung up instead of answering EHLO"},
        {"resets at EHLO",
         [](Peer& p) {
             until_ehlo(p);
             p.reset();
         },
         ProbeStage::ehlo, Kind::closed, "reset"},
        {"knows no EHLO",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "502 5.5.1 unknown\r\n");
         },
         ProbeStage::ehlo, Kind::refused, "answered EHLO with 502 5.5.1 unknown"},
        {"is too busy for EHLO",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "421 4.3.2 later\r\n");
         },
         ProbeStage::ehlo, Kind::refused, "421 4.3.2 later"},
        {"answers EHLO with 334",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "334 eh\r\n");
         },
         ProbeStage::ehlo, Kind::protocol, "334 eh"},
        {"offers no STARTTLS",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-mx\r\n250-SIZE 1\r\n250 8BITMIME\r\n");
         },
         ProbeStage::ehlo, Kind::not_offered, "does not offer STARTTLS"},
        {"offers nothing",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250 mx\r\n");
         },
         ProbeStage::ehlo, Kind::not_offered, "does not offer STARTTLS"},
        {"has STARTTLS for a name, and does not offer it",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-STARTTLS\r\n250 SIZE 1\r\n");
         },
         ProbeStage::ehlo, Kind::not_offered, "does not offer STARTTLS"},
        {"has STARTTLS stripped to XXXXXXXX",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-mx\r\n250 XXXXXXXX\r\n");
         },
         ProbeStage::ehlo, Kind::not_offered, "does not offer STARTTLS"},
        {"offers what only begins or ends like STARTTLS",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-mx\r\n250-STARTTLSX\r\n250-X-STARTTLS\r\n250-SIZE STARTTLS\r\n250 STARTTLS=1\r\n");
         },
         ProbeStage::ehlo, Kind::not_offered, "does not offer STARTTLS"},
        {"lists keywords without end",
         [](Peer& p) {
             until_ehlo(p);
             say_on_and_on(p, "250-KEYWORD\r\n");
         },
         ProbeStage::ehlo, Kind::protocol, "more than 200 lines"},
        {"answers STARTTLS before it came",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-mx\r\n250 STARTTLS\r\n220 go\r\n");
         },
         ProbeStage::ehlo, Kind::protocol, "more than it was asked for: \"220 go"},
        {"hangs up at STARTTLS", [](Peer& p) { until_starttls(p); }, ProbeStage::starttls, Kind::closed,
         "hung up instead of answering STARTTLS"},
        {"has no TLS just now",
         [](Peer& p) {
             until_starttls(p);
             say(p, "454 4.7.0 TLS not available\r\n");
         },
         ProbeStage::starttls, Kind::refused, "answered STARTTLS with 454 4.7.0 TLS not available"},
        {"refuses STARTTLS for good",
         [](Peer& p) {
             until_starttls(p);
             say(p, "502 5.5.1 no\r\n");
         },
         ProbeStage::starttls, Kind::refused, "answered STARTTLS with 502 5.5.1 no"},
        {"answers STARTTLS with 250",
         [](Peer& p) {
             until_starttls(p);
             say(p, "250 fine\r\n");
         },
         ProbeStage::starttls, Kind::protocol, "answered STARTTLS with 250 fine"},
        {"answers STARTTLS in binary",
         [](Peer& p) {
             until_starttls(p);
             say(p, std::string("\0\xff\x01", 3));
         },
         ProbeStage::starttls, Kind::protocol, "\\x00\\xff\\x01"},
        {"injects a reply behind the 220",
         [](Peer& p) {
             until_starttls(p);
             say(p, "220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n");
         },
         ProbeStage::starttls, Kind::injected, "250-mx"},
        {"injects a single octet behind the 220",
         [](Peer& p) {
             until_starttls(p);
             say(p, "220 go\r\n\n");
         },
         ProbeStage::starttls, Kind::injected, "before TLS"},
    }));
    ScriptedServer server(row.script);
    check(row, probe(server));
}

TEST_CASE("a server that is silent or dripping ends with the time of the session as a whole", "[probe]") {
    const auto row = GENERATE(values<Row>({
        {"is silent", [](Peer& p) { p.until_left(); }, ProbeStage::greeting, Kind::timeout,
         "no answer within 0.4 s"},
        {"drips its greeting", [](Peer& p) { p.drip("220 " + std::string(500, 'x'), 20); },
         ProbeStage::greeting, Kind::timeout, "no whole answer within 0.4 s"},
        {"drips lines",
         [](Peer& p) {
             for (int i = 0; i < 150; ++i) {
                 p.drip("220-x\r\n", 5);
             }
         },
         ProbeStage::greeting, Kind::timeout, "no whole answer within 0.4 s"},
        {"is silent at EHLO",
         [](Peer& p) {
             until_ehlo(p);
             p.until_left();
         },
         ProbeStage::ehlo, Kind::timeout, "no answer within 0.4 s"},
        {"never ends its reply to EHLO",
         [](Peer& p) {
             until_ehlo(p);
             say(p, "250-mx\r\n250-STARTTLS\r\n");
         },
         ProbeStage::ehlo, Kind::timeout, "no whole answer"},
        {"is silent at STARTTLS",
         [](Peer& p) {
             until_starttls(p);
             p.until_left();
         },
         ProbeStage::starttls, Kind::timeout, "no answer within 0.4 s"},
        {"is silent after the 220",
         [](Peer& p) {
             until_starttls(p);
             say(p, "220 go\r\n");
         },
         ProbeStage::handshake, Kind::timeout, "no answer within 0.4 s"},
        {"drips the handshake",
         [](Peer& p) {
             until_starttls(p);
             p.say("220 go\r\n");
             p.await();
             p.drip(std::string("\x16\x03\x03\x04\x00", 5) + std::string(500, '\2'), 20);
         },
         ProbeStage::handshake, Kind::timeout, "within 0.4 s"},
    }));
    ScriptedServer server(row.script);
    const auto result = probe(server, probe_identity(), within(std::chrono::milliseconds(400)));
    check(row, result);
    CHECK(result.elapsed >= std::chrono::milliseconds(390));
}

TEST_CASE("an injection that comes a moment after the 220 is no TLS", "[probe]") {
    ScriptedServer server([](Peer& peer) {
        until_starttls(peer);
        peer.say("220 go\r\n");
        peer.await();
        say(peer, "250 injected\r\n");
    });
    const auto result = probe(server, probe_identity(), within(std::chrono::seconds(15)));
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::handshake);
    CHECK(result.failure->kind == Kind::handshake);
    CHECK_THAT(result.failure->text, has_text("not TLS: \"250 injected"));
}

TEST_CASE("the greeting and the keywords are told in printable form", "[probe]") {
    ScriptedServer server([](Peer& peer) {
        peer.say(std::string("220-mx\x1b[31m\r\n220 \0more\xff\r\n", 25));
        peer.hear();
        say(peer, "250-mx\r\n250-size 1\r\n250-\x07\r\n250 pipelining\r\n");
    });
    const auto result = probe(server);
    CHECK(result.greeting == "220 mx\\x1b[31m \\x00more\\xff");
    CHECK(result.ehlo == std::vector<std::string>{"SIZE", "\\x07", "PIPELINING"});
}

TEST_CASE("nothing but EHLO, STARTTLS and QUIT is said in plaintext", "[probe]") {
    ScriptedServer server([](Peer& peer) {
        peer.say("220 mx\r\n");
        peer.hear();
        peer.say("250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
        peer.hear();
        peer.say("454 no\r\n");
        peer.hear();
        peer.until_left();
    });
    probe(server);
    CHECK(server.heard == std::vector<std::string>{"EHLO mail.fabrikam.com", "STARTTLS", "QUIT"});
}

} // namespace sendconnector::starttls
