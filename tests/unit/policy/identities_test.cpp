// SPDX-License-Identifier: Apache-2.0
// Connectors by author and by login, recipients by route, and what is promised about senders that decide
// alone.
#include "policy/explain.hpp"
#include "tests/unit/catch.hpp"

#include <algorithm>
#include <random>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

SendConnector connector(std::string name, const std::vector<std::string>& senders, SenderIdentity identity,
                        const std::vector<std::string>& spaces = {"*"}) {
    SendConnector made;
    made.name = std::move(name);
    made.sender_identity = identity;
    if (!senders.empty())
        made.senders.clear();
    for (const auto& sender : senders)
        made.senders.push_back(*SenderPattern::parse(sender));
    for (const auto& space : spaces)
        made.address_spaces.push_back(*AddressSpace::parse(space));
    return made;
}

std::string text_of(const Policy& policy, const Decision& decision) {
    switch (decision.outcome) {
    case Outcome::connector:
        return decision.connector->name;
    case Outcome::too_large:
        return "too large";
    case Outcome::uncertain:
        return "?";
    case Outcome::unmatched:
        break;
    }
    switch (unmatched_treatment(policy.settings(), decision)) {
    case UnmatchedTreatment::mx:
        return "mx";
    case UnmatchedTreatment::defer:
        return "defer";
    case UnmatchedTreatment::reject_sender:
        return "reject sender";
    case UnmatchedTreatment::reject_recipient:
        return "reject recipient";
    case UnmatchedTreatment::postfix:
        break;
    }
    return "postfix";
}

std::optional<Sender> known(const Policy& policy, std::string_view address) {
    if (address == "?")
        return std::nullopt;
    return address == "-" ? Sender::nobody() : policy.parse_sender(address);
}

} // namespace

TEST_CASE("each connector holds its senders against the identity it names") {
    const auto policy =
        *Policy::make({}, {connector("envelope", {"contoso.com"}, SenderIdentity::envelope),
                           connector("author", {"ceo@contoso.com"}, SenderIdentity::header_from),
                           connector("login", {"*.contoso.com"}, SenderIdentity::login)});
    struct Row {
        std::string_view envelope, header_from, login, want; // "-" nobody, "?" not known
    };
    const auto row = GENERATE(values<Row>({
        {"a@contoso.com", "a@contoso.com", "-", "envelope"},
        {"a@contoso.com", "ceo@contoso.com", "-", "author"},
        {"a@contoso.com", "ceo+news@contoso.com", "-", "author"},
        {"x@other.example", "-", "a@contoso.com", "login"},
        {"x@other.example", "-", "a@sales.contoso.com", "login"},
        {"a@contoso.com", "-", "a@contoso.com", "envelope"},
        {"ceo@contoso.com", "-", "-", "envelope"},
        {"ceo@contoso.com", "?", "-", "?"},
        {"x@other.example", "x@other.example", "?", "?"},
        // A login names a domain and all below it at best, which is less specific than the envelope's domain.
        {"a@contoso.com", "-", "?", "envelope"},
        {"x@other.example", "-", "-", "postfix"},
        {"<>", "-", "-", "postfix"},
    }));
    CAPTURE(row.envelope, row.header_from, row.login);
    const Identities from{policy.parse_sender(row.envelope), known(policy, row.header_from),
                          known(policy, row.login)};
    CHECK(text_of(policy, decide(policy, {.from = from, .recipient_domain = "x.example"})) == row.want);
}

TEST_CASE("every sender is everybody, whatever the identity") {
    const auto policy =
        *Policy::make({}, {connector("partner", {"*"}, SenderIdentity::login, {"partner.example"})});
    const Identities nothing_known{policy.parse_sender("a@contoso.com")};
    CHECK(text_of(policy, decide(policy, {.from = nothing_known, .recipient_domain = "partner.example"})) ==
          "partner");
    CHECK(text_of(policy, decide(policy, {.from = nothing_known, .recipient_domain = "x.example"})) ==
          "postfix");
}

