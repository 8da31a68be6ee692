// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/powershell_scanner.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Three octets E2 80 xx, xx in a range: where Unicode has its quotation marks and dashes.
bool is_general_punctuation(std::string_view text, unsigned char least, unsigned char most) {
    return text.size() >= 3 && text[0] == '\xE2' && text[1] == '\x80' &&
           static_cast<unsigned char>(text[2]) >= least && static_cast<unsigned char>(text[2]) <= most;
}

// In place, since a list may be as long as a statement.
void join(Element& left, Element right) {
    if (left.value.items() == nullptr) {
        left.value = Value(List{std::move(left.value)});
    }
    left.value.items()->push_back(std::move(right.value));
    if (left.expression.empty()) {
        left.expression = std::move(right.expression);
    }
}

tl::unexpected<Error> too_long() {
    return fail("a statement is longer than is read",
                "write one statement a line, and a long list in parts: Set-SendConnector NAME -Senders "
                "@{Add=\"...\",\"...\"}");
}

} // namespace

bool begins_variable(std::string_view text) {
    return text.size() > 1 && text[0] == '$' &&
           (is_letter(text[1]) || (text[1] >= '0' && text[1] <= '9') || text[1] == '_' || text[1] == '{' ||
            text[1] == '(' || text[1] == '?' || text[1] == '$' || text[1] == ':');
}

std::size_t dash_length(std::string_view text) {
    return text.starts_with('-') ? 1 : is_general_punctuation(text, 0x93, 0x95) ? 3 : 0;
}

std::size_t single_quote_length(std::string_view text) {
    return text.starts_with('\'') ? 1 : is_general_punctuation(text, 0x98, 0x9B) ? 3 : 0;
}

std::size_t double_quote_length(std::string_view text) {
    return text.starts_with('"') ? 1 : is_general_punctuation(text, 0x9C, 0x9E) ? 3 : 0;
}

PowershellScanner::PowershellScanner(std::string_view text) : m_text(text), m_limit(text.size()) {
    if (m_text.starts_with("\xEF\xBB\xBF")) {
        m_offset = 3;
    }
}

char PowershellScanner::peek() const {
    if (at_end()) {
        return '\0';
    }
    const char c = m_text[m_offset];
    return c == '\r' && rest().starts_with("\r\n") ? '\n' : c;
}

std::string PowershellScanner::shown_next() const {
    if (at_end()) {
        return "the end";
    }
    if (peek() == '\n') {
        return "the end of the line";
    }
    const auto point = code_point_at(m_text, m_offset);
    return in_quotes(rest().substr(0, point ? point->length : 1));
}

void PowershellScanner::advance(std::size_t octets) {
    for (; octets > 0 && !at_end(); --octets, ++m_offset) {
        if (m_text[m_offset] == '\n') {
            ++m_line;
        } else if (octets == 1 && rest().starts_with("\r\n")) {
            ++octets; // both are one line end
        }
    }
}

void PowershellScanner::take(std::string& text) {
    text += peek();
    advance(1);
}

void PowershellScanner::back_to(std::size_t offset, std::size_t line) {
    m_offset = offset;
    m_line = line;
}

void PowershellScanner::to_line_end() {
    m_offset = std::min(m_text.find('\n', m_offset), m_text.size());
}

std::size_t PowershellScanner::blank_length() const {
    const std::string_view here = rest();
    if (here.starts_with(' ') || here.starts_with('\t') || here.starts_with('\v') || here.starts_with('\f')) {
        return 1;
    }
    if (here.starts_with('\r') && !here.starts_with("\r\n")) {
        return 1;
    }
    return here.starts_with("\xC2\xA0") ? 2 : here.starts_with("\xE2\x80\x8B") ? 3 : 0;
}

void PowershellScanner::skip_blanks_and_comments() {
    while (!at_end()) {
        if (const std::size_t blank = blank_length(); blank > 0) {
            advance(blank);
        } else if (rest().starts_with("`\n") || rest().starts_with("`\r\n")) {
            advance(2);
        } else if (rest().starts_with('#')) {
            while (!at_end() && peek() != '\n') {
                advance(1);
            }
        } else if (rest().starts_with("<#")) {
            const auto end = rest().find("#>", 2);
            advance(end == std::string_view::npos ? rest().size() : end + 2);
        } else {
            return;
        }
    }
}

void PowershellScanner::skip_blanks_and_lines() {
    skip_blanks_and_comments();
    while (peek() == '\n') {
        advance(1);
        skip_blanks_and_comments();
    }
}

bool PowershellScanner::ends_bare_word() const {
    if (is_beyond() || blank_length() > 0) {
        return true;
    }
    constexpr std::string_view enders = "\n;|&(){},";
    return enders.find(peek()) != std::string_view::npos;
}

std::string PowershellScanner::bare_word() {
    std::string word;
    while (!ends_bare_word() && single_quote_length(rest()) == 0 && double_quote_length(rest()) == 0) {
        if (peek() == '`') {
            if (rest().starts_with("`\n") || rest().starts_with("`\r\n")) {
                break;
            }
            word += escape();
            continue;
        }
        take(word);
    }
    return word;
}

tl::unexpected<Error> PowershellScanner::not_closed(std::string_view what) const {
    return fail(fmt::format("{} is not closed", what),
                "close it, or write the value in other quotation marks");
}

Result<std::vector<Element>> PowershellScanner::elements() {
    std::vector<Element> elements;
    while (true) {
        skip_blanks_and_comments();
        if (m_offset > m_limit) {
            return too_long();
        }
        const char c = peek();
        if (at_end() || c == '\n' || c == ';' || c == '|') {
            return elements;
        }
        const std::size_t dash = dash_length(rest());
        const std::size_t name = m_offset + dash;
        if (dash > 0 && name < m_text.size() && is_letter(m_text[name])) {
            advance(dash);
            Element parameter{.kind = Element::Kind::parameter, .text = {}};
            while (!ends_bare_word() && peek() != ':') {
                take(parameter.text);
            }
            if (peek() == ':') {
                advance(1);
                parameter.has_colon = true;
            }
            elements.push_back(std::move(parameter));
            continue;
        }
        Result<Element> next = value();
        if (!next) {
            return tl::unexpected(next.error());
        }
        elements.push_back(std::move(*next));
    }
}

Result<Element> PowershellScanner::value() {
    const std::size_t begin = m_offset;
    Result<Element> first = single_value();
    while (first) {
        const std::size_t offset = m_offset;
        const std::size_t line = m_line;
        skip_blanks_and_comments();
        if (peek() != ',') {
            back_to(offset, line);
            // An expression anywhere makes an expression of the whole.
            if (!first->expression.empty()) {
                first->expression = between(begin, m_offset);
            }
            return first;
        }
        advance(1);
        skip_blanks_and_lines();
        Result<Element> next = single_value();
        if (!next) {
            return next;
        }
        join(*first, std::move(*next));
    }
    return first;
}

Result<Element> PowershellScanner::single_value() {
    if (at_end()) {
        return fail("a value is missing at the end", "write it");
    }
    if (is_beyond()) {
        return too_long();
    }
    if (single_quote_length(rest()) > 0) {
        return quoted_by_one();
    }
    if (double_quote_length(rest()) > 0) {
        return quoted_by_two();
    }
    if (peek() == '(' || rest().starts_with("@(") || rest().starts_with("@{")) {
        return in_brackets();
    }
    if (begins_variable(rest())) {
        return variable();
    }
    return bare_value();
}

} // namespace sendconnector::conf::exchange
