// SPDX-License-Identifier: Apache-2.0
// ask_daemon(): one question to the running daemon over its control socket. One JSON object on a line goes
// out, one comes in: {"command":"status"}, say, answered by {"ok":true,...} or
// {"ok":false,"errors":["...",...]}.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace sendconnector::ctl {

// Why there is no answer. What the daemon refuses is an answer.
struct ControlFailure {
    enum class Kind {
        not_running,   // nobody listens on the socket, or there is none
        no_permission, // the caller may not ask
        bad_answer,    // too late, cut off, or not what a daemon says: it may or may not have done it
    };
    Kind kind;
    std::string text; // a clause, with the socket's path
};

using ControlAnswer = tl::expected<nlohmann::json, ControlFailure>;

inline constexpr std::chrono::seconds control_patience{10};
// Reload checks and indexes the whole configuration before it answers.
inline constexpr std::chrono::seconds reload_patience{60};

// The answer is an object with a boolean `ok`. Takes no longer than `patience` in all.
ControlAnswer ask_daemon(const std::string& control_socket, std::string_view command,
                         std::chrono::milliseconds patience);
// The same with parameters: `question` is an object with a "command".
ControlAnswer put_to_daemon(const std::string& control_socket, const nlohmann::json& question,
                            std::chrono::milliseconds patience);

// The errors of an answer that is not ok; never empty.
std::vector<std::string> errors_of(const nlohmann::json& answer);
std::vector<std::string> warnings_of(const nlohmann::json& answer);

} // namespace sendconnector::ctl
