// SPDX-License-Identifier: Apache-2.0
// As whom a site logs in, and the credentials of its connectors.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/site/described_site.hpp"

namespace sendconnector::conf::site {

using namespace testing;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

Site relaying(std::string relayhost, std::map<std::string, std::string> passwords) {
    Site site = plain_site();
    site.settings["relayhost"] = std::move(relayhost);
    site.settings["smtp_sasl_auth_enable"] = "yes";
    put(site, password_maps, std::move(passwords));
    return site;
}

} // namespace

TEST_CASE("passwords are looked up by host, then by next-hop") {
    struct Case {
        const char* relayhost;
        std::map<std::string, std::string> passwords;
        const char* credential; // empty: none
    };
    const Case cases[] = {
        {"[A.example]:587", {{"[a.example]:587", "u:p"}}, "u:p"},
        {"[a.example]:587", {{"a.example", "host:p"}, {"[a.example]:587", "hop:p"}}, "host:p"},
        {"[a.example]:587", {{"[a.example]", "u:p"}}, ""},
        {"a.example", {{"a.example", "u:p:with:colons"}}, "u:p:with:colons"},
        {"[a.example]", {}, ""},
    };
    for (const Case& each : cases) {
        CAPTURE(each.relayhost, each.credential);
        const std::string text = described(relaying(each.relayhost, each.passwords));
        CAPTURE(text);
        CHECK(contains(text, "BasicAuth") == (each.credential[0] != '\0'));
        if (each.credential[0] != '\0')
            CHECK(contains(text, std::string(" = ") + each.credential + "\n"));
        CHECK(!contains(text, "HOLD"));
    }
    Site off = relaying("[a.example]", {{"a.example", "u:p"}});
    off.settings["smtp_sasl_auth_enable"] = "no";
    CHECK(!contains(described(off), "BasicAuth"));
}

TEST_CASE("senders with passwords of their own have connectors of their own") {
    Site site = relaying(
        "[a.example]",
        {{"boss@contoso.example", "boss:1"}, {"@fabrikam.example", "fab:2"}, {"a.example", "all:3"}});
    CHECK(contains(described(site),
                   "smart_hosts = [\"[a.example]\"]\nsmart_host_auth_mechanism = \"BasicAuth\""));
    CHECK(!contains(described(site), "boss"));
    site.settings["smtp_sender_dependent_authentication"] = "yes";
    const std::string text = described(site);
    CHECK(contains(text, "name = \"To a.example as boss\"\nsenders = [\"boss@contoso.example\"]\n"));
    CHECK(contains(text, "name = \"To a.example as fab\"\nsenders = [\"fabrikam.example\"]\n"));
    CHECK(contains(text, "name = \"To a.example as all\"\naddress_spaces"));
}

TEST_CASE("what cannot be told of a login is said, and no password with it") {
    struct Case {
        const char* relayhost;
        std::map<std::string, std::string> passwords;
        const char* why;
    };
    const Case cases[] = {
        {"isp.example",
         {{"mx1.isp.example", "u:secret"}},
         "as whom it logs in depends on what servers isp.example has"},
        {"[a.example] [b.example]", {{"a.example", "u:secret"}}, "it logs in differently at its hosts"},
        {"[a.example]", {{"a.example", "secret"}}, "the name or the password it logs in with is empty"},
        {"[a.example]", {{"a.example", "u: secret"}}, "the name or the password it logs in with is empty"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.relayhost);
        const std::string text = described(relaying(each.relayhost, each.passwords));
        CAPTURE(text);
        CHECK(contains(text, std::string("  HOLD AuthenticationCredential: ") + each.why));
        CHECK(!contains(text, "secret"));
        CHECK(!contains(text, "BasicAuth"));
    }
}

TEST_CASE("a password that Postfix gives away over TLS only stays that way") {
    Site site = relaying("[a.example]", {{"a.example", "u:p"}});
    CHECK(contains(described(site), "smart_host_auth_mechanism = \"BasicAuth\"\n"));
    site.settings["smtp_sasl_security_options"] = "noanonymous, noplaintext";
    CHECK(contains(described(site), "smart_host_auth_mechanism = \"BasicAuthRequireTLS\"\n"));
    site.settings["smtp_tls_security_level"] = "none";
    CHECK(contains(described(site),
                   "  HOLD SmartHostAuthMechanism: Postfix gives no password away without TLS"));
}

} // namespace sendconnector::conf::site
