// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/postconf.hpp"

#include "conf/postfix/command.hpp"

#include <fmt/format.h>
#include <string_view>

namespace sendconnector::conf::postfix {
namespace {

// "postconf: warning: ...\npostconf: fatal: X\n" -> "X".
std::string complaint(const CommandResult& result) {
    std::string_view text = result.err;
    const std::size_t fatal = text.rfind("fatal: ");
    if (fatal != std::string_view::npos) {
        text.remove_prefix(fatal + 7);
    }
    text = text.substr(0, text.find('\n'));
    return text.empty() ? fmt::format("exit status {}", result.exit_status) : std::string(text);
}

} // namespace

Result<std::string> postconf(const std::string& directory, const std::vector<std::string>& arguments) {
    std::vector<std::string> command{"postconf", "-c", directory};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto result = run_command(command);
    if (!result) {
        return tl::unexpected(result.error());
    }
    if (result->exit_status != 0) {
        return fail(fmt::format("postconf refuses: {}", complaint(*result)));
    }
    return std::move(result->out);
}

} // namespace sendconnector::conf::postfix
