// SPDX-License-Identifier: Apache-2.0
// What is done with a message at its end: by recipients, identities, place and what Postfix may still do to
// it.
#include "milter/filter/route_plan.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector;
using filter::MessageView;
using filter::Place;
using filter::Target;
using policy::RecipientRoute;
using policy::Sender;

namespace {

constexpr std::string_view connectors = R"(
unmatched_recipients = "defer"
[[connector]]
name = "Partner"
senders = ["contoso.example"]
address_spaces = ["partner.example"]
smart_hosts = ["[10.0.0.1]"]
dns_routing_enabled = false
routes = ["default", "relay"]
max_message_size = "1000B"
[[connector]]
name = "Rest"
senders = ["contoso.example"]
address_spaces = ["rest.example", "partner.example;9"]
max_message_size = "2000B"
[[connector]]
name = "Login"
senders = ["vip@contoso.example"]
sender_identity = "login"
address_spaces = ["*"]
)";

constexpr std::string_view split = "sc-split:[127.0.0.1]:10725";

MessageView message(std::set<Target> targets) {
    return {.from = {Sender::parse("a@contoso.example", "+"), Sender::nobody(), Sender::nobody()},
            .sender = "a@contoso.example",
            .targets = std::move(targets)};
}

// "route", "552 5.3.4", "leave", with " +login" where the login travels.
std::string planned(const MessageView& view, const conf::postfix::Facts& facts) {
    static const auto snapshot = test::snapshot_of(connectors);
    const conf::postfix::KnownBad none_known;
    const auto plan = filter::make_plan(view, {*snapshot, facts, 0, none_known});
    if (plan.refusal)
        return plan.refusal->code + " " + plan.refusal->dsn;
    return (plan.route.empty() ? "leave" : plan.route) + (plan.carries_identity ? " +login" : "");
}

const Target partner{"partner.example"};
const Target rest{"rest.example"};
const Target nowhere{"nowhere.example"};
const Target relayed{"partner.example", RecipientRoute::relay};
const std::string by_partner = "sc-partner:[10.0.0.1]:25";

} // namespace

TEST_CASE("a route is set at once where it is right for every recipient, whatever Postfix may still do") {
    const auto plain = test::plain_facts();
    CHECK(planned(message({partner}), plain) == by_partner);
    CHECK(planned(message({rest}), plain) == "sc-rest:");
    // They part: the lookup endpoint leads each to the listener.
    CHECK(planned(message({partner, rest}), plain) == "leave");
    auto mixed = message({partner});
    mixed.has_others = true;
    CHECK(planned(mixed, plain) == "leave");
    auto rewritten = message({partner});
    rewritten.has_rewritten = true;
    CHECK(planned(rewritten, plain) == "leave");
    auto copied = plain;
    copied.expansions = {"always_bcc = archive@contoso.example"};
    // routes = ["relay"]: what is added may be for it, and only the listener sees it.
    CHECK(planned(message({partner}), copied) == split);
}

TEST_CASE("recipients that Postfix would relay elsewhere get there by the milter only") {
    const auto plain = test::plain_facts();
    CHECK(planned(message({relayed}), plain) == by_partner);
    CHECK(planned(message({relayed, rest}), plain) == split);
    auto mixed = message({relayed});
    mixed.has_others = true;
    CHECK(planned(mixed, plain) == split);
    CHECK(planned(message({{"other.example", RecipientRoute::relay}}), plain) == "leave");
    auto submission = message({});
    submission.has_unknown = true;
    CHECK(planned(submission, plain) == split);
}

