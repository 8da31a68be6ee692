// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/time_stamp.hpp"
#include "tests/unit/catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace sendconnector::mail_log;

namespace {

// The zone of a test, and the one before again.
class Zone {
public:
    explicit Zone(const char* name) {
        if (const char* before = std::getenv("TZ"))
            m_before = before;
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
    ~Zone() {
        if (m_before)
            ::setenv("TZ", m_before->c_str(), 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }

private:
    std::optional<std::string> m_before;
};

Time at(const char* text) {
    return StampReader(Time()).read(text).value();
}

} // namespace

TEST_CASE("time stamps: RFC 3339, with every zone") {
    const std::pair<const char*, const char*> cases[] = {
        {"2026-11-23T17:04:54Z", "2026-11-23T17:04:54.000Z"},
        {"2026-11-23T17:04:54.123456+00:00", "2026-11-23T17:04:54.123Z"},
        {"2026-11-23T17:04:54.1-05:30", "2026-11-23T22:34:54.100Z"},
        {"2026-11-23T17:04:54+0100", "2026-11-23T16:04:54.000Z"},
        {"2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z"},
        {"2026-11-23T17:04:54.999999999Z", "2026-11-23T17:04:54.999Z"},
    };
    for (const auto& [stamp, want] : cases)
        CHECK(utc_text(at(stamp)) == want);
    StampReader reader{Time()};
    for (const char* no : {"", "2026-11-23", "2026-11-23T17:04:54", "2026-13-23T17:04:54Z",
                           "2026-11-23T25:04:54Z", "2026-11-23T17:04:54.x+00:00", "2026-11-23T17:04:54+0x:00",
                           "20261123T170454Z", "aaaa-bb-ccTdd:ee:ffZ"})
        CHECK_FALSE(reader.read(no));
}

TEST_CASE("time stamps: a minute that is remembered is none of another zone") {
    StampReader reader{Time()};
    CHECK(utc_text(*reader.read("2026-11-23T17:04:54+00:00")) == "2026-11-23T17:04:54.000Z");
    CHECK(utc_text(*reader.read("2026-11-23T17:04:55+01:00")) == "2026-11-23T16:04:55.000Z");
    CHECK(utc_text(*reader.read("2026-11-23T17:04:56+01:00")) == "2026-11-23T16:04:56.000Z");
}

TEST_CASE("time stamps: syslog's have no year and no zone") {
    const Zone berlin("Europe/Berlin");
    struct Case {
        const char* latest;
        const char* stamp;
        const char* want;
    };
    const Case cases[] = {
        {"2026-11-23T18:00:00Z", "Nov 23 17:04:54", "2026-11-23T16:04:54.000Z"},
        {"2026-11-23T18:00:00Z", "Nov  3 17:04:54", "2026-11-03T16:04:54.000Z"},
        {"2026-01-02T00:00:00Z", "Dec 31 23:59:59", "2025-12-31T22:59:59.000Z"},
        {"2025-12-31T23:30:00Z", "Jan  1 00:30:01",
         "2025-12-31T23:30:01.000Z"}, // a second after the file's time
        {"2026-07-01T00:00:00Z", "Jun 30 12:00:00", "2026-06-30T10:00:00.000Z"}, // summer time
        {"2026-03-01T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T11:00:00.000Z"}, // no leap year since
        {"2026-11-23T18:00:00Z", "Nov 24 17:04:54", "2026-11-24T16:04:54.000Z"}, // within a day's leeway
        {"2026-11-23T18:00:00Z", "Nov 25 17:04:54", "2025-11-25T16:04:54.000Z"},
        {"2026-11-23T18:00:00Z", "Nov 23 17:04:54.250000", "2026-11-23T16:04:54.250Z"},
    };
    for (const Case& c : cases) {
        INFO(c.stamp);
        const auto time = StampReader(at(c.latest)).read(c.stamp);
        REQUIRE(time);
        CHECK(utc_text(*time) == c.want);
    }
    StampReader reader(at("2026-11-23T18:00:00Z"));
    for (const char* no :
         {"Feb 30 12:00:00", "Foo 23 17:04:54", "Nov 23 24:04:54", "Nov 23 17:60:54", "Nov xx 17:04:54"})
        CHECK_FALSE(reader.read(no));
}

TEST_CASE("points in time, as one types them") {
    const Zone berlin("Europe/Berlin");
    const Time now = at("2026-11-23T16:04:54Z");
    const std::pair<const char*, const char*> cases[] = {
        {"today", "2026-11-22T23:00:00.000Z"},
        {"yesterday", "2026-11-21T23:00:00.000Z"},
        {"90m", "2026-11-23T14:34:54.000Z"},
        {"2h", "2026-11-23T14:04:54.000Z"},
        {"3d", "2026-11-20T16:04:54.000Z"},
        {"36500d", "1926-12-18T16:04:54.000Z"},
        {"17:00", "2026-11-23T16:00:00.000Z"},
        {"17:00:30", "2026-11-23T16:00:30.000Z"},
        {"2026-11-20", "2026-11-19T23:00:00.000Z"},
        {"2026-11-20 08:30", "2026-11-20T07:30:00.000Z"},
        {"2026-11-20T08:30:01", "2026-11-20T07:30:01.000Z"},
        {"2026-11-20T08:30:01.5Z", "2026-11-20T08:30:01.500Z"},
        {"2026-11-20T08:30:01-02:00", "2026-11-20T10:30:01.000Z"},
    };
    for (const auto& [text, want] : cases) {
        INFO(text);
        const auto time = parse_point_in_time(text, now);
        REQUIRE(time);
        CHECK(utc_text(*time) == want);
    }
    for (const char* no : {"", "x", "d", "-3d", "3w", "25:00", "2026-13-01", "2026-02-30", "2026-11-20 8",
                           "2026-11-20 08:30:", "tomorrow", "99999999999d", "110000000d", "2147483647d",
                           "2147483647h", "2026-11-20x08:30"})
        CHECK_FALSE(parse_point_in_time(no, now));
    CHECK(local_text(now, false) == "2026-11-23 17:04:54");
    CHECK(local_clock(now + std::chrono::milliseconds(7), true) == "17:04:54.007");
}
