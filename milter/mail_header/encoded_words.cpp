// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/encoded_words.hpp"

#include "milter/mail_header/base64.hpp"
#include "milter/mail_header/charset.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <optional>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t longest_charset = 60;

struct EncodedWord {
    std::string charset;
    std::string octets;
    std::size_t end = 0; // behind "?="
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// RFC 2047 4.2; an equals sign that quotes nothing is one.
std::string from_q(std::string_view text) {
    std::string octets;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '=' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
        if (low >= 0) {
            octets += static_cast<char>(high * 16 + low);
            at += 2;
        } else {
            octets += text[at] == '_' ? ' ' : text[at];
        }
    }
    return octets;
}

// "=?charset?B?text?=" that begins at `at`.
std::optional<EncodedWord> word_at(std::string_view value, std::size_t at) {
    const std::size_t charset_end = value.substr(0, at + 2 + longest_charset).find('?', at + 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= value.size() ||
        value[charset_end + 2] != '?')
        return std::nullopt;
    const std::size_t begin = charset_end + 3;
    // The text holds no question mark, so the next one has to be the end.
    const std::size_t end = value.find('?', begin);
    if (end == std::string_view::npos || !value.substr(end).starts_with("?="))
        return std::nullopt;
    const std::string_view text = value.substr(begin, end - begin);
    std::string_view charset = value.substr(at + 2, charset_end - at - 2);
    charset = charset.substr(0, charset.find('*')); // RFC 2231 5
    const char encoding = value[charset_end + 1];
    std::optional<std::string> octets;
    if (encoding == 'Q' || encoding == 'q')
        octets = from_q(text);
    else if (encoding == 'B' || encoding == 'b')
        octets = from_base64(text);
    if (!octets || charset.empty())
        return std::nullopt;
    return EncodedWord{policy::fold_case(charset), std::move(*octets), end + 2};
}

// Words in a row, of one character set.
struct Run {
    std::string charset;
    std::string octets;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view gap = {}; // the blanks between it and a run before it
};

} // namespace

std::string decoded(std::string_view value) {
    std::string text;
    std::optional<Run> run;
    bool is_after_decoded = false;
    const auto end_run = [&] {
        if (!run)
            return;
        const auto words = to_utf8(run->octets, run->charset);
        if (!words || !is_after_decoded)
            text += run->gap;
        text += words ? *words : std::string(value.substr(run->begin, run->end - run->begin));
        is_after_decoded = words.has_value();
        run.reset();
    };
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t next = std::min(value.find("=?", at), value.size());
        const std::string_view between = value.substr(at, next - at);
        auto word = next < value.size() ? word_at(value, next) : std::nullopt;
        const bool is_gap = run && word && between.find_first_not_of(' ') == std::string_view::npos;
        if (!is_gap || run->charset != word->charset)
            end_run();
        if (!is_gap) {
            text += between;
            is_after_decoded = false;
        }
        if (!word) {
            text += value.substr(next, 2);
            at = std::min(next + 2, value.size());
            continue;
        }
        if (!run)
            run = Run{word->charset, {}, next, next, is_gap ? between : std::string_view()};
        run->octets += word->octets;
        run->end = word->end;
        at = word->end;
    }
    end_run();
    return text;
}

} // namespace sendconnector::mail_header
