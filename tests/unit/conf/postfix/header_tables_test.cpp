// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/header_tables.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/asked_table.hpp"

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
using test::Table;

TEST_CASE("no field of ours leaves the site", "[tables]") {
    test::check(Table("regexp", own_headers()), {{"X-Sendconnector-Route: sc-a:", "IGNORE"},
                                                 {"X-Sendconnector-Identity: a\n b", "IGNORE"},
                                                 {"x-sendconnector-RELAY: a by b", "IGNORE"},
                                                 {"X-Sendconnector: 1", "(none)"},
                                                 {"From: a@b", "(none)"},
                                                 {"Subject: X-Sendconnector-Route: sc-a:", "(none)"}});
}

TEST_CASE("what is handed on to another server is marked, and keeps its marks", "[tables]") {
    const auto table = relay_headers("to-partner", "mail.contoso.example");
    REQUIRE(table);
    test::check(
        Table("regexp", *table),
        {{"From: A <a@b>", "PREPEND X-Sendconnector-Relay: to-partner by mail.contoso.example"},
         {"from: a@b\n (folded)", "PREPEND X-Sendconnector-Relay: to-partner by mail.contoso.example"},
         {"X-Sendconnector-Relay: other by exch01", "DUNNO"},
         {"X-Sendconnector-Identity: a", "IGNORE"},
         {"Resent-From: a@b", "(none)"},
         {"From-Of: a", "(none)"},
         {"Subject: From: a", "(none)"},
         {"Received: from a by b", "(none)"}});
    for (const char* host : {"", "a b", "$mydomain", "a\nb", "{a}"}) {
        CHECK_FALSE(relay_headers("to-partner", host));
    }
}