TEST_CASE("routes: a connector is for recipients of the default route unless it says otherwise") {
    auto everything = connector("everything", {"contoso.com"}, SenderIdentity::envelope);
    everything.routes = {true, true, true};
    auto relay_only = connector("a relay only", {"contoso.com"}, SenderIdentity::envelope);
    relay_only.routes = {false, true, false};
    const auto policy = *Policy::make(
        {}, {everything, relay_only, connector("plain", {"ceo@contoso.com"}, SenderIdentity::envelope)});
    const auto decided = [&](std::string_view sender, RecipientRoute route) {
        const Identities from{policy.parse_sender(sender)};
        return text_of(policy,
                       decide(policy, {.from = from, .recipient_domain = "x.example", .route = route}));
    };
    CHECK(decided("a@contoso.com", RecipientRoute::by_default) == "everything");
    CHECK(decided("a@contoso.com", RecipientRoute::relay) == "a relay only");
    CHECK(decided("a@contoso.com", RecipientRoute::transport) == "everything");
    CHECK(decided("ceo@contoso.com", RecipientRoute::by_default) == "plain");
    CHECK(decided("ceo@contoso.com", RecipientRoute::relay) == "a relay only");
    CHECK(may_need_split(policy));
}

TEST_CASE("unmatched recipients of a sender that has connectors, and senders that have none") {
    struct Row {
        UnmatchedSenders senders;
        UnmatchedRecipients recipients;
        std::string_view named, other;
    };
    const auto row = GENERATE(values<Row>({
        {UnmatchedSenders::postfix, UnmatchedRecipients::postfix, "postfix", "postfix"},
        {UnmatchedSenders::postfix, UnmatchedRecipients::reject, "reject recipient", "postfix"},
        {UnmatchedSenders::reject, UnmatchedRecipients::postfix, "postfix", "reject sender"},
        {UnmatchedSenders::reject, UnmatchedRecipients::defer, "defer", "reject sender"},
        {UnmatchedSenders::use_default, UnmatchedRecipients::mx, "mx", "mx"},
    }));
    PolicySettings settings;
    settings.unmatched_senders = row.senders;
    settings.unmatched_recipients = row.recipients;
    settings.default_connector = "fallback";
    const auto policy = *Policy::make(
        settings,
        {connector("partner of contoso", {"contoso.com"}, SenderIdentity::envelope, {"partner.example"}),
         connector("fallback", {"nobody.example"}, SenderIdentity::envelope, {"fallback.example"}),
         // A connector for everybody names nobody.
         connector("bank", {}, SenderIdentity::envelope, {"bank.example"})});
    const Identities contoso{policy.parse_sender("a@contoso.com")};
    const Identities other{policy.parse_sender("a@other.example")};
    const auto decided = [&](const Identities& from, std::string_view to) {
        return text_of(policy, decide(policy, {.from = from, .recipient_domain = to}));
    };
    CHECK(decided(contoso, "x.example") == row.named);
    CHECK(decided(other, "x.example") == row.other);
    CHECK(decided(other, "bank.example") == "bank");
    CHECK(decided(contoso, "partner.example") == "partner of contoso");
}

TEST_CASE("whether a policy needs messages to be decided recipient by recipient") {
    const auto envelope = SenderIdentity::envelope;
    auto small = connector("small", {"contoso.com"}, envelope);
    small.max_message_size = MessageSize::octets(1000);
    const auto needs = [](std::vector<SendConnector> connectors, std::uint64_t most = UINT64_MAX) {
        return may_need_split(*Policy::make({}, std::move(connectors)), most);
    };
    CHECK_FALSE(needs({}));
    CHECK_FALSE(
        needs({connector("a", {"contoso.com"}, envelope), connector("b", {"*.contoso.com"}, envelope)}));
    CHECK_FALSE(needs({small, connector("b", {"fabrikam.com"}, envelope)}));
    CHECK(needs({small, connector("b", {}, envelope)}));
    CHECK_FALSE(needs({small, connector("b", {}, envelope)}, 1000));
    CHECK(needs({small, connector("b", {"*.com"}, envelope)}));
    CHECK(needs({connector("a", {}, envelope, {"partner.example"})}));
    CHECK(needs({connector("a", {"contoso.com"}, SenderIdentity::login)}));
    CHECK_FALSE(needs({connector("a", {}, SenderIdentity::login)}));
}

TEST_CASE("whoever is unmatched waits in the queue or goes by MX only by way of the listener") {
    const auto needs = [](UnmatchedRecipients recipients) {
        PolicySettings settings;
        settings.unmatched_recipients = recipients;
        // Where the default connector is switched off, no connector is for anybody.
        settings.unmatched_senders = UnmatchedSenders::use_default;
        settings.default_connector = "off";
        auto off = connector("off", {"contoso.com"}, SenderIdentity::envelope);
        off.enabled = false;
        return may_need_split(*Policy::make(settings, {off}));
    };
    CHECK(needs(UnmatchedRecipients::defer));
    CHECK(needs(UnmatchedRecipients::mx));
    CHECK_FALSE(needs(UnmatchedRecipients::reject));
}

