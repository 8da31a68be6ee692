// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/advice.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+=:@%,").find(c) != std::string_view::npos;
}

} // namespace

std::string shell_word(std::string_view text) {
    if (!text.empty() && std::ranges::all_of(text, is_plain))
        return std::string(text);
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string to_run(const Invocation& invocation, std::string_view command) {
    std::string line = "sendconnectorctl";
    for (const std::string_view option : {"config", "postfix-config"})
        if (invocation.has(option))
            line += fmt::format(" --{} {}", option, shell_word(invocation.value(option)));
    return fmt::format("{} {}", line, command);
}

std::string to_run_as_root(const Invocation& invocation, std::string_view command) {
    return "sudo " + to_run(invocation, command);
}

std::string to_start_daemon(const Invocation& invocation) {
    return invocation.has("config")
               ? fmt::format("start it: sendconnectord --config {}", shell_word(invocation.value("config")))
               : "start it: sudo systemctl start sendconnector";
}

} // namespace sendconnector::ctl
