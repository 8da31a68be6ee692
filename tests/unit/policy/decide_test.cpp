// SPDX-License-Identifier: Apache-2.0
// Which connector a message leaves through: tables an administrator can read, and a plain scan over random
// policies.
#include "policy/domain.hpp"
#include "policy/example_sender.hpp"
#include "policy/explain.hpp"
#include "tests/unit/catch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <random>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

SendConnector connector(std::string name, const std::vector<std::string>& senders,
                        const std::vector<std::string>& spaces = {"*"}) {
    SendConnector made;
    made.name = std::move(name);
    if (!senders.empty())
        made.senders.clear();
    for (const auto& sender : senders)
        made.senders.push_back(*SenderPattern::parse(sender));
    for (const auto& space : spaces)
        made.address_spaces.push_back(*AddressSpace::parse(space));
    return made;
}

// "name", "-" for no connector, "too large: name".
std::string decided(const Policy& policy, std::string_view from, std::string_view to_domain,
                    std::optional<std::uint64_t> size = {}) {
    const Identities identities{policy.parse_sender(from)};
    const auto decision = decide(policy, {.from = identities, .recipient_domain = to_domain, .size = size});
    switch (decision.outcome) {
    case Outcome::unmatched:
        return "-";
    case Outcome::uncertain:
        return "?";
    case Outcome::too_large:
        return "too large: " + decision.connector->name;
    case Outcome::connector:
        break;
    }
    return decision.connector->name;
}

// may_need_split() as it is defined, sender by sender. Without routes of their own.
bool some_sender_depends(const Policy& policy, std::uint64_t most_octets) {
    const auto depends = [&](const Sender& sender) {
        const auto verdict = decide_by_sender(policy, sender, most_octets);
        return verdict.alone != SenderAlone::decides ||
               (verdict.decision.outcome == Outcome::unmatched &&
                wants_listener(unmatched_treatment(policy.settings(), verdict.decision)));
    };
    bool any = depends(Sender::nobody());
    for (const auto& each : policy.connectors())
        for (const auto& pattern : each.senders)
            any = any || (each.enabled &&
                          depends(example_of(key_of(pattern), policy.settings().recipient_delimiter)));
    return any;
}

} // namespace

TEST_CASE("the most specific sender wins: mailbox, domain, longest wildcard, any") {
    const auto policy = *Policy::make(
        {},
        {connector("any", {}), connector("ceo", {"ceo@contoso.com"}), connector("contoso", {"contoso.com"}),
         connector("below contoso", {"*.contoso.com"}), connector("emea", {"*.emea.contoso.com"}),
         connector("ceo news", {"ceo+news@contoso.com"}), connector("bounces", {"<>"})});
    struct Row {
        std::string_view from, want;
    };
    const auto row = GENERATE(values<Row>({
        {"ceo@contoso.com", "ceo"},
        {"CEO@Contoso.Com", "ceo"},
        {"ceo+private@contoso.com", "ceo"},
        {"ceo+news@contoso.com", "ceo news"},
        {"alice@contoso.com", "contoso"},
        {"ceo@sales.contoso.com", "below contoso"},
        {"a@emea.contoso.com", "emea"},
        {"a@uk.emea.contoso.com", "emea"},
        {"a@notcontoso.com", "any"},
        {"a@com", "any"},
        {"alice", "any"},
        {"", "bounces"},
        {"<>", "bounces"},
    }));
    CAPTURE(row.from);
    CHECK(decided(policy, row.from, "example.org") == row.want);
}

TEST_CASE("every sender includes the null sender") {
    CHECK(decided(*Policy::make({}, {connector("any", {"*"})}), "<>", "example.org") == "any");
    CHECK(decided(*Policy::make({}, {connector("contoso", {"contoso.com"})}), "<>", "example.org") == "-");
}

TEST_CASE("among equal senders the most specific address space wins before cost, cost before name") {
    const auto policy = *Policy::make({}, {connector("exact", {"contoso.com"}, {"partner.example;100"}),
                                           connector("below", {"contoso.com"}, {"*.partner.example;1"}),
                                           connector("cheap", {"contoso.com"}, {"*;5"}),
                                           connector("dear", {"contoso.com"}, {"*;6"}),
                                           connector("Alpha", {"contoso.com"}, {"*;5"})});
    CHECK(decided(policy, "a@contoso.com", "partner.example") == "exact");
    CHECK(decided(policy, "a@contoso.com", "x.partner.example") == "below");
    CHECK(decided(policy, "a@contoso.com", "other.example") == "Alpha");
}

