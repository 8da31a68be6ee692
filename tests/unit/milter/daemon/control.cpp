// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/control.hpp"

#include "milter/daemon/line_framing.hpp"
#include "milter/daemon/status.hpp"
#include "tests/unit/catch.hpp"

#include <nlohmann/json.hpp>

using namespace sendconnector::daemon;
using nlohmann::json;
using Step = sendconnector::endpoint::Framing::Step;

TEST_CASE("lines come out of a stream however it is cut") {
    const std::string text = "one\ntwo\r\n\nthree\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LineFraming framing;
        std::vector<std::string> lines;
        for (std::string_view piece :
             {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)}) {
            while (!piece.empty()) {
                if (framing.take(piece) == Step::request) {
                    lines.emplace_back(framing.request());
                }
            }
        }
        CAPTURE(cut);
        CHECK(lines == std::vector<std::string>{"one", "two", "", "three"});
        CHECK_FALSE(framing.in_progress());
    }
}

TEST_CASE("a line that is too long is refused before it is stored") {
    LineFraming framing(8);
    std::string_view fits = "12345678\n";
    CHECK(framing.take(fits) == Step::request);
    std::string_view half = "1234567";
    CHECK(framing.take(half) == Step::more);
    CHECK(framing.in_progress());
    std::string_view rest = "89";
    CHECK(framing.take(rest) == Step::broken);
    CHECK(framing.problem() == "the line is longer than 8 octets: \"12345678\"");
    std::string_view more = "x\n";
    CHECK(framing.take(more) == Step::broken);
}

TEST_CASE("what the control socket is asked, and what it answers") {
    LoadReport report;
    const ControlCommands commands{
        [&]() -> const LoadReport& { return report; },
        [] {
            return json{{"ok", true}, {"digest", "abc"}};
        },
        [](const TlsRequest& request, const auto& tell) {
            tell({{"connector", request.connector.value_or("(all)")}, {"refresh", request.refresh}});
        }};
    const auto say = [&](std::string_view line) {
        std::string said;
        control_reply(commands, line, [&](std::string text) { said = std::move(text); });
        return said;
    };
    const auto ask = [&](std::string_view line) { return json::parse(say(line)); };
    CHECK(ask(R"({"command":"status"})") == json{{"ok", true}, {"digest", "abc"}});
    report.ok = true;
    report.warnings = {"mind this"};
    CHECK(ask(R"({"command":"reload"})") ==
          json{{"ok", true}, {"digest", "abc"}, {"warnings", {"mind this"}}});
    report.ok = false;
    report.errors = {"line 1", "not UTF-8: \xff"};
    const auto refused = ask(R"({"command":"reload"})");
    CHECK(refused["ok"] == false);
    CHECK(refused["errors"].size() == 2);
    CHECK(refused["warnings"].size() == 1);
    CHECK(ask(R"({"command":"tls"})") == json{{"connector", "(all)"}, {"refresh", false}});
    CHECK(ask(R"({"command":"tls","refresh":true,"connector":"X"})") ==
          json{{"connector", "X"}, {"refresh", true}});
    for (const auto* bad : {"", "x", "{", "[]", "null", "{}", R"({"command":1})", R"({"command":"stop"})",
                            R"({"command":"Reload"})", R"({"command":"tls","refresh":"no"})",
                            R"({"command":"tls","connector":[]})", "\xff\xfe", R"({"command":"\u0000"})"}) {
        CAPTURE(bad);
        const auto answer = ask(bad);
        CHECK(answer["ok"] == false);
        REQUIRE(answer["errors"].size() == 1);
        CHECK(answer["errors"][0].get<std::string>().size() < 400);
    }
    CHECK(say("{").find('\n') == std::string::npos);
}

TEST_CASE("times are UTC in ISO 8601") {
    CHECK(utc(std::chrono::system_clock::time_point(std::chrono::seconds(1'714'564'800))) ==
          "2024-05-01T12:00:00Z");
}
