// SPDX-License-Identifier: Apache-2.0
// The small parts: addresses, encoded words, pieces, tags, numbers, lengths of time.
#include "milter/mail_header/base64.hpp"
#include "milter/mail_header/duration.hpp"
#include "milter/mail_header/encoded_words.hpp"
#include "milter/mail_header/field_decoders.hpp"
#include "milter/mail_header/ip_address.hpp"
#include "milter/mail_header/pieces.hpp"
#include "milter/mail_header/tag_list.hpp"
#include "tests/unit/catch.hpp"

#include <limits>

using namespace sendconnector::mail_header;

TEST_CASE("addresses as fields write them") {
    CHECK(ip_address("192.0.2.1") == "192.0.2.1");
    CHECK(ip_address("[192.0.2.1]") == "192.0.2.1");
    CHECK(ip_address("[192.0.2.1]:25") == "192.0.2.1");
    CHECK(ip_address("[IPv6:2001:DB8::1]") == "2001:db8::1");
    CHECK(ip_address("fe80::1%12") == "fe80::1");
    CHECK(ip_address("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK_FALSE(ip_address("192.0.2.256"));
    CHECK_FALSE(ip_address("[192.0.2.1"));
    CHECK_FALSE(ip_address("192.0.2.1 "));
    CHECK_FALSE(ip_address(std::string_view("192.0.2.1\0x", 11)));
    CHECK_FALSE(ip_address("unknown"));
    CHECK_FALSE(ip_address(""));
    CHECK(ip_address_within("mail.example [192.0.2.1]") == "192.0.2.1");
    CHECK(ip_address_within("[no] [192.0.2.1] helo=x") == "192.0.2.1");
    CHECK_FALSE(ip_address_within("192.0.2.1 is not alone"));
}

TEST_CASE("encoded words") {
    CHECK(decoded("plain") == "plain");
    CHECK(decoded("=?utf-8?Q?a_b=20c?=") == "a b c");
    CHECK(decoded("=?UTF-8*en?b?w7w=?=") == "\xC3\xBC");
    CHECK(decoded("x=?utf-8?q?y?=z") == "xyz");
    CHECK(decoded("=?utf-8?q?a?=  =?utf-8?q?b?=") == "ab");
    CHECK(decoded("=?utf-8?q?a?= b =?utf-8?q?c?=") == "a b c");
    CHECK(decoded("=?utf-8?q?a?= =?nonsense?q?b?= =?utf-8?q?c?=") == "a =?nonsense?q?b?= c");
    CHECK(decoded("=?utf-8?q?=E2=82?= =?utf-8?q?=AC?=") == "\xE2\x82\xAC");
    CHECK(decoded("=?utf-8?q?=E2=82?= x =?utf-8?q?=AC?=") == "=?utf-8?q?=E2=82?= x =?utf-8?q?=AC?=");
    CHECK(decoded("=?utf-8?q?=?=") == "=");
    CHECK(decoded("=?utf-8?q?=4?=") == "=4");
    CHECK(decoded("=?utf-8?q?a?") == "=?utf-8?q?a?");
    CHECK(decoded("=?") == "=?");
    CHECK(decoded("=?=?=?") == "=?=?=?");
    CHECK(decoded("=?utf-16?q?a?=") == "=?utf-16?q?a?=");
    CHECK(decoded("=?iso-8859-15?q?=A4?=") == "\xE2\x82\xAC");
}

TEST_CASE("base64") {
    CHECK(from_base64("Zm9v") == "foo");
    CHECK(from_base64("Zm9vYg==") == "foob");
    CHECK(from_base64("Zm9vYg") == "foob");
    CHECK(from_base64("Zm 9v") == "foo");
    CHECK(from_base64("")->empty());
    CHECK_FALSE(from_base64("Z"));
    CHECK_FALSE(from_base64("Zm9v="
                            "Zm9v"));
    CHECK_FALSE(from_base64("Zm9v==="));
    CHECK_FALSE(from_base64("Zm9*"));
}

TEST_CASE("pieces") {
    const auto shown = [](std::string_view value) {
        std::string text;
        for (const Piece& piece : pieces(value, ";"))
            text += (piece.is_comment() ? "(" : piece.is_word() ? "" : "\"") + std::string(piece.text) + "|";
        return text;
    };
    CHECK(shown("a (b (c) d) \"e;f\" g;h") == "a|(b (c) d|\"e;f|g|;|h|");
    CHECK(shown("for <a b@c>;d") == "for|<a b@c>|;|d|");
    CHECK(shown("a < b <c> d") == "a|<|b|<c>|d|");
    CHECK(shown("a (b ; c") == "a|(b|;|c|");
    CHECK(shown("a \"b ; c") == "a|\"b|;|c|");
    CHECK(shown("(a \\) b) c") == "(a \\) b|c|");
    CHECK(shown("(\\") == "(\\|");
    CHECK(shown(") ; )") == ")|;|)|");
}

TEST_CASE("tags") {
    const TagList tags = TagList::parse(" v = 1 ; d=a.example;d=b.example; novalue ;b=a=b= ;");
    CHECK(tags["v"] == "1");
    CHECK(tags["d"] == "a.example");
    CHECK(tags["b"] == "a=b=");
    CHECK(tags["x"].empty());
    CHECK(tags.tags().size() == 4);
    CHECK(number_of("50") == 50);
    CHECK(number_of("-1") == -1);
    CHECK(number_of("1x") == -1);
    CHECK(number_of("") == -1);
    CHECK(number_of("1234567890") == -1);
}

TEST_CASE("levels of spam confidence and of complaints") {
    CHECK(spam_confidence("-1").weight == Weight::good);
    CHECK(spam_confidence("1").meaning == "not spam");
    CHECK(spam_confidence("5").meaning == "spam");
    CHECK(spam_confidence("9").meaning == "spam, with high confidence");
    CHECK(spam_confidence("10").meaning.empty());
    CHECK(spam_confidence("").meaning.empty());
    CHECK(bulk_complaints("0").weight == Weight::good);
    CHECK(bulk_complaints("9").weight == Weight::bad);
    CHECK(bulk_complaints("-1").meaning.empty());
}

TEST_CASE("lengths of time") {
    using std::chrono::seconds;
    CHECK(duration_text(seconds(0)) == "0 s");
    CHECK(duration_text(seconds(59)) == "59 s");
    CHECK(duration_text(seconds(60)) == "1 min");
    CHECK(duration_text(seconds(-125)) == "-2 min 5 s");
    CHECK(duration_text(seconds(3600)) == "1 h");
    CHECK(duration_text(seconds(90'061)) == "1 d 1 h");
    CHECK(duration_text(seconds(std::numeric_limits<std::int64_t>::min())).starts_with("-1067519911673"));
}