TEST_CASE("what sendmail(1) submits goes to the listener where it may be too large") {
    const auto snapshot = test::snapshot_of(R"(
[[connector]]
name = "Small"
senders = ["contoso.example"]
address_spaces = ["*"]
max_message_size = "1000B"
[[connector]]
name = "Large"
senders = ["fabrikam.example"]
address_spaces = ["*"]
max_message_size = "unlimited"
)");
    auto facts = test::plain_facts();
    const auto planned = [&](const char* sender, std::optional<std::uint64_t> size) {
        MessageView view{.from = {Sender::parse(sender, "+"), Sender::nobody(), Sender::nobody()},
                         .sender = sender,
                         .has_unknown = true};
        view.size = size;
        const conf::postfix::KnownBad none_known;
        const auto plan = filter::make_plan(view, {*snapshot, facts, 0, none_known});
        return plan.waits_for_size ? "wait" : plan.refusal ? plan.refusal->code : plan.route;
    };
    CHECK(planned("a@contoso.example", std::nullopt) == "wait");
    CHECK(planned("a@contoso.example", 1000).empty());
    CHECK(planned("a@contoso.example", 1001) == split);
    for (const auto* sender : {"a@fabrikam.example", "stranger@example.net"}) {
        CHECK(planned(sender, std::nullopt).empty());
        CHECK(planned(sender, 1001).empty());
    }
    // Postfix itself refuses what is larger.
    facts.message_size_limit = 1000;
    CHECK(planned("a@contoso.example", std::nullopt).empty());
    facts = test::plain_facts();
    facts.known = false;
    CHECK(planned("a@contoso.example", 1001) == "451");
}

TEST_CASE("a login travels with its message") {
    const auto plain = test::plain_facts();
    auto vip = message({partner, rest});
    vip.has_login = true;
    vip.from.login = Sender::parse("vip@contoso.example", "+");
    CHECK(planned(vip, plain) == "sc-login: +login");
    vip.has_others = true;
    CHECK(planned(vip, plain) == std::string(split) + " +login");
    auto filtered = plain;
    filtered.filters = {"content_filter = scan:[127.0.0.1]:10024"};
    CHECK(planned(vip, filtered) == "leave +login");
    vip.place = Place::reinjection;
    CHECK(planned(vip, filtered) == std::string(split) + " +login");
    auto unread = plain;
    unread.known = false;
    vip.place = Place::first_pass;
    CHECK(planned(vip, unread) == "451 4.3.0");
}

TEST_CASE("nothing is routed by guesses, and nothing led past a content filter") {
    auto unread = test::plain_facts();
    unread.known = false;
    CHECK(planned(message({partner}), unread) == "leave");
    CHECK(planned(message({relayed}), unread) == "451 4.3.0");
    auto filtered = test::plain_facts();
    filtered.filters = {"content_filter = scan:[127.0.0.1]:10024"};
    CHECK(planned(message({partner}), filtered) == "leave");
}

TEST_CASE("on the listener every recipient of sc-split ends somewhere") {
    auto facts = test::plain_facts();
    facts.expansions = {"virtual_alias_maps = hash:/x"};
    const auto listener = [&](const Target& target) {
        auto view = message({target});
        view.place = Place::listener;
        return view;
    };
    CHECK(planned(listener(partner), facts) == by_partner);
    CHECK(planned(listener(nowhere), facts) == "451 4.3.0"); // unmatched_recipients = "defer"
    CHECK(planned(listener({"other.example", RecipientRoute::relay}), facts) == "leave");
    auto stranger = listener(nowhere);
    stranger.from.envelope = Sender::parse("x@stranger.example", "+");
    CHECK(planned(stranger, facts) == "default");
    auto large = listener(partner);
    large.size = 1500;
    CHECK(planned(large, facts) == "sc-rest:");
    large.size = 2500;
    CHECK(planned(large, facts) == "552 5.3.4");
    auto forged = listener(partner);
    forged.from.login.reset();
    CHECK(planned(forged, facts) == "451 4.3.0");
    auto known = listener(partner);
    known.has_login = true;
    known.from.login = Sender::parse("vip@contoso.example", "+");
    CHECK(planned(known, facts) == "sc-login: +login");
}

TEST_CASE("verdicts on what a client addressed wait for the listener where aliases may mean somebody else") {
    auto aliases = test::plain_facts();
    aliases.expansions = {"virtual_alias_maps = hash:/x"};
    auto large = message({partner});
    large.size = 2500;
    CHECK(planned(large, test::plain_facts()) == "552 5.3.4");
    CHECK(planned(large, aliases) == split);
    // In this queue, not in the client's.
    CHECK(planned(message({nowhere}), test::plain_facts()) == "leave");
}