TEST_CASE("selection_order swaps sender and address space") {
    const std::vector<SendConnector> connectors = {connector("by sender", {"ceo@contoso.com"}, {"*"}),
                                                   connector("by recipient", {"*"}, {"partner.example"})};
    CHECK(decided(*Policy::make({}, connectors), "ceo@contoso.com", "partner.example") == "by sender");
    PolicySettings settings;
    settings.selection_order = SelectionOrder::address_space_first;
    CHECK(decided(*Policy::make(settings, connectors), "ceo@contoso.com", "partner.example") ==
          "by recipient");
}

TEST_CASE("large mail falls through to a broader connector, and is refused when all are too small") {
    auto small = connector("small", {"contoso.com"});
    small.max_message_size = MessageSize::octets(1000);
    auto broad = connector("broad", {"*"});
    broad.max_message_size = MessageSize::octets(2000);
    const auto policy = *Policy::make({}, {small, broad});
    CHECK(decided(policy, "a@contoso.com", "x.example", 1000) == "small");
    CHECK(decided(policy, "a@contoso.com", "x.example", 1001) == "broad");
    CHECK(decided(policy, "a@contoso.com", "x.example", 2001) == "too large: small");
    CHECK(decided(policy, "a@contoso.com", "x.example") == "small");
}

TEST_CASE("disabled connectors are never considered") {
    auto off = connector("off", {"ceo@contoso.com"});
    off.enabled = false;
    CHECK(decided(*Policy::make({}, {off, connector("on", {"contoso.com"})}), "ceo@contoso.com",
                  "x.example") == "on");
}

TEST_CASE("the default connector takes what no other is for") {
    PolicySettings settings;
    settings.unmatched_senders = UnmatchedSenders::use_default;
    settings.default_connector = "FABRIKAM";
    const std::vector<SendConnector> connectors = {connector("Contoso", {"contoso.com"}),
                                                   connector("Fabrikam", {"fabrikam.com"})};
    const auto policy = *Policy::make(settings, connectors);
    CHECK(decided(policy, "a@contoso.com", "x.example") == "Contoso");
    CHECK(decided(policy, "a@other.example", "x.example") == "Fabrikam");
    CHECK(decided(policy, "<>", "x.example") == "Fabrikam");
    settings.default_connector = "nobody";
    CHECK_FALSE(Policy::make(settings, connectors));
}

TEST_CASE("two connectors cannot have one name") {
    CHECK_FALSE(Policy::make({}, {connector("Contoso", {"a.example"}), connector("CONTOSO", {"b.example"})}));
}

TEST_CASE("whether the sender alone decides") {
    auto small = connector("small", {"contoso.com"});
    small.max_message_size = MessageSize::octets(1000);
    const auto alone = [](const Policy& policy, std::string_view from) {
        return decide_by_sender(policy, policy.parse_sender(from)).alone;
    };
    const auto broad = *Policy::make({}, {small, connector("broad", {})});
    CHECK(alone(broad, "a@contoso.com") == SenderAlone::depends_on_size);
    CHECK(alone(broad, "a@other.example") == SenderAlone::decides);
    const std::vector<SendConnector> with_partner = {connector("contoso", {"contoso.com"}),
                                                     connector("partner", {}, {"partner.example"})};
    const auto sender_first = *Policy::make({}, with_partner);
    CHECK(alone(sender_first, "a@contoso.com") == SenderAlone::decides);
    CHECK(alone(sender_first, "a@other.example") == SenderAlone::depends_on_recipient);
    PolicySettings settings;
    settings.selection_order = SelectionOrder::address_space_first;
    CHECK(alone(*Policy::make(settings, with_partner), "a@contoso.com") == SenderAlone::depends_on_recipient);
    const auto plain =
        *Policy::make({}, {connector("ceo", {"ceo@contoso.com"}), connector("contoso", {"contoso.com"})});
    const auto verdict = decide_by_sender(plain, plain.parse_sender("ceo@contoso.com"));
    CHECK(verdict.alone == SenderAlone::decides);
    CHECK(verdict.decision.connector->name == "ceo");
    CHECK(decide_by_sender(plain, plain.parse_sender("<>")).decision.outcome == Outcome::unmatched);
}

