// SPDX-License-Identifier: Apache-2.0
// What a server said, without its words: they may be a password that it was told, in part or in whole.
#pragma once

#include "milter/mail_log/secrets.hpp"

#include <string>
#include <string_view>

namespace sendconnector::mail_log {

// What stands for words that are not shown.
inline constexpr std::string_view left_out = "<text left out>";

// Of a line of a reply (RFC 5321 4.2, RFC 2034): code and enhanced status code, and that there was more.
std::string without_words(std::string_view reply);

// Whether no more lines of that reply follow.
bool is_last_line(std::string_view reply);

// A line of a reply, without its words if a piece of a secret is in them.
std::string shown_reply(const Secrets& secrets, std::string_view reply);

// The same for what smtp(8) says, of which the end may be a server's words: "AAAAAA01: to=<...>, ...,
// status=deferred (host mx.example[192.0.2.1] said: 451 ...)".
std::string shown_line(const Secrets& secrets, std::string_view text);

} // namespace sendconnector::mail_log
