// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/smtp_reply.hpp"
#include "tests/unit/milter/starttls/has_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::starttls {

namespace {

using Step = SmtpReplyParser::Step;
using namespace std::string_literals;

struct Outcome {
    Step step;
    SmtpReply reply;
    std::string rest;
    std::string problem;
};

Outcome parse(std::string_view text, SmtpReplyParser::Limits limits = {}) {
    SmtpReplyParser parser(limits);
    const auto step = parser.take(text);
    return {step, parser.reply(), std::string(text), parser.problem()};
}

} // namespace

TEST_CASE("a reply is read with its code and its lines", "[probe]") {
    struct Row {
        std::string text;
        int code;
        std::vector<std::string> lines;
        std::string rest;
    };
    const auto row = GENERATE(values<Row>({
        {"220 mx.contoso.com ESMTP\r\n", 220, {"mx.contoso.com ESMTP"}, ""},
        {"250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n", 250, {"mx", "SIZE 1", "STARTTLS"}, ""},
        {"220\r\n", 220, {""}, ""},
        {"220 \r\n", 220, {""}, ""},
        {"250-\r\n250\r\n", 250, {"", ""}, ""},
        {"220 bare line feed\n", 220, {"bare line feed"}, ""},
        {"220-a\n220 b\r\n", 220, {"a", "b"}, ""},
        {"220\n", 220, {""}, ""},
        {"220 a\rb\r\n", 220, {"a\rb"}, ""},
        {"220 a\0b\r\n"s, 220, {"a\0b"s}, ""},
        {"220 gr\xc3\xbc\xdf\r\n", 220, {"gr\xc3\xbc\xdf"}, ""},
        {"454 4.7.0 not now\r\n", 454, {"4.7.0 not now"}, ""},
        {"220 go\r\n250 more\r\n", 220, {"go"}, "250 more\r\n"},
        {"220 go\n\n", 220, {"go"}, "\n"},
        {"599 -\r\n", 599, {"-"}, ""},
    }));
    CAPTURE(row.text);
    const auto outcome = parse(row.text);
    REQUIRE(outcome.step == Step::reply);
    CHECK(outcome.reply.code == row.code);
    CHECK(outcome.reply.lines == row.lines);
    CHECK(outcome.rest == row.rest);

    // However it is cut into pieces.
    SmtpReplyParser parser({});
    auto step = Step::more;
    for (std::size_t i = 0; step == Step::more && i < row.text.size(); ++i) {
        std::string_view octet(row.text.data() + i, 1);
        step = parser.take(octet);
    }
    CHECK(step == Step::reply);
    CHECK(parser.reply().lines == row.lines);
}

TEST_CASE("what is not SMTP is told apart at its first wrong octet", "[probe]") {
    struct Row {
        std::string text;
        std::string problem;
    };
    const auto row = GENERATE(values<Row>({
        {"SSH-2.0-OpenSSH_9.2\r\n", "\"SSH-2.0-OpenSSH_9.2\\x0d\""},
        {"HTTP/1.1 400 Bad Request\r\n", "\"HTTP/1.1 400"},
        {"\r\n", "not an SMTP reply"},
        {"\n", "not an SMTP reply"},
        {"22\r\n", "\"22\\x0d\""},
        {"22\n", "\"22\""},
        {"2200 four digits\r\n", "\"2200 four"},
        {"220_x\r\n", "\"220_x"},
        {"220\tx\r\n", "\"220\\x09x"},
        {"220\rx\r\n", "not an SMTP reply"},
        {"120 too low\r\n", "\"120"},
        {"620 too high\r\n", "\"620"},
        {"\x16\x03\x01\x02", "\"\\x16\\x03\\x01\\x02\""},
        {std::string(1, '\0'), "\"\\x00\""},
        {"250-a\r\nb\r\n", "\"b\\x0d\""},
        {"250-a\r\n251 b\r\n", "two codes in one reply, 250 and 251"},
    }));
    CAPTURE(row.text);
    const auto outcome = parse(row.text);
    CHECK(outcome.step == Step::broken);
    CHECK_THAT(outcome.problem, has_text(row.problem));
}

TEST_CASE("a server that does not stop comes to a limit", "[probe]") {
    struct Row {
        std::string text;
        std::string problem;
    };
    const auto row = GENERATE(values<Row>({
        {"220 " + std::string(3000, 'x'), "a line of more than 2048 octets"},
        {"220 " + std::string(2043, 'x') + "\r\n", "a line of more than 2048 octets"},
    }));
    const auto outcome = parse(row.text);
    CHECK(outcome.step == Step::broken);
    CHECK_THAT(outcome.problem, has_text(row.problem));

    std::string endless;
    for (int i = 0; i < 300; ++i) {
        endless += "220-and on\r\n";
    }
    CHECK_THAT(parse(endless).problem, has_text("more than 200 lines"));
    CHECK_THAT(parse(endless, {2048, 1000, 200}).problem, has_text("more than 1000 octets"));

    CHECK(parse("220 " + std::string(2042, 'x') + "\r\n").step == Step::reply);
}

TEST_CASE("the limits hold for all replies together", "[probe]") {
    SmtpReplyParser parser({100, 50, 3});
    std::string_view input = "220 a\r\n220 b\r\n220 c\r\n220 d\r\n";
    CHECK(parser.take(input) == Step::reply);
    CHECK(parser.take(input) == Step::reply);
    CHECK(parser.take(input) == Step::reply);
    CHECK(parser.take(input) == Step::broken);
    CHECK_THAT(parser.problem(), has_text("more than 3 lines"));
    input = "220 e\r\n";
    CHECK(parser.take(input) == Step::broken);
}

TEST_CASE("keywords are the first words of all lines but the first, upper case", "[probe]") {
    const auto reply =
        parse("250-STARTTLS x\r\n250-Size 100\r\n250-\r\n250- auth=LOGIN x\r\n250 starttls\r\n").reply;
    CHECK(reply.keywords() == std::vector<std::string>{"SIZE", "AUTH=LOGIN", "STARTTLS"});
}

TEST_CASE("a reply's text is one line of printable ASCII", "[probe]") {
    CHECK(parse("454-4.7.0 not\r\n454 now\r\n").reply.text() == "454 4.7.0 not now");
    CHECK(parse("454\r\n").reply.text() == "454");
    CHECK(parse("454 a\x1b[31m\\\xff\r\n").reply.text() == "454 a\\x1b[31m\\x5c\\xff");
    CHECK(parse("454 " + std::string(2000, 'x') + "\r\n").reply.text().size() <= 260);
}

} // namespace sendconnector::starttls
