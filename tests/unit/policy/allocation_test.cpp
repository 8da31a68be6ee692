// SPDX-License-Identifier: Apache-2.0
// What is done for each message takes no memory. This program counts.
#include "policy/decide.hpp"
#include "tests/unit/allocation_count.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::policy;
using sendconnector::testing::allocation_count;

TEST_CASE("deciding by the sender allocates nothing") {
    std::vector<SendConnector> connectors(3);
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        connectors[i].name = "a connector with a name of some length " + std::to_string(i);
        connectors[i].address_spaces = {*AddressSpace::parse("*")};
        connectors[i].senders.clear();
    }
    SenderList listed;
    REQUIRE(listed.add("accounting@subsidiary.contoso-and-partners.example", 0));
    REQUIRE(listed.add("contoso-and-partners.example", 1));
    REQUIRE(listed.add("*.contoso-and-partners.example", 2));
    const auto policy = *Policy::make({}, std::move(connectors), listed);
    struct Row {
        std::string_view from;
        int connector; // -1: none
    };
    const auto row = GENERATE(values<Row>({
        {"Accounting+invoice-2026-11@subsidiary.Contoso-and-Partners.example", 0},
        {"accounting@subsidiary.contoso-and-partners.example", 0},
        {"somebody.else@contoso-and-partners.example", 1},
        {"somebody@deep.below.the.subsidiary.contoso-and-partners.example", 2},
        {"nobody@fabrikam-incorporated.example", -1},
        {"<>", -1},
    }));
    CAPTURE(row.from);
    REQUIRE(allocation_count() > 0); // it counts
    const auto before = allocation_count();
    const auto verdict = decide_by_sender(policy, policy.parse_sender(row.from));
    const auto taken = allocation_count() - before;
    CHECK(taken == 0);
    CHECK(verdict.alone == SenderAlone::decides);
    CHECK((verdict.decision.connector == nullptr
               ? -1
               : static_cast<int>(policy.index_of(*verdict.decision.connector))) == row.connector);
}
