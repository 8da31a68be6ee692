// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/recipient.hpp"

#include "tests/unit/catch.hpp"

using namespace sendconnector::filter;

TEST_CASE("which recipients send connectors are for") {
    struct Case {
        std::optional<std::string_view> mailer;
        std::string_view host;
        bool want;
    };
    constexpr std::string_view refusal = "5.7.1 no connector for this sender";
    const Case cases[] = {
        {"sc-contoso", "[smtp.contoso.example]:587", true},
        {"smtp", "[10.1.2.3]", false}, // transport_maps
        {"error", refusal, true},
        {"error", "User unknown in virtual alias table", false},
        {"error", "", false},
        {"local", "mail.contoso.example", false},
        {"virtual", "contoso.example", false},
        {"relay", "inside.contoso.example", false},
        {"lmtp", "unix:dovecot", false},
        {"discard", "", false},
        {"retry", "4.3.0 address resolver failure", false},
        {"smtp-amavis", "[127.0.0.1]:10024", false},
        {"scache", "", false},
        {"", "", false},
        {std::nullopt, "", false}, // sendmail(1)
    };
    for (const auto& c : cases) {
        CAPTURE(c.mailer.value_or("(none)"), c.host);
        CHECK(is_ours({"<bob@fabrikam.example>", c.mailer, c.host}, refusal) == c.want);
    }
    // Without a refusal of ours no text is one.
    CHECK_FALSE(is_ours({"<bob@fabrikam.example>", "error", ""}, ""));
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
