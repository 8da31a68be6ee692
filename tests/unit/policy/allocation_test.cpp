// SPDX-License-Identifier: Apache-2.0
// What is done for each message takes no memory. This program counts.
#include "policy/decide.hpp"
#include "tests/unit/catch.hpp"

#include <cstdlib>
#include <new>

using namespace sendconnector::policy;

namespace {

thread_local std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

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
    const auto before = allocations;
    const auto verdict = decide_by_sender(policy, policy.parse_sender(row.from));
    const auto taken = allocations - before;
    CHECK(taken == 0);
    CHECK(verdict.alone == SenderAlone::decides);
    CHECK((verdict.decision.connector == nullptr
               ? -1
               : static_cast<int>(policy.index_of(*verdict.decision.connector))) == row.connector);
}