// The promise behind the lookup endpoint: where the sender is said to decide alone, no recipient, size,
// author or login changes the outcome; and decide() is certain exactly when no identity it does not know
// matters.
TEST_CASE("what is said to be decided does not change with what is not known") {
    const std::vector<std::string> senders = {
        "*",     "<>",           "contoso.com", "*.contoso.com", "a@contoso.com", "a+x@contoso.com",
        "*.com", "b.contoso.com"};
    const std::vector<std::string> spaces = {"*", "*", "*", "*;7", "x.example", "*.x.example", "*.example;3"};
    // Somebody for each of the patterns, and for none.
    const std::vector<std::string> who = {"<>",
                                          "-",
                                          "a@contoso.com",
                                          "a+x@contoso.com",
                                          "b@contoso.com",
                                          "c@b.contoso.com",
                                          "c@d.contoso.com",
                                          "v@other.com",
                                          "v@other.org"};
    const std::vector<std::string> to = {"x.example", "y.x.example", "example", "other.org"};
    std::mt19937 random(4);
    const auto pick = [&](const auto& list) -> const auto& {
        return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random)];
    };
    int decided_alone = 0;
    int certain = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<SendConnector> connectors;
        for (int i = 0; i <= static_cast<int>(random() % 4); ++i) {
            std::vector<std::string> own_senders = {pick(senders)};
            std::vector<std::string> own_spaces = {pick(spaces)};
            if (random() % 4 == 0)
                own_senders.push_back(pick(senders));
            if (random() % 4 == 0)
                own_spaces.push_back(pick(spaces));
            auto made =
                connector("c" + std::to_string(i), own_senders,
                          random() % 3 ? SenderIdentity::envelope : static_cast<SenderIdentity>(random() % 3),
                          own_spaces);
            made.enabled = random() % 6 != 0;
            made.max_message_size = MessageSize::octets((random() % 3 + 1) * 100);
            made.routes = random() % 5 ? Routes() : Routes{random() % 2 == 0, true, random() % 2 == 0};
            connectors.push_back(std::move(made));
        }
        PolicySettings settings;
        settings.selection_order =
            random() % 2 ? SelectionOrder::sender_first : SelectionOrder::address_space_first;
        settings.unmatched_senders = static_cast<UnmatchedSenders>(random() % 3);
        settings.unmatched_recipients = static_cast<UnmatchedRecipients>(random() % 4);
        settings.default_connector = "c0";
        const auto policy = *Policy::make(settings, connectors);
        const std::uint64_t most = random() % 2 ? 200 : 1000;
        const auto envelope = policy.parse_sender(pick(who));
        const auto verdict = decide_by_sender(policy, envelope, most);
        const bool alone = verdict.alone == SenderAlone::decides;
        decided_alone += alone;
        if (!alone)
            REQUIRE(may_need_split(policy, most));
        for (const auto& header_from : who)
            for (const auto& login : who) {
                const auto& domain = pick(to);
                const std::uint64_t size = random() % std::min<std::uint64_t>(most + 1, 450);
                const Identities all{envelope, known(policy, header_from), known(policy, login)};
                const Query query{.from = all, .recipient_domain = domain, .size = size};
                const auto decision = decide(policy, query);
                INFO("round " << round << ", envelope " << envelope.local() << "@" << envelope.domain()
                              << ", from " << header_from << ", login " << login << ", to " << domain
                              << ", size " << size);
                REQUIRE(decision.outcome != Outcome::uncertain);
                if (alone && decision.outcome != Outcome::too_large)
                    REQUIRE(text_of(policy, decision) == text_of(policy, verdict.decision));
                if (alone && decision.outcome == Outcome::too_large)
                    REQUIRE(decision.connector == verdict.decision.connector);
                const Identities less{envelope, known(policy, header_from), std::nullopt};
                const auto without_login =
                    decide(policy, {.from = less, .recipient_domain = domain, .size = size});
                certain += without_login.outcome != Outcome::uncertain;
                if (without_login.outcome != Outcome::uncertain) {
                    REQUIRE(text_of(policy, without_login) == text_of(policy, decision));
                } else {
                    const auto differs = [&](const std::string& one) {
                        const Identities from{envelope, known(policy, header_from), known(policy, one)};
                        const auto other =
                            decide(policy, {.from = from, .recipient_domain = domain, .size = size});
                        return text_of(policy, other) != text_of(policy, decision) ||
                               other.connector != decision.connector;
                    };
                    REQUIRE(std::any_of(who.begin(), who.end(), differs));
                }
            }
    }
    CHECK(decided_alone > 250);
    CHECK(certain > 500);
}
