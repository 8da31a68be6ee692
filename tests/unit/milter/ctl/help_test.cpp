// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/command_table.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

#include <map>

using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::size_t longest_line(const std::string& text) {
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        longest = std::max(longest, end - begin);
        begin = end + 1;
    }
    return longest;
}

} // namespace

TEST_CASE("every command and every option is in the help that is printed") {
    const std::string overview = run_bare({"--help"}).out;
    CHECK(run_bare({"help"}).out == overview);
    for (const Option& option : global_options())
        CHECK(contains(overview, "--" + std::string(option.name)));
    for (const Command& command : commands()) {
        const std::string name(command.name);
        const Ran ran = run_bare({"help", name});
        INFO(name);
        CHECK(ran.status == 0);
        CHECK(contains(overview, "\n  " + name + " "));
        CHECK(contains(ran.out, "Usage: sendconnectorctl " + usage(command) + "\n"));
        CHECK(contains(ran.out, command.description));
        CHECK_FALSE(command.description.empty());
        for (const Option& option : command.options)
            CHECK(contains(ran.out, "--" + std::string(option.name)));
        for (const Argument& argument : command.arguments)
            CHECK(contains(ran.out, std::string(argument.name)));
        CHECK(run_bare({name, "--help"}).out == ran.out);
        CHECK(run_bare({"--help", name}).out == ran.out);
        CHECK(longest_line(ran.out) <= 100);
    }
    CHECK(longest_line(overview) <= 100);
}

TEST_CASE("summaries are one line, without a full stop, and every option has one") {
    const auto check_summary = [](std::string_view summary) {
        INFO(summary);
        REQUIRE_FALSE(summary.empty());
        CHECK(summary.back() != '.');
        CHECK(summary.find('\n') == std::string_view::npos);
    };
    for (const Option& option : global_options())
        check_summary(option.summary);
    for (const Command& command : commands()) {
        check_summary(command.summary);
        for (const Option& option : command.options)
            check_summary(option.summary);
        for (const Argument& argument : command.arguments)
            check_summary(argument.summary);
    }
}

TEST_CASE("one option name takes an argument or takes none, whatever the command") {
    std::map<std::string_view, bool> takes_argument;
    for (const Option& option : global_options())
        CHECK(takes_argument.emplace(option.name, !option.argument.empty()).second);
    const std::size_t global = takes_argument.size();
    for (const Command& command : commands())
        for (const Option& option : command.options) {
            INFO(command.name << " --" << option.name);
            CHECK(find_option(global_options(), option.name) == nullptr);
            CHECK(takes_argument.emplace(option.name, !option.argument.empty()).first->second ==
                  !option.argument.empty());
        }
    CHECK(takes_argument.size() > global);
}

TEST_CASE("help --json is the table") {
    const nlohmann::json json = run_bare({"help", "--json"}).json();
    CHECK(json["program"] == "sendconnectorctl");
    CHECK(json["global_options"].size() == global_options().size());
    REQUIRE(json["commands"].size() == commands().size());
    CHECK(json == run_bare({"--help", "--json"}).json());
    const nlohmann::json explain = run_bare({"help", "explain", "--json"}).json();
    CHECK(explain["options"][0] == nlohmann::json{{"name", "--from"},
                                                  {"argument", "ADDRESS"},
                                                  {"required", true},
                                                  {"summary", "envelope sender; '<>' is the null sender"}});
    CHECK(explain["usage"] == "explain [OPTION...] --from ADDRESS --to ADDRESS");
    const nlohmann::json show = run_bare({"help", "show", "--json"}).json();
    CHECK(show["arguments"][0]["name"] == "NAME");
    CHECK(show["arguments"][0]["required"] == true);
    const nlohmann::json validate = run_bare({"help", "validate", "--json"}).json();
    CHECK(validate["usage"] == "validate [OPTION...] [NAME...]");
    CHECK(validate["arguments"][0]["repeats"] == true);
}

TEST_CASE("an overview that fits a screen") {
    CHECK(run_bare({"--help"}).out ==
          R"(Usage: sendconnectorctl [OPTION...] COMMAND [ARGUMENT...]
Send connectors for Postfix, chosen by sender and recipient.

Commands:
  check     check the configuration, the files it names and what Postfix says to it
  list      list the connectors, as Get-SendConnector does
  show      show all parameters of a connector, as Get-SendConnector NAME | Format-List does
  explain   say which connector a message takes, and why not the others
  validate  try every smart host as Postfix would, and judge its TLS and certificate
  apply     make Postfix and the daemon what the configuration says
  enable    attach the daemon to Postfix, in main.cf
  disable   detach the daemon from Postfix
  reload    make the running daemon read its configuration again
  status    say what runs, what is applied, and what needs attention
  tls       show what the daemon has verified of each next-hop, and what Postfix is told
  queue     show the queue by connector, and why its mail really waits
  requeue   have queued messages decided on anew, after connectors or smart hosts changed
  trace     tell what became of a message, from the mail log
  log       show a connector's SMTP conversations, or write the log of them
  headers   read a message's headers: its way, delays, what was verified, which connector it took
  new       make a connector by answering questions
  import    take connectors from what Exchange exported, or from this host's Postfix
  export    print connectors as Exchange exports them, or as TOML
  keys      list the keys of the configuration file
  cmdlets   run a script of Exchange's cmdlets, as PowerShell would take it
  help      print help

Exchange's cmdlets:
  New-SendConnector      make a connector, in a file of conf.d
  Set-SendConnector      change a connector, in the file where it stands
  Get-SendConnector      list connectors, all or by name
  Remove-SendConnector   take a connector out of its file
  Enable-SendConnector   set a connector's Enabled to $true
  Disable-SendConnector  set a connector's Enabled to $false

Options, before or after the command:
  --config FILE         configuration file, default /etc/sendconnector/sendconnector.toml
  --postfix-config DIR  Postfix instance, default what config_directory in [postfix] says
  --json                print data as JSON
  --color WHEN          auto (on a terminal, unless NO_COLOR is set), always or never
  --help                print help, of a command if one is named
  --version             print the version

sendconnectorctl help COMMAND says more about one.
Exit status: 0 fine, 1 no (a finding), 2 wrong usage or could not tell.
)");
}
