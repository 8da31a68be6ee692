// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector::ctl::test;

namespace {

const char* const plain = R"(
[[connector]]
name = "To Internet"
senders = ["contoso.com", "<>"]
address_spaces = ["*"]
)";

} // namespace

TEST_CASE("check: a configuration without findings, and what was not looked at") {
    const Folder folder(plain);
    const Ran user = folder.run({"check"});
    CHECK(user.status == 0);
    CHECK(user.err.empty());
    CHECK(user.out == "Postfix was left out: only root can look at it; run as root: sudo " +
                          folder.hint("check") +
                          "\n"
                          "fine: 1 connector, 2 senders\n");
    const Ran root = folder.run({"check"}, {.root = true});
    CHECK(root.status == 0);
    CHECK(folder.anonymous(root.out) == "Postfix was left out: DIR/postfix has no main.cf\n"
                                        "fine: 1 connector, 2 senders\n");
}

TEST_CASE("check: every finding, one a line, then their number; status 1") {
    const Folder folder(R"(
[[connector]]
name = "A"
address_spaces = ["*"]
dns_routing_enabled = false

[[connector]]
name = "B"
address_spaces = ["--"]
adress_spaces = ["*"]
)");
    const Ran ran = folder.run({"check"});
    CHECK(ran.status == 1);
    CHECK(ran.err.empty());
    CHECK(ran.out.find("connector \"A\": ") != std::string::npos);
    CHECK(ran.out.find("address_spaces") != std::string::npos);
    CHECK(ran.out.find("Postfix was left out") == std::string::npos);
    const nlohmann::json json = folder.run({"check", "--json"}).json();
    CHECK(json["errors"].get<int>() == 2);
    CHECK(json["not_served"].get<int>() == 1);
    CHECK(json["findings"].size() == 3);
    CHECK(json["usable"] == false);
    CHECK(json["findings"][0]["severity"] == "error");
    CHECK(json["findings"][0]["line"].get<int>() > 0);
    CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 4);
    CHECK(ran.out.ends_with("\n2 errors, 1 not served yet\n"));
}

TEST_CASE("check: a file that is not there is a finding, not a failure") {
    const Ran ran = run_bare({"check", "--config", "/nonexistent/sendconnector.toml"});
    CHECK(ran.status == 1);
    CHECK(ran.out.find("/nonexistent/sendconnector.toml") == 0);
    CHECK(ran.out.find("1 error\n") != std::string::npos);
}

TEST_CASE("check --json says the same") {
    const Folder folder(plain);
    const Ran ran = folder.run({"check", "--json"});
    CHECK(ran.status == 0);
    CHECK(ran.json() == nlohmann::json{{"usable", true},
                                       {"errors", 0},
                                       {"not_served", 0},
                                       {"warnings", 0},
                                       {"findings", nlohmann::json::array()},
                                       {"connectors", 1},
                                       {"postfix",
                                        {{"checked", false},
                                         {"reason", "only root can look at it; run as root: sudo " +
                                                        folder.hint("check")}}}});
}

TEST_CASE("colour is for terminals") {
    const Folder folder(plain);
    const auto coloured = [](const Ran& ran) { return ran.out.find('\x1b') != std::string::npos; };
    CHECK_FALSE(coloured(folder.run({"check"})));
    CHECK(coloured(folder.run({"check"}, {.terminal = true})));
    CHECK_FALSE(coloured(folder.run({"check"}, {.terminal = true, .no_color = true})));
    CHECK_FALSE(coloured(folder.run({"check", "--color", "never"}, {.terminal = true})));
    CHECK(coloured(folder.run({"check", "--color=always"}, {.no_color = true})));
    CHECK_FALSE(coloured(folder.run({"check", "--json"}, {.terminal = true})));
}

TEST_CASE("--json is JSON from every command that prints data") {
    const Folder folder(company);
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"check"},
                                               {"list"},
                                               {"show", "CEO"},
                                               {"explain", "--from", "a\xff\x1b@b", "--to", "c@d.example"},
                                               {"status"},
                                               {"keys"},
                                               {"help"},
                                               {"help", "show"}}) {
        std::vector<std::string> with_json = arguments;
        with_json.emplace_back("--json");
        const Ran ran = folder.run(with_json, {.terminal = true});
        INFO(arguments.front());
        ran.json();
        CHECK(ran.out.back() == '\n');
    }
}

TEST_CASE("keys: what the parser knows") {
    const Ran ran = run_bare({"keys"});
    CHECK(ran.status == 0);
    CHECK(ran.out.find("global\n") == 0);
    CHECK(ran.out.find("\n[[connector]]\n") != std::string::npos);
    CHECK(ran.out.find("\n  smart_host_auth_mechanism\n") != std::string::npos);
    const nlohmann::json json = run_bare({"keys", "--json"}).json();
    const auto port =
        std::find_if(json.begin(), json.end(), [](const auto& key) { return key["name"] == "port"; });
    REQUIRE(port != json.end());
    CHECK((*port)["scope"] == "[[connector]]");
    CHECK((*port)["default"] == "25");
    CHECK((*port)["exchange"] == "Port");
    CHECK((*port)["without_effect"] == false);
}
