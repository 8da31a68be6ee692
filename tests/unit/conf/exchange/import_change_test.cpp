// SPDX-License-Identifier: Apache-2.0
// What an import writes where it is not sure, or leaves something to a person.
#include "conf/exchange/import_change.hpp"
#include "conf/exchange/read_export.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

using namespace conf::testing;

TEST_CASE("what an incomplete export makes is disabled, and stays so until somebody enables it") {
    const auto read = read_export(
        R"({"Name": "a", "Enabled": true, "AddressSpaces": ["*"], "TlsDomain": "System.Object[]"})");
    REQUIRE(read);
    CHECK(connector_text(keys_of_new(import_object(read->reading.objects.at(0)))) ==
          "[[connector]]\nname = \"a\"\nenabled = false\naddress_spaces = [\"*\"]\n");
    const TemporaryFolder folder;
    for (const char* enabled : {"true", "false"}) {
        const auto there = folder.load(
            fmt::format("[[connector]]\nname = \"a\"\nenabled = {}\naddress_spaces = [\"*\"]\n", enabled));
        REQUIRE(there.configuration);
        Imported again = import_object(read->reading.objects.at(0));
        CHECK(keys_that_change(again, there.configuration->policy->connectors()[0],
                               there.configuration->without_effect[0])
                  .empty());
    }
}

TEST_CASE("a note is for a hand, and holds back where it says so") {
    Object object{"", 0, {{"Name", Value(std::string("a"))}, {"AddressSpaces", Value(std::string("*"))}}};
    object.notes.push_back({"Senders", {"look", "there"}, false});
    Imported one = import_object(object);
    CHECK(one.properties.back().fate == Fate::by_hand);
    CHECK(one.properties.back().why.text == "look");
    CHECK(!one.is_incomplete());
    object.notes.push_back({"Senders", {"no", ""}, true});
    CHECK(import_object(object).is_incomplete());
}

} // namespace sendconnector::conf::exchange
