// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/trace_query.hpp"

#include <algorithm>

namespace sendconnector::mail_log {
namespace {

// syslog cuts lines off at a kilobyte, some at two.
constexpr std::size_t may_be_cut_off = 400;

char fold(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_in_any_case(std::string_view one, std::string_view other) {
    return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(),
                                                    [](char a, char b) { return fold(a) == fold(b); });
}

std::string_view without_brackets(std::string_view text) {
    return text.size() >= 2 && text.front() == '<' && text.back() == '>' ? text.substr(1, text.size() - 2)
                                                                         : text;
}

} // namespace

bool TraceQuery::is_message_id(std::string_view logged) const {
    if (id.empty())
        return false;
    if (logged == id || without_brackets(logged) == without_brackets(id))
        return true;
    return logged.size() >= may_be_cut_off &&
           (id.starts_with(logged) || (logged.front() == '<' && id.starts_with(logged.substr(1))));
}

bool TraceQuery::is_in_time(const std::optional<Time>& time) const {
    if (!time)
        return true;
    return (!since || *time >= *since) && (!until || *time <= *until);
}

bool is_address(std::string_view logged, std::string_view wanted) {
    if (wanted.starts_with('@'))
        return logged.size() > wanted.size() &&
               equal_in_any_case(logged.substr(logged.size() - wanted.size()), wanted);
    return equal_in_any_case(logged, wanted);
}

} // namespace sendconnector::mail_log
