// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/address_tokens.hpp"

#include "conf/plain_text.hpp"

#include <cstddef>
#include <utility>

namespace sendconnector::filter {

namespace {

constexpr int deepest_comment = 50;
constexpr std::string_view address_marks = "@<>";
constexpr std::string_view specials = "()<>[]:;@\\,.\"";

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    std::optional<std::vector<AddressToken>> run() {
        std::vector<AddressToken> tokens;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (is_space(c)) {
                ++m_at;
                m_apart = true;
                continue;
            }
            if (c == '(') {
                if (!skip_comment()) {
                    return std::nullopt;
                }
                m_apart = true;
                continue;
            }
            const auto token = next();
            if (!token) {
                return std::nullopt;
            }
            tokens.push_back(*token);
            m_apart = false;
        }
        return tokens;
    }

private:
    bool skip_comment() {
        int depth = 0;
        for (; m_at < m_text.size(); ++m_at) {
            switch (m_text[m_at]) {
            case '(':
                if (++depth > deepest_comment) {
                    return false;
                }
                break;
            case ')':
                if (--depth == 0) {
                    ++m_at;
                    return true;
                }
                break;
            case '\\':
                ++m_at;
                [[fallthrough]];
            default:
                // A program that knows no comments looks for these.
                if (m_at < m_text.size() && address_marks.find(m_text[m_at]) != std::string_view::npos) {
                    return false;
                }
            }
        }
        return false;
    }

    std::optional<AddressToken> next() {
        const std::size_t begin = m_at;
        switch (m_text[m_at]) {
        case '"':
            for (++m_at; m_at < m_text.size() && m_text[m_at] != '"'; ++m_at) {
                m_at += m_text[m_at] == '\\' ? 1U : 0U;
            }
            if (m_at >= m_text.size()) {
                return std::nullopt;
            }
            ++m_at;
            return AddressToken{AddressToken::Kind::quoted, m_text.substr(begin + 1, m_at - begin - 2),
                                m_apart};
        case '[':
            for (++m_at; m_at < m_text.size() && is_literal(m_text[m_at]); ++m_at) {
            }
            if (m_at == begin + 1 || m_at >= m_text.size() || m_text[m_at] != ']') {
                return std::nullopt;
            }
            ++m_at;
            return AddressToken{AddressToken::Kind::literal, m_text.substr(begin, m_at - begin), m_apart};
        case ')':
        case ']':
        case '\\':
            return std::nullopt;
        case '<':
        case '>':
        case ':':
        case ';':
        case '@':
        case ',':
        case '.':
            ++m_at;
            return AddressToken{AddressToken::Kind::special, m_text.substr(begin, 1), m_apart};
        default:
            while (m_at < m_text.size() && is_atext(m_text[m_at])) {
                ++m_at;
            }
            return AddressToken{AddressToken::Kind::atom, m_text.substr(begin, m_at - begin), m_apart};
        }
    }

    // Numbers of an address (RFC 5321 4.1.3).
    static bool is_literal(char c) { return is_atext(c) || c == ':' || c == '.'; }

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_apart = false;
};

} // namespace

// RFC 5322 3.2.3, RFC 6532 3.2; controls and what is no UTF-8 have been ruled out before.
bool is_atext(char c) {
    return !is_space(c) && specials.find(c) == std::string_view::npos;
}

std::optional<std::string> unfolded(std::string_view value) {
    std::string line;
    line.reserve(value.size());
    bool is_first = true;
    bool is_blank = true;
    for (std::size_t i = 0; i < value.size();) {
        const std::size_t line_end = value[i] == '\n' ? 1 : value.substr(i, 2) == "\r\n" ? 2 : 0;
        if (line_end != 0) {
            i += line_end;
            const bool continues = i < value.size() && is_space(value[i]);
            const bool escaped = line.ends_with('\\');
            if (!continues || escaped || (is_blank && !is_first)) {
                return std::nullopt;
            }
            is_first = false;
            is_blank = true;
            continue;
        }
        const auto point = conf::code_point_at(value, i);
        if (!point || point->value == 0x2028 || point->value == 0x2029 ||
            (conf::is_control(point->value) && value[i] != '\t')) {
            return std::nullopt;
        }
        is_blank = is_blank && is_space(value[i]);
        line += value.substr(i, point->length);
        i += point->length;
    }
    return is_blank ? std::nullopt : std::optional(std::move(line));
}

std::optional<std::vector<AddressToken>> address_tokens(std::string_view line) {
    return Scanner(line).run();
}

} // namespace sendconnector::filter
