// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/log_line.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_log;

TEST_CASE("log lines: every way in which time and host are written") {
    struct Case {
        const char* line;
        const char* stamp;
        const char* host;
        const char* tag;
        const char* pid;
        const char* text;
    };
    const Case cases[] = {
        {"Nov 23 17:04:54 mx postfix/contoso/smtp[123]: 4jYC3p4JMMz1hJZL: to=<a@b>", "Nov 23 17:04:54", "mx",
         "postfix/contoso/smtp", "123", "4jYC3p4JMMz1hJZL: to=<a@b>"},
        {"Nov  3 07:04:54 mx postfix/qmgr[1]: removed", "Nov  3 07:04:54", "mx", "postfix/qmgr", "1",
         "removed"},
        {"Nov 23 17:04:54.123456 mx postfix/qmgr[1]: x", "Nov 23 17:04:54.123456", "mx", "postfix/qmgr", "1",
         "x"},
        {"2026-11-23T17:04:54.123456+01:00 mx postfix/qmgr[1]: x", "2026-11-23T17:04:54.123456+01:00", "mx",
         "postfix/qmgr", "1", "x"},
        {"2026-11-23T17:04:54+0000 mx postfix/qmgr[1]: x", "2026-11-23T17:04:54+0000", "mx", "postfix/qmgr",
         "1", "x"},
        {"2026-11-23T17:04:54Z mx sendconnectord[9]: A1B2C3D4: action=accept", "2026-11-23T17:04:54Z", "mx",
         "sendconnectord", "9", "A1B2C3D4: action=accept"},
        {"sendconnectord: A1B2C3D4: action=accept", "", "", "sendconnectord", "", "A1B2C3D4: action=accept"},
        {"Nov 23 17:04:54 mx postfix: x", "Nov 23 17:04:54", "mx", "postfix", "", "x"},
        {"Nov 23 17:04:54 mx postfix/smtp[123]: warning: [1]: x", "Nov 23 17:04:54", "mx", "postfix/smtp",
         "123", "warning: [1]: x"},
    };
    for (const Case& c : cases) {
        INFO(c.line);
        const auto parts = parse_log_line(c.line);
        REQUIRE(parts);
        CHECK(parts->stamp == c.stamp);
        CHECK(parts->host == c.host);
        CHECK(parts->tag == c.tag);
        CHECK(parts->pid == c.pid);
        CHECK(parts->text == c.text);
    }
    CHECK(parse_log_line(cases[0].line)->program() == "smtp");
    CHECK(parse_log_line("sendconnectord: x")->program() == "sendconnectord");
}

TEST_CASE("log lines: what is none, or cut off") {
    for (const char* line :
         {"", " ", ":", "[", "Nov 23 17:04:54", "Nov 23 17:04:54 ", "Nov 23 17:04:54 mx",
          "Nov 23 17:04:54 mx postfix/smtp[12", "Nov 23 17:04:54 mx postfix/smtp[12]",
          "Nov 23 17:04:54 mx postfix/smtp[12]:", "Nov 23 17:04:54 mx postfix/smtp[x]: y",
          "Nov 23 17:04:54 mx kernel said: nothing", "2026-11-23T17:04:54Z", "a line of prose: with a colon"})
        CHECK_FALSE(parse_log_line(line));
}
