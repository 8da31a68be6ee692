// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/control_client.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fake_daemon.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

#include <filesystem>
#include <unistd.h>

using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;
using namespace std::chrono_literals;

using Kind = ControlFailure::Kind;

TEST_CASE("one question, one answer") {
    const Folder folder("");
    std::string asked;
    {
        const FakeDaemon daemon(folder.path("control"), [&](const std::string& line) {
            asked = line;
            return std::string("{\"ok\":true,\"version\":\"1\"}\n");
        });
        const ControlAnswer answer = ask_daemon(folder.path("control"), "status", 10s);
        REQUIRE(answer.has_value());
        CHECK(answer->at("version") == "1");
    }
    CHECK(asked == R"({"command":"status"})");
}

TEST_CASE("an answer of a megabyte arrives whole") {
    const Folder folder("");
    const std::string text(1'000'000, 'x');
    const FakeDaemon daemon(folder.path("control"), [&](const std::string&) {
        return nlohmann::json{{"ok", true}, {"text", text}}.dump() + "\n";
    });
    const ControlAnswer answer = ask_daemon(folder.path("control"), "status", 10s);
    REQUIRE(answer.has_value());
    CHECK(answer->at("text") == text);
}

TEST_CASE("what is no answer is told apart from no daemon") {
    struct Case {
        std::string sent;
        std::string says;
    };
    const Case cases[] = {
        {"", "the daemon hung up before it had answered"},
        {"{\"ok\":true", "the daemon hung up before it had answered"},
        {"hello\n", "what answers is no sendconnectord"},
        {"[]\n", "what answers is no sendconnectord"},
        {"{\"ok\":1}\n", "what answers is no sendconnectord"},
        {"\xff\xfe\n", "what answers is no sendconnectord"},
    };
    for (const Case& one : cases) {
        const Folder folder("");
        const FakeDaemon daemon(folder.path("control"), [&](const std::string&) { return one.sent; });
        const ControlAnswer answer = ask_daemon(folder.path("control"), "status", 10s);
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().kind == Kind::bad_answer);
        CHECK(folder.anonymous(answer.error().text) == "control socket DIR/control: " + one.says);
    }
}

TEST_CASE("nobody listens: no socket, a stale one, a file in its place") {
    const Folder folder("");
    CHECK(ask_daemon(folder.path("control"), "status", 1s).error().kind == Kind::not_running);
    folder.write("control", "");
    CHECK(ask_daemon(folder.path("control"), "status", 1s).error().kind == Kind::not_running);
    CHECK(ask_daemon(folder.path("control/below"), "status", 1s).error().kind == Kind::not_running);
    {
        const FakeDaemon gone(folder.path("stale"), [](const std::string&) { return std::string(); });
    }
    CHECK(ask_daemon(folder.path("stale"), "status", 1s).error().kind == Kind::not_running);
    CHECK(ask_daemon(std::string(200, 'x'), "status", 1s).error().kind == Kind::bad_answer);
}

TEST_CASE("a socket that the caller may not use") {
    if (::geteuid() == 0)
        return; // to root every socket is open
    const Folder folder("");
    const FakeDaemon daemon(folder.path("control"), [](const std::string&) { return std::string(); });
    std::filesystem::permissions(folder.path("control"), std::filesystem::perms::none);
    CHECK(ask_daemon(folder.path("control"), "status", 1s).error().kind == Kind::no_permission);
}

TEST_CASE("a daemon that does not answer costs no more than the patience") {
    const Folder folder("");
    const FakeDaemon daemon(
        folder.path("control"), [](const std::string&) { return std::string(); }, 0);
    const auto begin = std::chrono::steady_clock::now();
    const ControlAnswer answer = ask_daemon(folder.path("control"), "status", 100ms);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == Kind::bad_answer);
    CHECK(folder.anonymous(answer.error().text) ==
          "control socket DIR/control: the daemon did not answer in time");
}

TEST_CASE("reload: what the daemon says, and the status that goes with it") {
    const Folder folder(company);
    const auto answering = [&](std::string text) {
        std::filesystem::remove(folder.path("control"));
        const FakeDaemon daemon(folder.path("control"), [&](const std::string& line) {
            return line == R"({"command":"reload"})" ? text : std::string();
        });
        return folder.run({"reload"});
    };
    const Ran done = answering("{\"ok\":true}\n");
    CHECK(done.status == 0);
    CHECK(done.out == "reloaded\n");

    const Ran refused = answering(R"({"ok":false,"errors":["f:1:2: first","second\u001b"]})"
                                  "\n");
    CHECK(refused.status == 1);
    CHECK(refused.out.empty());
    CHECK(refused.err == "sendconnectorctl: error: f:1:2: first\n"
                         "sendconnectorctl: error: second\\x1b\n"
                         "sendconnectorctl: note: the daemon goes on with the configuration it had\n");

    const Ran nonsense = answering("?\n");
    CHECK(nonsense.status == 2);

    std::filesystem::remove(folder.path("control"));
    const Ran gone = folder.run({"reload"});
    CHECK(gone.status == 2);
    CHECK(folder.anonymous(gone.err) == "sendconnectorctl: error: sendconnectord is not running (control "
                                        "socket DIR/control: nobody listens there); "
                                        "start it: sendconnectord --config DIR/sendconnector.toml\n");
}
