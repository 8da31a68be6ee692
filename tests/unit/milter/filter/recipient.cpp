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
    struct Case {
        std::optional<std::string_view> mailer;
        std::string_view host;
        RecipientKind want;
        // Without a connector for the sender, where that differs.
        std::optional<RecipientKind> without = {};
    };
    constexpr std::string_view refusal = "5.7.1 no connector for this sender";
    const Case cases[] = {
        {"sc-contoso", "[smtp.contoso.example]:587", RecipientKind::by_lookup},
        {"sc-split", "[127.0.0.1]:10725", RecipientKind::split},
        {"sc-split_", "[127.0.0.1]:25", RecipientKind::by_lookup}, // of a connector named "split"
        {"smtp", "[10.1.2.3]", RecipientKind::transport},
        {"smtp", "fabrikam.example", RecipientKind::transport, RecipientKind::elsewhere},
        {"smtp", "Fabrikam.Example", RecipientKind::transport, RecipientKind::elsewhere},
        {"smtp", "[relayhost.example]", RecipientKind::transport, RecipientKind::elsewhere},
        {"error", refusal, RecipientKind::refused},
        {"error", "User unknown in virtual alias table", RecipientKind::elsewhere},
        {"error", "", RecipientKind::elsewhere},
        {"local", "mail.contoso.example", RecipientKind::elsewhere},
        {"virtual", "fabrikam.example", RecipientKind::elsewhere},
        {"relay", "fabrikam.example", RecipientKind::relay},
        {"relay", "[inside.fabrikam.example]", RecipientKind::transport},
        {"lmtp", "unix:dovecot", RecipientKind::transport},
        {"discard", "", RecipientKind::elsewhere},
        {"retry", "4.3.0 address resolver failure", RecipientKind::elsewhere},
        {"smtp-amavis", "[127.0.0.1]:10024", RecipientKind::transport},
        {"", "", RecipientKind::elsewhere},
        {std::nullopt, "", RecipientKind::unknown}, // sendmail(1)
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
    CHECK(kind_of({"<bob@fabrikam.example>", "error", ""}, saying({}), facts) == RecipientKind::elsewhere);
    // {rcpt_addr} is what Postfix routes by.
    CHECK(
        kind_of({"<bob%fabrikam.example@mail.example>", "relay", "fabrikam.example", "bob@fabrikam.example"},
                saying({}), facts) == RecipientKind::relay);
    // Sites may name their transports as they like.
    facts.relay_transport = "inside:[10.0.0.1]";
    CHECK(kind_of({"<bob@fabrikam.example>", "inside", "[10.0.0.1]"}, saying({}), facts) ==
          RecipientKind::relay);
    CHECK(kind_of({"<bob@fabrikam.example>", "inside", "[10.0.0.2]"}, saying({}), facts) ==
          RecipientKind::transport);
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
