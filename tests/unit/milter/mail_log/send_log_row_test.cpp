// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/send_log_row.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_log;

namespace {

const Time noon = *StampReader(Time()).read("2026-11-23T12:00:00.007Z");

} // namespace

TEST_CASE("protocol log: rows, byte for byte") {
    SendLogRow row{noon, "To Internet", "08DE2AC1B5E6EE1C", 3, "", "192.0.2.1:25", '>', "EHLO mx.example"};
    CHECK(to_csv(row) ==
          "2026-11-23T12:00:00.007Z,To Internet,08DE2AC1B5E6EE1C,3,,192.0.2.1:25,>,EHLO mx.example,\r\n");
    row = {noon, "A, \"B\"", "08DE2AC1B5E6EE1C",     0, "192.0.2.9:40000", "[2001:db8::1]:25",
           '*',  "",         "attempting to connect"};
    CHECK(to_csv(row) == "2026-11-23T12:00:00.007Z,\"A, \"\"B\"\"\",08DE2AC1B5E6EE1C,0,192.0.2.9:40000,"
                         "[2001:db8::1]:25,*,,attempting to connect\r\n");
    row.data = "a\r\nb\x1b[31m";
    row.connector = "x";
    CHECK(to_csv(row) ==
          "2026-11-23T12:00:00.007Z,x,08DE2AC1B5E6EE1C,0,192.0.2.9:40000,[2001:db8::1]:25,*,a  b [31m,"
          "attempting to connect\r\n");
}

TEST_CASE("protocol log: what was written is read again") {
    for (const char* text :
         {"", "plain", "with, comma", "\"quoted\"", "\"", "\"\"", ",", ",,\",\"", "250-SIZE 35,000", "#x"})
        for (const char event : std::string("+-><*")) {
            const SendLogRow row{noon, text, "08DE2AC1B5E6EE1C", 18446744073709551615U, "", text, event,
                                 text, text};
            std::string line = to_csv(row);
            line.pop_back(); // as read line by line
            INFO(line);
            const auto again = parse_csv(line);
            REQUIRE((again || line.starts_with('#')));
            if (again)
                CHECK(*again == row);
        }
}

TEST_CASE("protocol log: what is no row") {
    for (const char* no :
         {"", "#Fields: date-time", "x", "2026-11-23T12:00:00.007Z,a,b,1,c,d,>,e",
          "2026-11-23T12:00:00.007Z,a,b,1,c,d,>,e,f,g", "2026-11-23T12:00:00.007Z,a,b,x,c,d,>,e,f",
          "2026-11-23T12:00:00.007Z,a,b,1,c,d,>>,e,f", "noon,a,b,1,c,d,>,e,f",
          "2026-11-23T12:00:00.007Z,\"a,b,1,c,d,>,e,f", "2026-11-23T12:00:00.007Z,\"a\"x,b,1,c,d,>,e,f"})
        CHECK_FALSE(parse_csv(no));
}
