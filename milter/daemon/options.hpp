// SPDX-License-Identifier: Apache-2.0
// The command line of sendconnectord.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sendconnector::daemon {

enum class LogTarget { standard_error, syslog };

struct Options {
    std::filesystem::path config = "/etc/sendconnector/sendconnector.toml";
    LogTarget log = LogTarget::syslog;
    bool check_config = false;
};

// Either options to run with, or a text to print and the exit status to end with: --help and --version 0
// (standard output), a usage error 2 (standard error).
struct CommandLine {
    std::optional<Options> options;
    std::string text;
    int exit_status = 0;
};

CommandLine parse_command_line(int argc, const char* const argv[]);

} // namespace sendconnector::daemon
