// SPDX-License-Identifier: Apache-2.0
// The lookup endpoint knows the sender and nothing else. What loads must therefore be decided by the sender
// alone, for every recipient and size.
#include "policy/decide.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <fmt/format.h>
#include <random>

namespace sendconnector::conf {

using namespace testing;

namespace {

constexpr const char* patterns[] = {"alice@a.contoso.com",
                                    "alice+list@a.contoso.com",
                                    "bob@contoso.com",
                                    "a.contoso.com",
                                    "contoso.com",
                                    "*.a.contoso.com",
                                    "*.contoso.com",
                                    "*.com",
                                    "fabrikam.net",
                                    "<>",
                                    "*"};
constexpr const char* senders[] = {"alice@a.contoso.com",
                                   "alice+list@a.contoso.com",
                                   "alice+other@a.contoso.com",
                                   "bob@contoso.com",
                                   "bob+x@contoso.com",
                                   "carol@contoso.com",
                                   "carol@b.contoso.com",
                                   "carol@x.a.contoso.com",
                                   "dave@example.com",
                                   "erin@fabrikam.net",
                                   "frank@x.fabrikam.net",
                                   "<>",
                                   "nobody"};
constexpr const char* sizes[] = {"1MB", "35MB", "unlimited"};
constexpr const char* address_spaces[] = {"*", "*", "*", "*", "*", "*", "*", "*;5", "contoso.com"};

} // namespace

TEST_CASE("what_loads_is_decided_by_the_sender_alone") {
    const TemporaryFolder folder;
    std::mt19937 random(1997); // NOLINT: a fixed seed is the point
    const auto one_of = [&](const auto& list) {
        return list[static_cast<std::size_t>(random()) % std::size(list)];
    };
    int served = 0;
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string text = fmt::format("selection_order = \"{}\"\n",
                                       random() % 2 == 0 ? "sender-first" : "address-space-first");
        // Mostly one size for all: otherwise next to nothing would be served.
        const char* usual_size = one_of(sizes);
        for (std::size_t c = 0, count = 1 + random() % 4; c < count; ++c) {
            text += fmt::format("[[connector]]\nname = \"{}\"\nenabled = {}\naddress_spaces = [\"{}\"]\n"
                                "max_message_size = \"{}\"\n",
                                c, random() % 5 != 0, one_of(address_spaces),
                                random() % 4 == 0 ? one_of(sizes) : usual_size);
            const char* first = one_of(patterns);
            const char* second = one_of(patterns);
            text += first == second ? fmt::format("senders = [\"{}\"]\n", first)
                                    : fmt::format("senders = [\"{}\", \"{}\"]\n", first, second);
        }
        const auto loaded = folder.load(text);
        if (!loaded.configuration) {
            ++refused;
            continue;
        }
        ++served;
        const auto& policy = *loaded.configuration->policy;
        for (const char* sender : senders) {
            const auto decision = policy::decide_by_sender(policy, policy.parse_sender(sender));
            if (decision.alone != policy::SenderAlone::decides) {
                FAIL(sender << " is not decided by itself in\n" << text);
            }
        }
    }
    CHECK(served > 300);
    CHECK(refused > 300);
}

} // namespace sendconnector::conf
