// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/netstring.hpp"

#include "milter/endpoint/log_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::lookup {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

// The usual case: a well-formed netstring from its first octet to its last. False: it is something else.
bool NetstringParser::take_whole(std::string_view& input) {
    std::size_t length = 0;
    std::size_t at = 0;
    for (; at < input.size() && is_digit(input[at]) && length <= m_limit; ++at) {
        length = length * 10 + static_cast<std::size_t>(input[at] - '0');
    }
    if (at == 0 || at == input.size() || input[at] != ':' || length > m_limit ||
        (at > 1 && input.front() == '0')) {
        return false;
    }
    const auto rest = input.substr(at + 1);
    if (rest.size() <= length || rest[length] != ',') {
        return false;
    }
    m_complete = rest.substr(0, length);
    input = rest.substr(length + 1);
    return true;
}

NetstringParser::State NetstringParser::take(std::string_view& input) {
    if (m_part == Part::between && take_whole(input)) {
        return State::complete;
    }
    while (!input.empty()) {
        switch (m_part) {
        case Part::between:
            if (!is_digit(input.front())) {
                return fail(Problem::not_a_number, input);
            }
            m_payload.clear();
            m_length = 0;
            m_digits = 0;
            m_part = Part::length;
            break;
        case Part::length:
            if (input.front() == ':') {
                m_part = m_length == 0 ? Part::comma : Part::octets;
            } else if (!is_digit(input.front())) {
                return fail(Problem::not_a_number, input);
            } else if (m_digits > 0 && m_length == 0) {
                return fail(Problem::leading_zero, input);
            } else {
                m_length = m_length * 10 + static_cast<std::size_t>(input.front() - '0');
                ++m_digits;
                if (m_length > m_limit) {
                    return fail(Problem::too_long, input);
                }
            }
            input.remove_prefix(1);
            break;
        case Part::octets: {
            const auto wanted = std::min(m_length - m_payload.size(), input.size());
            m_payload.append(input.substr(0, wanted));
            input.remove_prefix(wanted);
            if (m_payload.size() == m_length) {
                m_part = Part::comma;
            }
            break;
        }
        case Part::comma:
            if (input.front() != ',') {
                return fail(Problem::missing_comma, input);
            }
            input.remove_prefix(1);
            m_part = Part::between;
            m_complete = m_payload;
            return State::complete;
        case Part::broken:
            return State::broken;
        }
    }
    return m_part == Part::broken ? State::broken : State::more;
}

NetstringParser::State NetstringParser::fail(Problem problem, std::string_view rest) {
    m_part = Part::broken;
    m_problem = problem;
    // What was understood before it makes the log line legible: "5:hello" and then something else than a
    // comma.
    if (problem == Problem::missing_comma) {
        m_offending = fmt::format("{}:{}", m_length, m_payload.substr(0, 64));
    } else if (m_digits > 0) {
        m_offending = std::to_string(m_length / (problem == Problem::too_long ? 10 : 1));
    }
    m_offending.append(rest.substr(0, 64));
    return State::broken;
}

std::string_view to_string(NetstringParser::Problem problem) {
    switch (problem) {
    case NetstringParser::Problem::none:
        return "nothing";
    case NetstringParser::Problem::not_a_number:
        return "the length is not a number";
    case NetstringParser::Problem::leading_zero:
        return "the length has leading zeros";
    case NetstringParser::Problem::too_long:
        return "the request is too long";
    case NetstringParser::Problem::missing_comma:
        return "no comma after the announced length";
    }
    return "";
}

void append_netstring(std::string& out, std::string_view payload) {
    std::array<char, 20> digits{};
    const auto* const end = std::to_chars(digits.begin(), digits.end(), payload.size()).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()))
        .append(1, ':')
        .append(payload)
        .append(1, ',');
}

endpoint::Framing::Step NetstringFraming::take(std::string_view& input) {
    switch (m_parser.take(input)) {
    case NetstringParser::State::more:
        return Step::more;
    case NetstringParser::State::complete:
        return Step::request;
    case NetstringParser::State::broken:
        break;
    }
    return Step::broken;
}

std::string NetstringFraming::problem() const {
    return fmt::format("not a socketmap client: {}: {}", to_string(m_parser.problem()),
                       endpoint::in_quotes(m_parser.offending(), 96));
}

} // namespace sendconnector::lookup
