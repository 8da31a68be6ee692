// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/log_text.hpp"

#include "milter/endpoint/log_limit.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::endpoint;
using namespace std::chrono_literals;

TEST_CASE("foreign text cannot end a log line or pose as another key") {
    struct Case {
        std::string_view text;
        std::string want;
    };
    const Case cases[] = {
        {"alice@contoso.example", "<alice@contoso.example>"},
        {"", "<>"},
        {"a b@x", "<a\\x20b@x>"},
        {"a> action=reject from=<b", "<a\\x3e\\x20action=reject\\x20from=\\x3cb>"},
        {"a\r\nb", "<a\\x0d\\x0ab>"},
        {std::string_view("\0\x1b[31m\x7f", 7), "<\\x00\\x1b[31m\\x7f>"},
        {"a\\x0ab", "<a\\x5cx0ab>"},
        {"j\xc3\xb6rg@contoso.example", "<j\xc3\xb6rg@contoso.example>"},
    };
    for (const auto& c : cases) {
        CHECK(in_brackets(c.text) == c.want);
    }
    CHECK(in_quotes("Contoso \"via\" Mimecast") == "\"Contoso \\x22via\\x22 Mimecast\"");
    CHECK(printable(std::string(1000, 'x'), 10) == "xxxxxxxxxx...");
    CHECK(in_brackets(std::string(1000, 'x')).size() == 320 + 5);
}

TEST_CASE("a log limit lets a burst pass and says later how much it left out") {
    LogLimit limit(2, 10s);
    const LogLimit::Clock::time_point start{};
    CHECK(limit.admit(start) == 0);
    CHECK(limit.admit(start + 1s) == 0);
    CHECK_FALSE(limit.admit(start + 2s));
    CHECK_FALSE(limit.admit(start + 9s));
    CHECK(limit.admit(start + 10s) == 2);
    CHECK(limit.admit(start + 11s) == 0);
    CHECK_FALSE(limit.admit(start + 12s));
}
