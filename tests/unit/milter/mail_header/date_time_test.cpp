// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/date_time.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_header;

namespace {

std::string utc(std::string_view text) {
    const auto moment = parse_date_time(text);
    return moment ? utc_text(moment->time) : "cannot tell";
}

} // namespace

TEST_CASE("dates") {
    struct Row {
        std::string_view text;
        std::string_view want;
    };
    const Row rows[] = {
        {"Mon, 2 Nov 2026 13:00:05 +0100", "2026-11-02T12:00:05Z"},
        {"2 Nov 2026 12:00 +0000", "2026-11-02T12:00:00Z"},
        {"Monday, 2 November 2026 12:00:00 GMT", "2026-11-02T12:00:00Z"},
        {"Mon,2 Nov 2026 12:00:00 +0000 (UTC)", "2026-11-02T12:00:00Z"},
        {"MON, 02 NOV 2026 12:00:00 +0000", "2026-11-02T12:00:00Z"},
        {"(c) Mon (d), (e(f)) 2 Nov 2026 12 (", "cannot tell"},
        {"Thu, 29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00Z"},
        {"Wed, 29 Feb 2023 00:00:00 +0000", "cannot tell"},
        {"Sat, 31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59Z"},
        // RFC 5322 4.3
        {"3 Nov 49 00:00:00 +0000", "2049-11-03T00:00:00Z"},
        {"3 Nov 50 00:00:00 +0000", "1950-11-03T00:00:00Z"},
        {"3 Nov 126 00:00:00 +0000", "2026-11-03T00:00:00Z"},
        {"3 Nov 88 09:15:00 EST (Thu)", "1988-11-03T14:15:00Z"},
        {"21 Nov 97 09(comment):55:06 -0600", "cannot tell"},
        {"Fri, 21 Nov 1997 09 : 55 : 06 -0600", "cannot tell"},
        {"2 Nov 2026 12:00:00 PDT", "2026-11-02T19:00:00Z"},
        {"2 Nov 2026 12:00:00 Z", "2026-11-02T12:00:00Z"},
        {"2 Nov 2026 12:00:00 A", "cannot tell"},
        {"2 Nov 2026 12:00:00 IST", "cannot tell"},
        {"2 Nov 2026 12:00:00", "cannot tell"},
        {"2 Nov 2026 12:00:00 (CET)", "2026-11-02T11:00:00Z"},
        {"2 Nov 2026 12:00:00 GMT+0100", "2026-11-02T11:00:00Z"},
        {"2 Nov 2026 12:00:00 +01:00", "2026-11-02T11:00:00Z"},
        {"2 Nov 2026 12:00:00 -0000", "2026-11-02T12:00:00Z"},
        {"2 Nov 2026 12:00:00 +2360", "cannot tell"},
        // others
        {"Mon Nov  2 12:00:00 2026 +0000", "2026-11-02T12:00:00Z"},
        {"Mon Nov  2 04:00:00 PST 2026", "2026-11-02T12:00:00Z"},
        {"02-Nov-26 12:00:00 UT", "2026-11-02T12:00:00Z"},
        {"2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z"},
        {"2026-11-02T13:00:00.123+01:00", "2026-11-02T12:00:00Z"},
        {"2026-11-02 12:00:00 +0000", "2026-11-02T12:00:00Z"},
        {"2026-13-02T12:00:00Z", "cannot tell"},
        {"02 Nov 2026 12:00:00.0984 (UTC) FILETIME=[1A2B3C40:01DD4B6C]", "2026-11-02T12:00:00Z"},
        {"11/02/2026 12:00:00 +0000", "cannot tell"},
        {"2 Nov 2026 24:00:00 +0000", "cannot tell"},
        {"2 Nov 2026 12:00:00 +0000 and more", "2026-11-02T12:00:00Z"},
        {"31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59Z"},
        {"31 Dec 9999 23:59:59 -0001", "cannot tell"},
        {"1 Jan 1900 00:00:00 +0001", "cannot tell"},
        {"", "cannot tell"},
        {",,,", "cannot tell"},
        {"99999999999999999999", "cannot tell"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(utc(row.text) == row.want);
    }
}

TEST_CASE("a date is shown in the zone in which it was stated") {
    CHECK(to_string(*parse_date_time("Mon, 2 Nov 2026 00:30:00 +0545")) == "2026-11-02 00:30:00 +0545");
    CHECK(to_string(*parse_date_time("Mon, 2 Nov 2026 23:30:00 -0930")) == "2026-11-02 23:30:00 -0930");
}

TEST_CASE("what is behind three hundred octets is no part of a date") {
    CHECK(utc(std::string(400, ' ') + "2 Nov 2026 12:00:00 +0000") == "cannot tell");
}
