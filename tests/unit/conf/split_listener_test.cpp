// SPDX-License-Identifier: Apache-2.0
#include "conf/split_listener.hpp"
#include "tests/unit/catch.hpp"

namespace sendconnector::conf {

TEST_CASE("split listeners") {
    CHECK(SplitListener().service() == "127.0.0.1:10725");
    CHECK(SplitListener().next_hop() == "[127.0.0.1]:10725");
    for (const char* taken : {"127.0.0.1:10725", "127.0.0.1:1024", "127.255.255.254:65535"}) {
        CAPTURE(taken);
        const auto listener = parse_split_listener(taken);
        REQUIRE(listener);
        CHECK(listener->service() == taken);
    }
    for (const char* refused : {"",
                                "127.0.0.1",
                                "127.0.0.1:",
                                ":10725",
                                "10725",
                                "127.0.0.1:1023",
                                "127.0.0.1:65536",
                                "0.0.0.0:10725",
                                "128.0.0.1:10725",
                                "10.0.0.1:10725",
                                "[127.0.0.1]:10725",
                                "::1:10725",
                                "[::1]:10725",
                                "localhost:10725",
                                "127.1:10725",
                                "127.0.0.1:+1025",
                                "127.0.0.1:10725 ",
                                " 127.0.0.1:10725",
                                "127.0.0.1:10725:1",
                                "127.0.0.01:10725",
                                "127.0.0.1:0x4000",
                                "127.0.0.1:smtp"}) {
        CAPTURE(refused);
        CHECK_FALSE(parse_split_listener(refused));
    }
}

} // namespace sendconnector::conf
