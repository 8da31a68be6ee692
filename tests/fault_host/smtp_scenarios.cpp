// SPDX-License-Identifier: Apache-2.0
// Faults of SMTP before and after TLS.
#include "tests/fault_host/catalogue.hpp"

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// What a broken server says at one step; then it waits for the client to go.
Task<> say_and_hold(Session& session, std::string octets) {
    co_await session.write(std::move(octets));
    co_await session.hold();
}

Task<> say_for_ever(Session& session, std::string octets) {
    for (;;) {
        std::string block;
        while (block.size() < 16'384) {
            block += octets;
        }
        co_await session.write(std::move(block));
    }
}

using Play = std::function<Task<>(Session&)>;

// What can be wrong with a reply, whichever it is: name, play.
std::vector<std::pair<std::string, Play>> bad_replies(const std::string& code) {
    return {
        {"silent", [](Session& session) { return session.hold(); }},
        {"closed",
         [](Session& session) -> Task<> {
             session.close();
             co_return;
         }},
        {"reset",
         [](Session& session) -> Task<> {
             // At once, it would now and then come before the connection.
             co_await session.pause(300ms);
             session.reset();
         }},
        {"dripping",
         [code](Session& session) {
             return session.drip(code + " " + std::string(2000, 'z') + "\r\n", 300ms);
         }},
        {"endless lines",
         [code](Session& session) { return say_for_ever(session, code + "-one more line\r\n"); }},
        {"endless line", [code](Session& session) { return say_for_ever(session, code + "-xxxxxxxxxxxx"); }},
        {"binary",
         [](Session& session) {
             return say_and_hold(session, std::string(3000, '\x00') + "\xff\xfe\r\n\xaa\r\n"s);
         }},
        {"not a reply", [](Session& session) { return say_and_hold(session, "what do you want?\r\n"); }},
        {"another protocol",
         [](Session& session) { return say_and_hold(session, "HTTP/1.1 400 Bad Request\r\n\r\n"); }},
        {"421 and closed",
         [](Session& session) -> Task<> {
             co_await session.write("421 4.3.2 going down\r\n");
             session.close();
         }},
        {"half a line and closed",
         [code](Session& session) -> Task<> {
             co_await session.write(code + " mx");
             session.close();
         }},
    };
}

void greeting(Catalogue& all) {
    const std::string kind = "SMTP: greeting";
    for (const auto& [name, play] : bad_replies("220")) {
        all.add_play(kind, "greeting: " + name, no_session("greeting"), play);
    }
    const auto greets = [&](const std::string& name, const std::string& text) {
        Dialogue dialogue;
        dialogue.greeting = text;
        all.add_dialogue(kind, name, no_session("greeting"), std::move(dialogue));
    };
    greets("greeting: 554", "554 5.7.1 not you\r\n");
    greets("greeting: 450", "450 4.3.2 later\r\n");
    all.add_play(kind, "greeting: TLS alert", no_session("greeting"),
                 [](Session& session) { return say_and_hold(session, "\x15\x03\x01\x00\x02\x02\x0a"s); });
    all.add_play(kind, "greeting: huge line", no_session("greeting"), [](Session& session) {
        return say_and_hold(session, "220 " + std::string(1 << 20, 'h') + "\r\n");
    });
    all.add_play(kind, "nobody listens", no_session("connect"), {});
}

