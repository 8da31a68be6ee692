// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/queue_id.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_log;

TEST_CASE("queue IDs: short, long, and what is none") {
    for (const char* id : {"3F2A11C0B5", "ABCDEF", "4jYC3p4JMMz1hJZL", "4jYKyr1cMlz1j3lX"})
        CHECK(is_queue_id(id));
    for (const char* no : {"", "A1", "NOQUEUE", "warning", "removed", "3f2a11c0b5", "4jYC3p4JMMy1hJYL",
                           "message-id", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "4jYC3p4JMMz1hJZ_"})
        CHECK_FALSE(is_queue_id(no));
    CHECK(leading_queue_id("4jYC3p4JMMz1hJZL: to=<a>") == "4jYC3p4JMMz1hJZL");
    for (const char* no : {"", "4jYC3p4JMMz1hJZL", "4jYC3p4JMMz1hJZL:", "4jYC3p4JMMz1hJZL to=", ": x",
                           "connect from x: y", "> host[1.2.3.4]:25: EHLO"})
        CHECK(leading_queue_id(no).empty());
}
