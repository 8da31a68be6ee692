// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/options.hpp"

#include "tests/unit/catch.hpp"

#include <vector>

using namespace sendconnector::daemon;

namespace {

CommandLine parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "sendconnectord");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the command line's defaults and options") {
    const auto none = parse({});
    REQUIRE(none.options);
    CHECK(none.options->config == "/etc/sendconnector/sendconnector.toml");
    CHECK(none.options->log == LogTarget::syslog);
    CHECK_FALSE(none.options->check_config);
    const auto all = parse({"--config", "/tmp/x.toml", "--log=stderr", "--check-config"});
    REQUIRE(all.options);
    CHECK(all.options->config == "/tmp/x.toml");
    CHECK(all.options->log == LogTarget::standard_error);
    CHECK(all.options->check_config);
}

TEST_CASE("wrong use is exit status 2 and says what is wrong") {
    struct Case {
        std::vector<const char*> arguments;
        std::string_view want;
    };
    const Case cases[] = {
        {{"--nonsense"}, "nonsense"},
        {{"-x"}, "-x"},
        {{"--conf", "x"}, "conf"}, // no abbreviations: they would change meaning as options are added
        {{"--config"}, "config"},
        {{"--log", "file"}, "--log file: must be stderr or syslog"},
        {{"start"}, "start is not an option"},
        {{"--config", "a", "--config", "b"}, "config"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.want);
        const auto got = parse(c.arguments);
        CHECK_FALSE(got.options);
        CHECK(got.exit_status == 2);
        CHECK(has(got.text, c.want));
        CHECK(has(got.text, "usage: sendconnectord"));
    }
}

TEST_CASE("help and version print and end well") {
    const auto help = parse({"--help", "--log", "stderr"});
    CHECK_FALSE(help.options);
    CHECK(help.exit_status == 0);
    for (const auto part : {"--config FILE", "--log stderr|syslog", "--check-config", "--version", "--help",
                            "SIGHUP", "Exit status", "sendconnector.toml(5)"}) {
        CAPTURE(part);
        CHECK(has(help.text, part));
    }
    const auto version = parse({"--version"});
    CHECK(version.exit_status == 0);
    CHECK(version.text == "sendconnectord " SENDCONNECTOR_VERSION "\n");
}
