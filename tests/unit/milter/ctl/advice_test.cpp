// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/advice.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::ctl;

TEST_CASE("what to type next is for the instance at hand") {
    CHECK(to_run_as_root({}, "apply") == "sudo sendconnectorctl apply");
    CHECK(to_start_daemon({}) == "start it: sudo systemctl start sendconnector");
    Invocation invocation;
    invocation.options["config"] = {"/srv/a b/c.toml"};
    invocation.options["postfix-config"] = {"/etc/postfix-out"};
    invocation.options["json"] = {""};
    CHECK(to_run(invocation, "check") ==
          "sendconnectorctl --config '/srv/a b/c.toml' --postfix-config /etc/postfix-out check");
    CHECK(to_start_daemon(invocation) == "start it: sendconnectord --config '/srv/a b/c.toml'");
}

TEST_CASE("words for a shell") {
    CHECK(shell_word("/etc/x_y-1.toml") == "/etc/x_y-1.toml");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("$(x)") == "'$(x)'");
    CHECK(shell_word("it's") == "'it'\\''s'");
}
