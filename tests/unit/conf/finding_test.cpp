// SPDX-License-Identifier: Apache-2.0
#include "conf/finding.hpp"
#include "conf/plain_text.hpp"
#include "tests/unit/catch.hpp"

namespace sendconnector::conf {

TEST_CASE("a finding is one line") {
    struct Row {
        Finding finding;
        const char* line;
    };
    const Row table[] = {
        {{Severity::error, "a.toml", 3, 5, "X", "no such thing", "remove it"},
         R"(a.toml:3:5: connector "X": no such thing; remove it)"},
        {{Severity::warning, "a.toml", 3, 5, "X", "odd", "look"},
         R"(a.toml:3:5: connector "X": warning: odd; look)"},
        {{Severity::not_served, "a.toml", 3, 5, "X", "that", "wait"},
         R"(a.toml:3:5: connector "X": not served yet: that; wait)"},
        {{Severity::error, "a.toml", 3, 5, "", "wrong", ""}, "a.toml:3:5: wrong"},
        {{Severity::error, "a.toml", 0, 0, "", "gone", "look"}, "a.toml: gone; look"},
        {{Severity::error, "", 0, 0, "", "gone", ""}, "gone"},
        {{Severity::error, "a\nb.toml", 1, 1, "\x1b[31mX", "a\tb\rc\x7f", ""},
         R"(a\nb.toml:1:1: connector "\x1b[31mX": a\tb\x0dc\x7f)"},
        {{Severity::error, "a\xff.toml", 1, 1, "M\xc3\xbcller",
          "\xc2\x9b"
          "31m \xe2\x80\xae \xe2\x80\xa8",
          ""},
         "a\\xff.toml:1:1: connector \"M\xc3\xbcller\": \\x9b31m \\u202e \\u2028"},
    };
    for (const Row& row : table) {
        CHECK(to_string(row.finding) == row.line);
    }
}

TEST_CASE("warnings refuse nothing") {
    CHECK_FALSE(refuses({}));
    CHECK_FALSE(refuses({{Severity::warning, "", 0, 0, "", "", ""}}));
    CHECK(refuses({{Severity::warning, "", 0, 0, "", "", ""}, {Severity::error, "", 0, 0, "", "", ""}}));
    CHECK(refuses({{Severity::not_served, "", 0, 0, "", "", ""}}));
}

TEST_CASE("text is quoted at a readable length") {
    CHECK(in_quotes("") == "\"\"");
    CHECK(in_quotes(std::string(80, 'x')) == '"' + std::string(80, 'x') + '"');
    CHECK(in_quotes(std::string(81, 'x')) == '"' + std::string(80, 'x') + "...\"");
    std::string umlauts;
    for (int i = 0; i < 90; ++i) {
        umlauts += "\xc3\xbc";
    }
    CHECK(in_quotes(umlauts).size() == 2 * 80 + 5);
    CHECK(length_of(umlauts) == 90);
}

TEST_CASE("what cannot be seen is") {
    struct Row {
        const char* text;
        const char* shown;
    };
    const Row table[] = {
        {"a\xc2\xad"
         "b",
         "a\\u00adb"},
        {"a\xd8\x9c"
         "b",
         "a\\u061cb"},
        {"\xe2\x80\x8b", "\\u200b"},
        {"\xe2\x80\x8e", "\\u200e"},
        {"\xe2\x81\xa0", "\\u2060"},
        {"\xe2\x81\xa4", "\\u2064"},
        {"\xef\xbb\xbf", "\\ufeff"},
        {"\xf3\xa0\x80\x80", "\\U000e0000"},
        {"\xf3\xa0\x81\xa1", "\\U000e0061"},
        {"\xf3\xa0\x81\xbf", "\\U000e007f"},
        // As they stand in names and emoji: joiners, selectors; and what is next to these.
        {"\xe2\x80\x8c\xe2\x80\x8d\xef\xb8\x8f", "\xe2\x80\x8c\xe2\x80\x8d\xef\xb8\x8f"},
        {"\xe2\x80\x8a\xe2\x80\x90\xc2\xac\xf3\xa0\x82\x80",
         "\xe2\x80\x8a\xe2\x80\x90\xc2\xac\xf3\xa0\x82\x80"},
    };
    for (const Row& row : table) {
        CHECK(escaped(row.text) == row.shown);
    }
}

TEST_CASE("what is UTF-8 and what is not") {
    struct Row {
        const char* octets;
        std::size_t length; // 0: not UTF-8
    };
    const Row table[] = {
        {"a", 1},
        {"\xc3\xbc", 2},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x93\xa7", 4},
        {"\x80", 0},             // continuation alone
        {"\xc3", 0},             // cut off
        {"\xc3(", 0},            // no continuation
        {"\xc0\xaf", 0},         // overlong
        {"\xe0\x80\xaf", 0},     // overlong
        {"\xf0\x80\x80\xaf", 0}, // overlong
        {"\xed\xa0\x80", 0},     // surrogate
        {"\xf4\x90\x80\x80", 0}, // above U+10FFFF
        {"\xff", 0},
    };
    for (const Row& row : table) {
        const auto point = code_point_at(row.octets, 0);
        CHECK((point ? point->length : 0) == row.length);
    }
}

} // namespace sendconnector::conf
