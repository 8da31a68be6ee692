// SPDX-License-Identifier: Apache-2.0
// Netstring: the framing of socketmap_table(5), `LENGTH:OCTETS,` (D. J. Bernstein's netstrings).
#pragma once

#include "milter/endpoint/framing.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::lookup {

// Takes any octets, in pieces of any size. What comes in one piece stays where it is; else it holds at most
// `limit` octets.
class NetstringParser {
public:
    enum class State { more, complete, broken };
    enum class Problem { none, not_a_number, leading_zero, too_long, missing_comma };

    static constexpr std::size_t default_limit = 8192;

    explicit NetstringParser(std::size_t limit = default_limit) : m_limit(limit) {}

    // Takes from the front of `input`, at most to the end of one netstring. Once broken it stays so.
    State take(std::string_view& input);
    // After State::complete, until the next take(), and no longer than the input that it may lie in.
    std::string_view payload() const { return m_complete; }
    bool in_progress() const { return m_part != Part::between; }
    Problem problem() const { return m_problem; }
    // The start of what could not be understood, raw.
    const std::string& offending() const { return m_offending; }

private:
    enum class Part { between, length, octets, comma, broken };

    bool take_whole(std::string_view& input);
    State fail(Problem problem, std::string_view rest);

    std::size_t m_limit;
    Part m_part = Part::between;
    std::size_t m_length = 0;
    std::size_t m_digits = 0;
    std::string m_payload; // of one that comes in pieces
    std::string_view m_complete;
    Problem m_problem = Problem::none;
    std::string m_offending;
};

std::string_view to_string(NetstringParser::Problem problem); // "the length is not a number"

void append_netstring(std::string& out, std::string_view payload);

class NetstringFraming : public endpoint::Framing {
public:
    Step take(std::string_view& input) override;
    std::string_view request() const override { return m_parser.payload(); }
    bool in_progress() const override { return m_parser.in_progress(); }
    std::string problem() const override;
    void append_reply(std::string& out, std::string_view reply) const override {
        append_netstring(out, reply);
    }

private:
    NetstringParser m_parser;
};

} // namespace sendconnector::lookup
