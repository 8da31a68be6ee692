// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/options.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <sstream>
#include <vector>

namespace sendconnector::daemon {

namespace po = boost::program_options;

namespace {

constexpr std::string_view usage =
    "usage: sendconnectord [--config FILE] [--log stderr|syslog] [--check-config]\n";

constexpr std::string_view explanation =
    R"(The daemon behind Postfix' send connectors: answers Postfix' lookups, and refuses what no connector may take.
It stays in the foreground; systemd (or a shell) puts it into the background.

)";

constexpr std::string_view afterword = R"(
Signals: SIGHUP loads the configuration again; one that does not check out changes nothing. SIGTERM and SIGINT
finish what is on its way, and end.
Exit status: 0 ended by a signal, or --check-config found nothing wrong; 1 could not start, or the configuration
is not usable; 2 wrong use.
See sendconnectord(8), sendconnector.toml(5), sendconnectorctl(8).
)";

po::options_description description() {
    po::options_description options("Options", 100, 60);
    auto add = options.add_options();
    add("config", po::value<std::string>()->value_name("FILE"),
        "configuration file; conf.d/*.toml beside it belong to it (default: "
        "/etc/sendconnector/sendconnector.toml)");
    add("log", po::value<std::string>()->value_name("stderr|syslog"),
        "where log lines go (default: syslog, facility mail)");
    add("check-config", "load the configuration, print what is wrong with it, and end");
    add("version", "print the version, and end");
    add("help", "print this, and end");
    return options;
}

CommandLine wrong_use(const std::string& what) {
    return {std::nullopt, fmt::format("sendconnectord: {}\n{}Try sendconnectord --help.\n", what, usage), 2};
}

CommandLine help(const po::options_description& options) {
    std::ostringstream text;
    text << usage << explanation << options << afterword;
    return {std::nullopt, text.str(), 0};
}

} // namespace

CommandLine parse_command_line(int argc, const char* const argv[]) {
    const auto options = description();
    po::variables_map given;
    try {
        const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
        const auto parsed = po::command_line_parser(argc, argv).options(options).style(style).run();
        if (const auto stray = po::collect_unrecognized(parsed.options, po::include_positional);
            !stray.empty()) {
            return wrong_use(fmt::format("{} is not an option", stray.front()));
        }
        po::store(parsed, given);
    } catch (const po::error& error) {
        return wrong_use(error.what());
    }
    if (given.count("help") != 0) {
        return help(options);
    }
    if (given.count("version") != 0) {
        return {std::nullopt, "sendconnectord " SENDCONNECTOR_VERSION "\n", 0};
    }
    Options result;
    result.check_config = given.count("check-config") != 0;
    if (given.count("config") != 0) {
        result.config = given["config"].as<std::string>();
    }
    if (given.count("log") != 0) {
        const auto target = given["log"].as<std::string>();
        if (target != "stderr" && target != "syslog") {
            return wrong_use(fmt::format("--log {}: must be stderr or syslog", target));
        }
        result.log = target == "stderr" ? LogTarget::standard_error : LogTarget::syslog;
    }
    return {result, "", 0};
}

} // namespace sendconnector::daemon
