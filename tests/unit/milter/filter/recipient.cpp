// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/recipient.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector::filter;

namespace {

auto saying(LookupView view) {
    return [view] { return view; };
}

} // namespace

TEST_CASE("which recipients send connectors are for") {
    using Kind = RecipientKind;
    struct Case {
        std::optional<std::string_view> mailer;
        std::string_view host;
        Kind want;
        // Without a connector for the sender, where that differs.
        std::optional<Kind> without = {};
    };
    constexpr std::string_view refusal = "5.7.1 no connector for this sender";
    const Case cases[] = {
        {"sc-contoso", "[smtp.contoso.example]:587", Kind::by_lookup},
        {"sc-split", "[127.0.0.1]:10725", Kind::split},
        {"sc-split_", "[127.0.0.1]:25", Kind::by_lookup}, // of a connector named "split"
        {"smtp", "[10.1.2.3]", Kind::transport},
        {"smtp", "fabrikam.example", Kind::transport, Kind::elsewhere},
        {"smtp", "Fabrikam.Example", Kind::transport, Kind::elsewhere},
        {"smtp", "[relayhost.example]", Kind::transport, Kind::elsewhere},
        {"error", refusal, Kind::refused},
        {"error", "User unknown in virtual alias table", Kind::elsewhere},
        {"error", "", Kind::elsewhere},
        {"local", "mail.contoso.example", Kind::elsewhere},
        {"virtual", "fabrikam.example", Kind::elsewhere},
        {"relay", "fabrikam.example", Kind::relay},
        {"relay", "[inside.fabrikam.example]", Kind::transport},
        {"lmtp", "unix:dovecot", Kind::transport},
        {"discard", "", Kind::elsewhere},
        {"retry", "4.3.0 address resolver failure", Kind::elsewhere},
        {"smtp-amavis", "[127.0.0.1]:10024", Kind::transport},
        {"", "", Kind::elsewhere},
        {std::nullopt, "", Kind::unknown}, // sendmail(1)
    };
    sendconnector::conf::postfix::Facts facts = sendconnector::test::plain_facts();
    facts.relayhost = "[relayhost.example]";
    for (const auto& c : cases) {
        CAPTURE(c.mailer.value_or("(none)"), c.host);
        const Recipient recipient{"<bob@fabrikam.example>", c.mailer, c.host};
        CHECK(kind_of(recipient, saying({refusal, true}), facts) == c.want);
        CHECK(kind_of(recipient, saying({refusal, false}), facts) == c.without.value_or(c.want));
    }
    // Without a refusal of ours no text is one.
    CHECK(kind_of({"<bob@fabrikam.example>", "error", ""}, saying({}), facts) == Kind::elsewhere);
    // {rcpt_addr} is what Postfix routes by.
    CHECK(
        kind_of({"<bob%fabrikam.example@mail.example>", "relay", "fabrikam.example", "bob@fabrikam.example"},
                saying({}), facts) == Kind::relay);
    // Sites may name their transports as they like.
    facts.relay_transport = "inside:[10.0.0.1]";
    CHECK(kind_of({"<bob@fabrikam.example>", "inside", "[10.0.0.1]"}, saying({}), facts) == Kind::relay);
    CHECK(kind_of({"<bob@fabrikam.example>", "inside", "[10.0.0.2]"}, saying({}), facts) == Kind::transport);
}

TEST_CASE("addresses as MAIL and RCPT carry them") {
    CHECK(address_of("<alice@contoso.example>") == "alice@contoso.example");
    CHECK(address_of("alice@contoso.example") == "alice@contoso.example");
    CHECK(address_of("<>").empty());
    CHECK(address_of("").empty());
    CHECK(address_of("<") == "<");
    CHECK(domain_of("alice@contoso.example") == "contoso.example");
    CHECK(domain_of("\"a@b\"@contoso.example") == "contoso.example");
    CHECK(domain_of("root").empty());
    CHECK(domain_of("alice@").empty());
}
