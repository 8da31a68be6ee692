// SPDX-License-Identifier: Apache-2.0
// What is too big or too deep for a fixture: analysed within bounds, and cut where it says so.
#include "milter/mail_header/analysis.hpp"
#include "tests/unit/catch.hpp"

#include <functional>
#include <sys/resource.h>

using namespace sendconnector::mail_header;

namespace {

std::string repeated(std::string_view text, std::size_t count) {
    std::string all;
    all.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i)
        all += text;
    return all;
}

// Filled up to what is looked at.
std::string filled(std::string head, std::string_view rest) {
    return head + repeated(rest, (most_octets - head.size()) / rest.size());
}

constexpr std::string_view hop =
    "Received: from a.example (a.example [192.0.2.1]) by b.example (Postfix) with ESMTPS "
    "id 1; Mon, 2 Nov 2026 10:00:00 +0000\n";

struct Bomb {
    std::string_view name;
    std::function<std::string()> make;
};

const Bomb bombs[] = {
    {"one line of 4 MiB", [] { return filled("Subject: ", "x"); }},
    {"one folded field of 4 MiB", [] { return filled("Received: from a\n", " x\n"); }},
    {"30,000 hops", [] { return repeated(hop, 30'000); }},
    {"10,000 hops", [] { return repeated(hop, 10'000); }},
    {"a million empty fields", [] { return repeated("a:\n", 1'000'000); }},
    {"a million stray lines", [] { return "a: b\n" + repeated("?\n", 1'000'000); }},
    {"only empty lines", [] { return repeated("\n", most_octets); }},
    {"only open comments", [] { return filled("Received: ", "("); }},
    {"only closed comments", [] { return filled("Received: ", ")"); }},
    {"comments in comments", [] { return "Received: " + repeated("(", 100'000) + repeated(")", 100'000); }},
    {"many open comments, in many fields",
     [] { return repeated("Received: " + repeated("(", 250) + "\n", 15'000); }},
    {"only quotes", [] { return filled("Received: ", "\""); }},
    {"only backslashes", [] { return filled("Received: (", "\\"); }},
    {"only angle brackets", [] { return filled("Received: for ", "<"); }},
    {"only square brackets", [] { return filled("Received: from a (", "["); }},
    {"only semicolons", [] { return filled("Received: ", ";"); }},
    {"only keywords", [] { return filled("Received: ", "from by with "); }},
    {"only encoded words", [] { return filled("Subject: ", "=?utf-8?q?=41?= "); }},
    {"only beginnings of encoded words", [] { return filled("Subject: ", "=?utf-8?q?"); }},
    {"one encoded word of a kind that shifts",
     [] { return filled("Subject: =?iso-2022-jp?q?", "=1B$B=1B(B"); }},
    {"many character sets", [] { return filled("Subject: ", "=?gb18030?q?a?= =?big5?q?a?= "); }},
    {"only results", [] { return filled("Authentication-Results: a", ";spf=pass a=b(c)"); }},
    {"only properties", [] { return filled("Authentication-Results: a;spf=pass", " a=b"); }},
    {"only dots and slashes", [] { return filled("Authentication-Results: a;b ", " . / = "); }},
    {"many results", [] { return repeated("Authentication-Results: a;spf=pass\n", 100'000); }},
    {"many ARC sets", [] { return repeated("ARC-Seal: i=7; d=a\n", 100'000); }},
    {"only tags", [] { return filled("DKIM-Signature: ", "a=b;"); }},
    {"only parts", [] { return filled("X-Forefront-Antispam-Report: ", "SCL:1;CIP:2;"); }},
    {"only tests", [] { return filled("X-Spam-Status: No, score=1 tests=", "A=1,"); }},
    {"only symbols", [] { return filled("X-Spamd-Result: default: False [1 / 2]", "; A(1)[b]"); }},
    {"only dates", [] { return filled("Date: ", "Mon, 2 Nov 2026 10:00:00 "); }},
    {"no semicolon in front of the date", [] { return filled("Received: ", "(a) 2 Nov 2026 10:00 "); }},
    {"a conversation without end", [] { return filled("Thread-Index: ", "AQHc"); }},
    {"UTF-16", [] { return filled("\xFF\xFE", "a\0:\0\n\0"); }},
    {"half pairs of UTF-16", [] { return filled("\xFF\xFE", "\x3D\xD8"); }},
    {"no-break spaces", [] { return filled("a:", "\xC2\xA0"); }},
};

} // namespace

// What is quadratic takes hours.
TEST_CASE("hostile headers end, and take little memory") {
    for (const Bomb& bomb : bombs) {
        INFO(bomb.name);
        const Analysis analysis = analyse(bomb.make());
        CHECK(analysis.header.fields.size() <= most_fields);
        CHECK(analysis.remarks.size() <= 25);
        for (const Field& field : analysis.header.fields)
            if (field.value.size() > longest_value)
                FAIL("a value is longer than allowed");
    }
    // The most that was in use in all of it; sanitizers multiply it.
    struct rusage usage {};
    REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
    CHECK(usage.ru_maxrss < 1'000'000);
}

TEST_CASE("what is cut says so, and only that") {
    CHECK(analyse(std::string(hop)).header.is_cut == false);
    CHECK(analyse(repeated(hop, 25'000)).header.is_cut);
    CHECK(analyse("Subject: " + std::string(longest_value, 'x')).header.is_cut == false);
    CHECK(analyse("Subject: " + std::string(longest_value + 1, 'x')).header.is_cut);
    CHECK(analyse(repeated("a: b\n", most_fields)).header.is_cut == false);
    CHECK(analyse(repeated("a: b\n", most_fields + 1)).header.is_cut);
    // A big body is no part of the header.
    CHECK(analyse(std::string(hop) + "\n" + std::string(most_octets, 'x')).header.is_cut == false);
    CHECK(analyse(std::string(hop) + std::string(most_octets, 'x')).header.is_cut);
}

TEST_CASE("every field is somewhere") {
    const Analysis analysis =
        analyse(std::string(hop) + "From: a\nFrom: b\nX-Spam-Flag: YES\nX-Spam-Flag: who knows\n"
                                   "DKIM-Signature: d=a\nX-Other: c\nSubject: d\n");
    CHECK(analysis.summary.size() + analysis.way.hops.size() + analysis.authentication.signatures.size() +
              analysis.decoded.size() + analysis.others.size() ==
          analysis.header.fields.size());
}
