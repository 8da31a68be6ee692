// SPDX-License-Identifier: Apache-2.0
#include "conf/failure_code.hpp"
#include "tests/unit/catch.hpp"

namespace sendconnector::conf {

TEST_CASE("failure codes") {
    struct Row {
        const char* text;
        const char* reply;
        const char* enhanced;
    };
    const Row table[] = {
        {"550", "550", ""},
        {"421", "421", ""},
        {"5.7.1", "", "5.7.1"},
        {"4.0.0", "", "4.0.0"},
        {"5.7.509", "", "5.7.509"},
        {"550 5.7.1", "550", "5.7.1"},
        {"450 4.2.1", "450", "4.2.1"},
        {"554 5.0.0", "554", "5.0.0"},
    };
    for (const Row& row : table) {
        CAPTURE(row.text);
        const auto code = parse_failure_code(row.text);
        REQUIRE(code);
        CHECK(code->reply == row.reply);
        CHECK(code->enhanced == row.enhanced);
        CHECK(code->text() == row.text);
        CHECK(code->is_permanent() == (row.text[0] == '5'));
    }
    for (const char* refused :
         {"",           " ",        "55",        "5500",      "250",        "354",       "2.1.5",
          "650",        "560",      "55x",       "5.7",       "5.7.1.1",    "5..1",      "5.7.",
          "5.07.1",     "5.7.1000", "+5.7.1",    "550-5.7.1", "550  5.7.1", "5.7.1 550", "550 550",
          "550 5.7.1 ", " 550",     "550 4.7.1", "450 5.7.1", "550\t5.7.1", "5.7.x",     "5.*.*"}) {
        CAPTURE(refused);
        CHECK_FALSE(parse_failure_code(refused));
    }
}

} // namespace sendconnector::conf