TEST_CASE("an explanation names every connector and what became of it") {
    auto off = connector("off", {"ceo@contoso.com"});
    off.enabled = false;
    auto small = connector("small", {"ceo@contoso.com"});
    small.max_message_size = MessageSize::octets(10);
    const auto policy = *Policy::make({}, {connector("any", {}), off, connector("ceo", {"ceo@contoso.com"}),
                                           connector("ceo 2", {"ceo@contoso.com"}),
                                           connector("dear", {"ceo@contoso.com"}, {"*;9"}),
                                           connector("fabrikam", {"fabrikam.com"}),
                                           connector("partner", {"ceo@contoso.com"}, {"partner.example"}),
                                           small, connector("contoso", {"contoso.com"})});
    const Identities from{policy.parse_sender("ceo@contoso.com")};
    const Query query{.from = from, .recipient_domain = "x.example", .size = 100};
    const auto explanation = explain(policy, query);
    std::vector<std::string> lines;
    for (const auto& one : explanation.considered)
        lines.push_back(one.connector->name + ": " + describe(one, explanation.decision, query));
    CHECK(lines == std::vector<std::string>{
                       "ceo: chosen: sender ceo@contoso.com, address space smtp:*;1",
                       "ceo 2: outranked: equal in all else, its name sorts after \"ceo\"",
                       "dear: outranked: its cost 9 is higher than 1",
                       "contoso: outranked: its sender contoso.com is less specific than ceo@contoso.com",
                       "any: outranked: its sender * is less specific than ceo@contoso.com",
                       "small: out: its max_message_size 10 B (10 bytes) is below the message's 100 octets",
                       "partner: out: none of its address spaces matches",
                       "fabrikam: out: none of its senders matches",
                       "off: out: it is disabled",
                   });
}

// The rule once more, as a scan that ranks every connector; shares nothing with the index.
namespace {

int sender_rank(const SenderPattern& pattern, const Sender& sender) {
    const auto whole = fmt::format("{}@{}", sender.local(), sender.domain());
    const auto base = fmt::format("{}@{}", sender.base_local(), sender.domain());
    switch (pattern.kind()) {
    case SenderPattern::Kind::any:
        return 1;
    case SenderPattern::Kind::null_sender:
        return sender.is_null() ? 1000 : 0;
    case SenderPattern::Kind::mailbox:
        if (sender.is_null() || sender.domain().empty())
            return 0;
        return pattern.key() == whole ? 1002 : pattern.key() == base ? 1001 : 0;
    case SenderPattern::Kind::domain:
        return !sender.domain().empty() && pattern.key() == sender.domain() ? 1000 : 0;
    case SenderPattern::Kind::domain_and_below:
        return !sender.domain().empty() && is_or_below(sender.domain(), pattern.key().substr(1))
                   ? static_cast<int>(1 + pattern.key().size())
                   : 0;
    }
    return 0;
}

std::string by_scan(const Policy& policy, const Sender& sender, std::string_view to, std::uint64_t size) {
    using Key = std::tuple<int, int, int, std::string>;
    std::optional<std::pair<Key, std::string>> best;
    bool any_too_small = false;
    const bool sender_first = policy.settings().selection_order == SelectionOrder::sender_first;
    for (const auto& one : policy.connectors()) {
        int rank = 0;
        for (const auto& pattern : one.senders)
            rank = std::max(rank, sender_rank(pattern, sender));
        if (!one.enabled || rank == 0)
            continue;
        for (const auto& space : one.address_spaces) {
            if (!space.matches(to))
                continue;
            if (size > one.max_message_size.octets()) {
                any_too_small = true;
                continue;
            }
            const Key key{sender_first ? -rank : -space.specificity(),
                          sender_first ? -space.specificity() : -rank, space.cost(), fold_case(one.name)};
            if (!best || key < best->first)
                best = {key, one.name};
        }
    }
    if (best)
        return best->second;
    return any_too_small ? "too large" : "-";
}

} // namespace

