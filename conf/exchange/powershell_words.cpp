// SPDX-License-Identifier: Apache-2.0
// Of PowershellScanner: single values that stand in no brackets.
#include "conf/exchange/powershell_scanner.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

Element text_element(std::string text) {
    return {.kind = Element::Kind::value, .text = {}, .value = Value(std::move(text))};
}

Element expression_element(std::string_view source) {
    return {.kind = Element::Kind::value,
            .text = {},
            .value = Value(std::string(source)),
            .expression = std::string(source)};
}

} // namespace

std::string PowershellScanner::escape() {
    advance(1);
    if (at_end()) {
        return "`";
    }
    const auto point = code_point_at(m_text, m_offset);
    const std::string_view next = rest().substr(0, point ? point->length : 1);
    advance(next.size());
    if (next == "n") {
        return "\n";
    }
    if (next == "r") {
        return "\r";
    }
    if (next == "t") {
        return "\t";
    }
    return std::string(next);
}

Result<Element> PowershellScanner::quoted_by_one() {
    advance(single_quote_length(rest()));
    std::string text;
    while (!is_beyond()) {
        const std::size_t quote = single_quote_length(rest());
        if (quote == 0) {
            take(text);
            continue;
        }
        const std::string_view mark = rest().substr(0, quote);
        advance(quote);
        if (single_quote_length(rest()) == 0) {
            return text_element(std::move(text));
        }
        text += mark;
        advance(single_quote_length(rest()));
    }
    return not_closed("a single quotation mark");
}

Result<Element> PowershellScanner::quoted_by_two() {
    const std::size_t begin = m_offset;
    advance(double_quote_length(rest()));
    std::string text;
    bool is_expression = false;
    while (!is_beyond()) {
        const std::size_t quote = double_quote_length(rest());
        if (peek() == '`') {
            text += escape();
        } else if (quote > 0) {
            const std::string_view mark = rest().substr(0, quote);
            advance(quote);
            if (double_quote_length(rest()) == 0) {
                return is_expression ? expression_element(between(begin, m_offset))
                                     : text_element(std::move(text));
            }
            text += mark;
            advance(double_quote_length(rest()));
        } else {
            is_expression = is_expression || begins_variable(rest());
            take(text);
        }
    }
    return not_closed("a quotation mark");
}

Result<Element> PowershellScanner::bare_value() {
    const std::size_t begin = m_offset;
    std::string text;
    bool is_expression = false;
    while (!ends_bare_word()) {
        if (single_quote_length(rest()) > 0 || double_quote_length(rest()) > 0) {
            Result<Element> part = single_value();
            if (!part) {
                return part;
            }
            is_expression = is_expression || !part->expression.empty();
            text += *part->value.text();
        } else if (peek() == '`') {
            if (rest().starts_with("`\n") || rest().starts_with("`\r\n")) {
                break;
            }
            text += escape();
        } else {
            is_expression = is_expression || begins_variable(rest());
            take(text);
        }
    }
    if (m_offset == begin) {
        return fail(fmt::format("{} stands where a value should", shown_next()),
                    "put the value in quotation marks");
    }
    return is_expression ? expression_element(between(begin, m_offset)) : text_element(std::move(text));
}

Result<Element> PowershellScanner::variable() {
    const std::size_t begin = m_offset;
    while (!is_beyond()) {
        const char c = peek();
        if (c == '(' || c == '{') {
            if (const Result<void> skipped = skip_balanced(); !skipped) {
                return tl::unexpected(skipped.error());
            }
        } else if (ends_bare_word() || c == '=') {
            break;
        } else {
            advance(1);
        }
    }
    const std::string_view source = between(begin, m_offset);
    const std::string word = policy::fold_case(source);
    if (word == "$true" || word == "$false") {
        return Element{.kind = Element::Kind::value, .text = {}, .value = Value(word == "$true")};
    }
    if (word == "$null") {
        return Element{.kind = Element::Kind::value, .text = {}};
    }
    return expression_element(source);
}

} // namespace sendconnector::conf::exchange
