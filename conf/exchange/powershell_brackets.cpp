// SPDX-License-Identifier: Apache-2.0
// Of PowershellScanner: what stands in brackets.
#include "conf/exchange/powershell_scanner.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

// More than any connector's command nests.
constexpr int deepest = 32;

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

tl::unexpected<Error> worked_out() {
    return fail("a list holds what PowerShell would have to work out", "write the values themselves");
}

} // namespace

Result<void> PowershellScanner::skip_quoted() {
    const auto length = single_quote_length(rest()) > 0 ? single_quote_length : double_quote_length;
    advance(length(rest()));
    while (!is_beyond()) {
        if (const std::size_t quote = length(rest()); quote > 0) {
            advance(quote);
            return {};
        }
        advance(peek() == '`' && length == double_quote_length ? 2 : 1);
    }
    return not_closed("a quotation mark");
}

Result<void> PowershellScanner::skip_balanced() {
    std::string open;
    while (!is_beyond()) {
        const char c = peek();
        if (single_quote_length(rest()) > 0 || double_quote_length(rest()) > 0) {
            if (Result<void> skipped = skip_quoted(); !skipped) {
                return skipped;
            }
            continue;
        }
        if (c == '(' || c == '{') {
            open += c;
        } else if (c == ')' || c == '}') {
            if (open.empty() || (open.back() == '(') != (c == ')')) {
                return fail(fmt::format("\"{}\" closes nothing", c), "remove it");
            }
            open.pop_back();
        }
        advance(1);
        if (open.empty()) {
            return {};
        }
    }
    return not_closed("a bracket");
}

Result<Element> PowershellScanner::in_brackets() {
    if (m_depth >= deepest) {
        return fail("brackets stand too deep in each other", "write a plain list");
    }
    const bool is_list = !rest().starts_with("@{");
    ++m_depth;
    m_lists += is_list ? 1 : 0;
    Result<Element> value = !is_list ? hash_table() : peek() == '(' ? parenthesized() : array();
    m_lists -= is_list ? 1 : 0;
    --m_depth;
    return value;
}

Result<List> PowershellScanner::list_items(bool bare_words) {
    List items;
    skip_blanks_and_lines();
    while (peek() != ')') {
        const char c = peek();
        const bool is_bare = c != '(' && c != '@' && c != '$' && single_quote_length(rest()) == 0 &&
                             double_quote_length(rest()) == 0;
        if (is_bare && !bare_words) {
            return fail(fmt::format("{} stands where a value in quotation marks should", shown_next()),
                        "write a plain list");
        }
        Result<Element> item = single_value();
        if (!item) {
            return tl::unexpected(item.error());
        }
        if (!item->expression.empty() || item->change) {
            return worked_out();
        }
        if (const List* inner = item->value.items()) {
            items.insert(items.end(), inner->begin(), inner->end());
        } else {
            items.push_back(std::move(item->value));
        }
        skip_blanks_and_lines();
        if (peek() == ',' || peek() == ';') {
            advance(1);
            skip_blanks_and_lines();
        }
    }
    advance(1);
    return items;
}

Result<Element> PowershellScanner::array() {
    advance(2);
    Result<List> items = list_items(true);
    if (!items) {
        return tl::unexpected(items.error());
    }
    return Element{.kind = Element::Kind::value, .text = {}, .value = Value(std::move(*items))};
}

Result<Element> PowershellScanner::hash_table() {
    ListChange change;
    advance(2);
    skip_blanks_and_lines();
    while (peek() != '}') {
        const std::size_t quote = single_quote_length(rest()) + double_quote_length(rest());
        advance(quote);
        std::string name;
        while (is_name(peek())) {
            take(name);
        }
        advance(quote);
        skip_blanks_and_comments();
        const std::string folded = policy::fold_case(name);
        if (peek() != '=' || (folded != "add" && folded != "remove")) {
            return fail("a list is changed with Add and Remove only",
                        "write @{Add=\"...\",\"...\"; Remove=\"...\"}");
        }
        advance(1);
        skip_blanks_and_lines();
        Result<Element> given = value();
        if (!given) {
            return given;
        }
        if (!given->expression.empty() || given->change) {
            return fail(fmt::format("{} is what PowerShell would have to work out", name),
                        "write the values themselves");
        }
        List& list = folded == "add" ? change.add : change.remove;
        if (const List* items = given->value.items()) {
            list.insert(list.end(), items->begin(), items->end());
        } else {
            list.push_back(std::move(given->value));
        }
        skip_blanks_and_lines();
        if (peek() == ';') {
            advance(1);
            skip_blanks_and_lines();
        }
    }
    advance(1);
    Element element{.kind = Element::Kind::value, .text = {}};
    element.change = std::move(change);
    return element;
}

// `("a", "b")` is a list; anything else is a command whose output is meant. No list may hold one, so only the
// outermost bracket is read once more, for its end.
Result<Element> PowershellScanner::parenthesized() {
    const std::size_t begin = m_offset;
    const std::size_t line = m_line;
    advance(1);
    if (Result<List> items = list_items(false)) {
        return Element{.kind = Element::Kind::value, .text = {}, .value = Value(std::move(*items))};
    }
    if (m_lists > 1) {
        return is_beyond() ? not_closed("a bracket") : worked_out();
    }
    back_to(begin, line);
    if (const Result<void> skipped = skip_balanced(); !skipped) {
        return tl::unexpected(skipped.error());
    }
    const std::string source(between(begin, m_offset));
    return Element{.kind = Element::Kind::value, .text = {}, .value = Value(source), .expression = source};
}

} // namespace sendconnector::conf::exchange