void ehlo(Catalogue& all) {
    const std::string kind = "SMTP: EHLO";
    for (const auto& [name, play] : bad_replies("250")) {
        Dialogue dialogue;
        dialogue.instead_of_ehlo = play;
        all.add_dialogue(kind, "EHLO: " + name, no_session("EHLO"), std::move(dialogue));
    }
    const auto replies = [&](const std::string& name, const std::string& text, Expected expected,
                             const std::string& helo = "250 mx.smart.example\r\n") {
        Dialogue dialogue;
        dialogue.ehlo = text;
        dialogue.helo = helo;
        all.add_dialogue(kind, name, std::move(expected), std::move(dialogue));
    };
    const Expected not_offered = no_tls("STARTTLS");
    replies("EHLO: 502, HELO works", "502 5.5.1 what?\r\n", no_tls("EHLO or STARTTLS"));
    replies("EHLO: 450 to EHLO and HELO", "450 4.3.2 later\r\n", no_session("EHLO"), "450 4.3.2 later\r\n");
    replies("STARTTLS not offered", "250-mx.smart.example\r\n250 8BITMIME\r\n", not_offered);
    replies("STARTTLS stripped (XXXXXXXX)", "250-mx.smart.example\r\n250-XXXXXXXX\r\n250 8BITMIME\r\n",
            not_offered);
    replies("STARTTLS misspelt (STARTTLSX)", "250-mx.smart.example\r\n250 STARTTLSX\r\n", not_offered);
    replies("STARTTLS not a keyword (X-STARTTLS)", "250-mx.smart.example\r\n250 X-STARTTLS\r\n", not_offered);
    replies("STARTTLS in the first line only", "250 STARTTLS\r\n", not_offered);
    replies("EHLO: STARTTLS among ten thousand lines",
            "250-mx.smart.example\r\n250-STARTTLS\r\n" + many_lines(10'000, "X-LINE") + "250 8BITMIME\r\n",
            {"TLS", "TLS", "refused EHLO", "refused EHLO"});
    Dialogue tricky;
    tricky.greeting = "220-mx.smart.example\r\n220 250-STARTTLS 250 STARTTLS\r\n";
    tricky.ehlo = "250 mx.smart.example\r\n";
    all.add_dialogue(kind, "STARTTLS offered in the greeting only", not_offered, std::move(tricky));
}

void starttls(Catalogue& all) {
    const std::string kind = "SMTP: STARTTLS";
    for (const auto& [name, play] : bad_replies("220")) {
        Dialogue dialogue;
        dialogue.starttls.clear();
        dialogue.instead_of_tls = play;
        Expected expected = no_session("STARTTLS");
        // smtp(8) takes the session for lost, at whichever level.
        all.add_dialogue(kind, "STARTTLS: " + name, expected, std::move(dialogue));
    }
    const auto replies = [&](const std::string& text) {
        Dialogue dialogue;
        dialogue.starttls = text + "\r\n";
        all.add_dialogue(kind, "STARTTLS: " + text, no_tls("STARTTLS"), std::move(dialogue));
    };
    for (const char* text :
         {"454 4.7.0 TLS not available", "450 4.3.2 later", "501 5.5.4 no parameters", "502 5.5.1 what?",
          "503 5.5.1 bad sequence", "530 5.7.0 no", "554 5.7.3 no TLS today"}) {
        replies(text);
    }
    const auto injects = [&](const std::string& name, const std::string& injected) {
        Dialogue dialogue;
        dialogue.starttls += injected;
        all.add_dialogue(kind, name, {"delivered", "TLS or queued", "refused STARTTLS", "refused STARTTLS"},
                         std::move(dialogue));
    };
    injects("plaintext injected after the 220", "250 mx.smart.example\r\n");
    injects("blank line after the 220", "\r\n");
    injects("one octet after the 220", "\x16");
    injects("long plaintext injected after the 220", std::string(3000, 'i') + "\r\n");
}

void in_tls(Catalogue& all) {
    const std::string kind = "SMTP: in TLS";
    const auto broken = [&](const std::string& name, const std::function<void(Dialogue&)>& change) {
        Dialogue dialogue;
        change(dialogue);
        all.add_dialogue(kind, name, broken_later(), std::move(dialogue));
    };
    const auto gone = [&](const std::string& name, const std::string& step) {
        Dialogue dialogue;
        dialogue.hang_up_at = {step};
        all.add_dialogue(kind, name, {"queued", "queued", "refused handshake", "refused handshake"},
                         std::move(dialogue));
    };
    gone("closed after the handshake", "done");
    gone("closed at EHLO in TLS", "EHLO in TLS");
    for (const char* step : {"MAIL", "RCPT", "DATA", "end"}) {
        broken("closed at "s + step, [&](Dialogue& dialogue) { dialogue.hang_up_at = {step}; });
    }
    for (const char* step : {"done", "MAIL", "end"}) {
        broken("silent at "s + step, [&](Dialogue& dialogue) { dialogue.fall_silent_at = {step}; });
    }
    broken("450 to MAIL", [](Dialogue& dialogue) { dialogue.mail = "450 4.3.2 later\r\n"; });
    broken("452 to RCPT", [](Dialogue& dialogue) { dialogue.recipient = "452 4.2.2 full\r\n"; });
    broken("451 after the message", [](Dialogue& dialogue) { dialogue.accepted = "451 4.3.0 later\r\n"; });
}

} // namespace

void add_smtp_scenarios(Catalogue& all) {
    greeting(all);
    ehlo(all);
    starttls(all);
    in_tls(all);
}

} // namespace sendconnector::fault_host
