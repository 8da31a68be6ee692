// SPDX-License-Identifier: Apache-2.0
// What Postfix is asked to show follows from the policy.
#include "milter/filter/shown.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector;

namespace {

std::string wanted(const std::string& more, std::uint64_t message_size_limit = 10'240'000) {
    const auto snapshot =
        test::snapshot_of(more + "\n[[connector]]\nname = \"Plain\"\nsenders = [\"plain.example\"]\n"
                                 "address_spaces = [\"*\"]\n",
                          message_size_limit);
    const auto shown = filter::wanted(*snapshot, snapshot->applied().facts);
    std::string text;
    for (const auto& [is_shown, name] :
         {std::pair(shown.place, "place "), {shown.headers, "headers "}, {shown.octets, "octets "}})
        text += is_shown ? name : "";
    return text;
}

std::string connector(const std::string& more) {
    const std::string spaces =
        more.find("address_spaces") == std::string::npos ? "address_spaces = [\"*\"]\n" : "";
    return "[[connector]]\nname = \"X\"\nsenders = [\"x.example\"]\n" + spaces + more;
}

} // namespace

TEST_CASE("what a policy needs to see, and no more") {
    CHECK(wanted("").empty());
    CHECK(wanted("unmatched_senders = \"reject\"").empty());
    // Recipients decide: a route is set, and nothing is read.
    CHECK(wanted(connector("address_spaces = [\"partner.example\"]\n")) == "place ");
    CHECK(wanted(connector("routes = [\"default\", \"relay\"]\n")) == "place ");
    CHECK(wanted("unmatched_senders = \"default\"\ndefault_connector = \"X\"\n" +
                 connector("address_spaces = [\"partner.example\"]\n")) == "place ");
    // The author, and what a login is bound to.
    CHECK(wanted(connector("sender_identity = \"header-from\"\n")) == "place headers ");
    CHECK(wanted(connector("sender_identity = \"login\"\n")) == "place headers ");
    CHECK(wanted(connector("sender_identity = \"login\"\nenabled = false\n")).empty());
    // The marks of a hand-over.
    CHECK(wanted(connector("source_transport_servers = [\"other.example\"]\n")) == "place headers ");
    // A size that Postfix takes and a connector does not.
    CHECK(wanted(connector("max_message_size = \"9MB\"\n")) == "place headers octets ");
    CHECK(wanted(connector("max_message_size = \"9MB\"\nenabled = false\n")).empty());
    CHECK(wanted("", 0) == "place headers octets "); // 35 MB, Exchange's default, of any size
    CHECK(wanted("", 36'700'160).empty());
    CHECK(wanted("", 36'700'161) == "place headers octets ");
}
