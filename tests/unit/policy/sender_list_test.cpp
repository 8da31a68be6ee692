// SPDX-License-Identifier: Apache-2.0
// Senders as they are listed by the million: read as SenderPattern reads them, kept in few octets.
#include "policy/sender_list.hpp"
#include "tests/unit/catch.hpp"

#include <random>
#include <string>
#include <vector>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

std::vector<std::string> texts(const SenderList& list) {
    std::vector<std::string> all;
    for (std::size_t offset = 0; offset < list.octets(); offset = list.behind(offset))
        all.push_back(std::to_string(list.at(offset).connector) + " " + to_text(list.at(offset).key));
    return all;
}

} // namespace

TEST_CASE("a list keeps senders in order, with their connectors") {
    SenderList list;
    REQUIRE(list.add("CEO@Contoso.com", 7));
    REQUIRE(list.add("*.contoso.com", 0));
    REQUIRE(list.add("<>", 1));
    REQUIRE(list.add("*", 0xffff'ffff));
    REQUIRE(list.add("\"john doe\"@contoso.com.", 2));
    REQUIRE_FALSE(list.add("*contoso.com", 2));
    REQUIRE(list.add("b\xc3\xbc"
                     "cher.example",
                     3));
    CHECK(list.size() == 6);
    CHECK(texts(list) == std::vector<std::string>{"7 ceo@contoso.com", "0 *.contoso.com", "1 <>",
                                                  "4294967295 *", "2 \"john doe\"@contoso.com",
                                                  "3 xn--bcher-kva.example"});
    SenderList other;
    REQUIRE(other.add("fabrikam.com", 4));
    REQUIRE(list.append(other));
    CHECK(list.size() == 7);
    CHECK(texts(list).back() == "4 fabrikam.com");
    CHECK(other.octets() == 7 + 12);
}

// The plain forms go by a way of their own, which must not be another one.
TEST_CASE("a list reads whatever SenderPattern reads, as it reads it, and refuses what it refuses") {
    const std::vector<std::string> pieces = {"a",
                                             "B",
                                             "contoso",
                                             "com",
                                             ".",
                                             "..",
                                             "@",
                                             "*",
                                             "*.",
                                             "-",
                                             "_",
                                             "\"",
                                             " ",
                                             "+tag",
                                             "\xc3\xa4",
                                             "\xff",
                                             "<>",
                                             "\t",
                                             "\\",
                                             "[1]",
                                             "xn--",
                                             "%",
                                             "!",
                                             std::string(64, 'l'),
                                             std::string(63, 'd'),
                                             std::string("\0", 1)};
    std::mt19937 random(20261129);
    for (int round = 0; round < 200'000; ++round) {
        std::string text;
        for (auto parts = random() % 7; parts > 0; --parts)
            text += pieces[random() % pieces.size()];
        INFO("round " << round << ", text " << text);
        SenderList list;
        const auto added = list.add(text, 1);
        const auto parsed = SenderPattern::parse(text);
        REQUIRE(added.has_value() == parsed.has_value());
        if (parsed) {
            REQUIRE(list.at(0).key == key_of(*parsed));
            REQUIRE(list.behind(0) == list.octets());
        } else {
            REQUIRE(added.error().text == parsed.error().text);
            REQUIRE(list.octets() == 0);
        }
    }
}
