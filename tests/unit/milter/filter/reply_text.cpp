// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/reply_text.hpp"

#include "tests/unit/catch.hpp"

using sendconnector::filter::reply_text;

TEST_CASE("a reply is one line of ASCII that survives Postfix") {
    CHECK(reply_text("at most 1000") == "at most 1000");
    CHECK(reply_text("100% full") == "100%% full");
    CHECK(reply_text("a\r\n250 ok") == "a??250 ok");
    CHECK(reply_text("j\xc3\xb6rg") == "j??rg");
    CHECK(reply_text(std::string(5000, '%')).size() == 800);
}
