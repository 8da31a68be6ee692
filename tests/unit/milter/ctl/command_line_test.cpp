// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/command_line.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector;
using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

using Words = std::vector<std::string>;

TEST_CASE("global options stand before and after the command") {
    for (const Words& words :
         {Words{"--json", "--config", "/c", "show", "X"}, Words{"show", "X", "--json", "--config=/c"},
          Words{"--config", "/c", "show", "--json", "X"}}) {
        const Result<Invocation> invocation = parse_command_line(words);
        REQUIRE(invocation.has_value());
        CHECK(invocation->command->name == "show");
        CHECK(invocation->arguments == Words{"X"});
        CHECK(invocation->has("json"));
        CHECK(invocation->value("config") == "/c");
    }
}

TEST_CASE("a command's options may stand before it, and their arguments are not taken for commands") {
    const Result<Invocation> invocation = parse_command_line({"--from", "list", "explain", "--to", "a@b"});
    REQUIRE(invocation.has_value());
    CHECK(invocation->command->name == "explain");
    CHECK(invocation->value("from") == "list");
}

TEST_CASE("senders of every shape are arguments of --from") {
    for (const std::string sender : {"<>", "", "a@b", "-odd@b", "a b@c", "\"@\"@d", "ümlaut@d"}) {
        const Result<Invocation> invocation =
            parse_command_line({"explain", "--from", sender, "--to", "a@b"});
        INFO(sender);
        REQUIRE(invocation.has_value());
        CHECK(invocation->value("from") == sender);
    }
}

TEST_CASE("what follows an option that may stand alone is not its argument") {
    const Result<Invocation> alone = parse_command_line({"headers", "--html", "mail.eml"});
    REQUIRE(alone.has_value());
    CHECK(alone->has("html"));
    CHECK(alone->value("html", "none") == "");
    CHECK(alone->arguments == Words{"mail.eml"});
    CHECK(parse_command_line({"headers", "--html=page", "mail.eml"})->value("html") == "page");
    CHECK_FALSE(parse_command_line({"headers", "mail.eml", "--html", "page"}).has_value());
    CHECK(parse_command_line({"headers", "--", "--html"})->arguments == Words{"--html"});
}

TEST_CASE("two dashes end the options") {
    const Result<Invocation> invocation = parse_command_line({"show", "--", "--json"});
    REQUIRE(invocation.has_value());
    CHECK(invocation->arguments == Words{"--json"});
    CHECK_FALSE(invocation->has("json"));
}

TEST_CASE("wrong usage: status 2, nothing on standard output, and what to write instead") {
    struct Case {
        Words arguments;
        std::string says;
    };
    const Case cases[] = {
        {{"chekc"}, "unknown command \"chekc\"; did you mean check?"},
        {{"LIST"}, "unknown command \"LIST\"; did you mean list?"},
        {{"expl"}, "unknown command \"expl\"; did you mean explain?"},
        {{"frobnicate"}, "unknown command \"frobnicate\"; see sendconnectorctl --help"},
        {{""}, "unknown command \"\"; see sendconnectorctl --help"},
        {{"list", "--wid"}, "unknown option --wid; did you mean --wide?"},
        {{"list", "--jsno"}, "unknown option --jsno; did you mean --json?"},
        {{"--conifg", "x", "list"}, "unknown option --conifg; did you mean --config?"},
        {{"apply", "--dry"}, "unknown option --dry; did you mean --dry-run?"},
        {{"apply", "--dryrun"}, "unknown option --dryrun; did you mean --dry-run?"},
        {{"list", "--zebra=1"}, "unknown option --zebra; see sendconnectorctl help list"},
        {{"list", "-h"}, "unknown option -h; did you mean --help?"},
        {{"list", "--dry-run"}, "list has no option --dry-run; see sendconnectorctl help list"},
        {{"--wide"}, "--wide belongs to a command, and none is named; see sendconnectorctl --help"},
        {{"list", "all"},
         "list takes no argument, and \"all\" is one; usage: sendconnectorctl list [--wide]"},
        {{"show"}, "show wants NAME; usage: sendconnectorctl show NAME"},
        {{"show", "Contoso", "via", "Mimecast"},
         "show takes one NAME; put quotes around it: sendconnectorctl show \"Contoso via Mimecast\""},
        {{"explain"},
         "explain wants --from ADDRESS and --to ADDRESS; usage: sendconnectorctl explain [OPTION...] "
         "--from ADDRESS --to ADDRESS"},
        {{"explain", "--from", "a@b", "--from", "c@d", "--to", "e@f"}, "--from is given twice; give it once"},
        {{"list", "--color", "red"}, "--color red is none of auto, always, never; use one of these"},
        {{"list", "--json=yes"},
         "option '--json' does not take any arguments; see sendconnectorctl help list"},
        {{"list", "--config"},
         "the required argument for option '--config' is missing; see sendconnectorctl help list"},
        {{"explain", "--from", "a@b", "--to", "bob"},
         "--to bob has no domain; write --to someone@example.org"},
        {{"explain", "--from", "a@b", "--to", "b@c", "--size", "unlimited"},
         "--size unlimited: a message has a size; write octets, or a number with KB, MB or GB"},
        {{"help", "chekc"}, "unknown command \"chekc\"; did you mean check?"},
        {{"ch\x1b[31mck"}, "unknown command \"ch\\x1b[31mck\"; see sendconnectorctl --help"},
    };
    for (const Case& one : cases) {
        const Ran ran = run_bare(one.arguments);
        CHECK(ran.err == "sendconnectorctl: error: " + one.says + "\n");
        CHECK(ran.status == 2);
        CHECK(ran.out.empty());
    }
}

TEST_CASE("without a command: the overview on standard error, status 2") {
    const Ran ran = run_bare({});
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == run_bare({"--help"}).out);
}

TEST_CASE("--version") {
    CHECK(run_bare({"--version"}).out == "sendconnectorctl " SENDCONNECTOR_VERSION "\n");
    CHECK(run_bare({"list", "--version"}).status == 0);
}