TEST_CASE("decide and explain agree with a plain scan over random policies") {
    const std::vector<std::string> senders = {"*",
                                              "<>",
                                              "contoso.com",
                                              "*.contoso.com",
                                              "a@contoso.com",
                                              "a+x@contoso.com",
                                              "*.com",
                                              "*.b.contoso.com",
                                              "b.contoso.com",
                                              "c@b.contoso.com"};
    const std::vector<std::string> spaces = {"*",           "*;7",           "x.example", "*.x.example",
                                             "*.example;3", "y.x.example;2", "--"};
    const std::vector<std::string> from = {"<>",
                                           "a@contoso.com",
                                           "a+x@contoso.com",
                                           "b@contoso.com",
                                           "c@b.contoso.com",
                                           "q@z.b.contoso.com",
                                           "w@com",
                                           "v@other.org",
                                           "plain"};
    const std::vector<std::string> to = {"x.example", "y.x.example", "z.y.x.example", "example", "other.org"};
    std::mt19937 random(20261123);
    const auto pick = [&](const auto& list) -> const auto& {
        return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random)];
    };
    for (int round = 0; round < 2000; ++round) {
        std::vector<SendConnector> connectors;
        const auto count = std::uniform_int_distribution<int>(1, 6)(random);
        for (int i = 0; i < count; ++i) {
            std::vector<std::string> own_senders, own_spaces;
            for (int n = 0; n <= static_cast<int>(random() % 3); ++n)
                own_senders.push_back(pick(senders));
            for (int n = 0; n <= static_cast<int>(random() % 3); ++n)
                own_spaces.push_back(pick(spaces));
            auto made = connector("c" + std::to_string(i), own_senders, own_spaces);
            made.enabled = random() % 5 != 0;
            made.max_message_size = MessageSize::octets(random() % 3 * 100);
            connectors.push_back(std::move(made));
        }
        PolicySettings settings;
        settings.selection_order =
            random() % 2 ? SelectionOrder::sender_first : SelectionOrder::address_space_first;
        const auto policy = *Policy::make(settings, connectors);
        const auto sender = policy.parse_sender(pick(from));
        const auto& domain = pick(to);
        const std::uint64_t size = random() % 250;
        const Identities identities{sender};
        const Query query{.from = identities, .recipient_domain = domain, .size = size};
        const auto decision = decide(policy, query);
        const auto got = decision.outcome == Outcome::unmatched   ? std::string("-")
                         : decision.outcome == Outcome::too_large ? std::string("too large")
                                                                  : decision.connector->name;
        INFO("round " << round << ", sender " << sender.local() << "@" << sender.domain() << ", to "
                      << domain);
        REQUIRE(got == by_scan(policy, sender, domain, size));

        const auto explanation = explain(policy, query);
        REQUIRE(explanation.decision.connector == decision.connector);
        REQUIRE(explanation.considered.size() == connectors.size());
        const bool has_winner = decision.outcome == Outcome::connector;
        REQUIRE((explanation.considered.front().reason == Reason::chosen) == has_winner);

        // Listed apart from their connectors, the same senders mean the same.
        SenderList listed;
        auto without = connectors;
        for (std::uint32_t c = 0; c < connectors.size(); ++c) {
            for (const auto& pattern : connectors[c].senders)
                REQUIRE(listed.add(pattern.text(), c));
            without[c].senders.clear();
        }
        const auto tabled = *Policy::make(settings, without, listed, static_cast<std::uint64_t>(round));
        const auto same = decide(tabled, query);
        REQUIRE(same.outcome == decision.outcome);
        REQUIRE((same.connector == nullptr ? "" : same.connector->name) ==
                (decision.connector == nullptr ? "" : decision.connector->name));
        REQUIRE(same.sender == decision.sender);
        REQUIRE(may_need_split(tabled, 150) == may_need_split(policy, 150));
        REQUIRE(may_need_split(policy, 150) == some_sender_depends(policy, 150));

        // "decides" is a promise about every recipient and size.
        const auto verdict = decide_by_sender(policy, sender);
        if (verdict.alone == SenderAlone::decides && verdict.decision.outcome == Outcome::connector &&
            has_winner)
            REQUIRE(decision.connector == verdict.decision.connector);
    }
}
