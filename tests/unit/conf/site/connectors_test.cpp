// SPDX-License-Identifier: Apache-2.0
// What a site does by sender, and the connectors that do the same.
#include "conf/site/connectors.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/site/described_site.hpp"

namespace sendconnector::conf::site {

using namespace testing;

namespace {

std::string connector(const std::string& keys) {
    return "[[connector]]\n" + keys;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

} // namespace

TEST_CASE("a Postfix that sends everything itself needs no connector") {
    CHECK(described(plain_site()) == "");
    Site pipe = plain_site();
    pipe.settings["default_transport"] = "uucp:hub";
    add_service(pipe, "uucp", {}, "pipe");
    CHECK(described(pipe) ==
          "NOTE mail of all senders that are not listed stays with Postfix: the transport \"uucp\" "
          "is \"pipe\", and not smtp\n");
}

TEST_CASE("a relayhost is a connector for everybody") {
    Site site = plain_site();
    site.settings["relayhost"] = "[mail.isp.example]:587";
    CHECK(described(site) ==
          connector("name = \"To mail.isp.example 587\"\naddress_spaces = [\"*\"]\n"
                    "dns_routing_enabled = false\n"
                    "smart_hosts = [\"[mail.isp.example]:587\"]\n"
                    "cloud_services_mail_enabled = true\nmax_message_size = \"unlimited\"\n"));
    site.settings["default_transport"] = "smtp:isp.example";
    CHECK(contains(described(site), "smart_hosts = [\"isp.example\"]\n"));
}

TEST_CASE("senders with one way are one connector's") {
    Site site = plain_site();
    put(site, relayhost_maps,
        {{"@contoso.example", "[a.example]"},
         {"boss@fabrikam.example", "[a.example]"},
         {"@fabrikam.example", "[b.example]"},
         {"<>", "[b.example]"}});
    const std::string text = described(site);
    CHECK(contains(text, "senders = [\"contoso.example\", \"boss@fabrikam.example\"]\n"));
    CHECK(contains(text, "senders = [\"<>\", \"fabrikam.example\"]\n"));
    CHECK(count(text, "[[connector]]") == 2);
    CHECK(!contains(text, "LOSS"));
}

TEST_CASE("transports come before relayhosts, and their next-hops do") {
    Site site = plain_site();
    site.settings["relayhost"] = "[isp.example]";
    add_service(site, "ip1", {{"smtp_bind_address", "192.0.2.1"}, {"smtp_helo_name", "one.example"}});
    put(site, transport_maps, {{"@one.example", "ip1:"}, {"@two.example", "smtp:[t.example]"}});
    put(site, relayhost_maps, {{"a@one.example", "[r.example]"}, {"@two.example", "[r.example]"}});
    const std::string text = described(site);
    // The transport from one table, the next-hop from the other.
    CHECK(contains(text, "name = \"To r.example by ip1\"\nsenders = [\"a@one.example\"]\n"));
    CHECK(contains(text, "name = \"To isp.example by ip1\"\nsenders = [\"one.example\"]\n"));
    CHECK(contains(text, "name = \"To t.example\"\nsenders = [\"two.example\"]\n"));
    CHECK(count(text, "source_ip_address = \"192.0.2.1\"\n") == 2);
    CHECK(count(text, "fqdn = \"one.example\"\n") == 2);
}

TEST_CASE("DUNNO ends the search with what holds for everybody") {
    Site site = plain_site();
    put(site, relayhost_maps, {{"@contoso.example", "[a.example]"}, {"vip@contoso.example", "DUNNO"}});
    const std::string text = described(site);
    CHECK(contains(text, "name = \"Direct\"\nsenders = [\"vip@contoso.example\"]\n"));
    put(site, relayhost_maps, {{"x@else.example", "DUNNO"}});
    // Nothing else would take that mail: Postfix keeps it.
    CHECK(!contains(described(site), "x@else.example"));
}

TEST_CASE("words that Postfix knows in any case of letters") {
    for (const char* dunno : {"DUNNO", "dunno", "Dunno"}) {
        CAPTURE(dunno);
        Site site = plain_site();
        put(site, relayhost_maps, {{"@contoso.example", "[a.example]"}, {"vip@contoso.example", dunno}});
        put(site, transport_maps, {{"@contoso.example", dunno}});
        const std::string text = described(site);
        CHECK(contains(text, "name = \"Direct\"\nsenders = [\"vip@contoso.example\"]\n"));
        CHECK(count(text, "[[connector]]") == 2);
        CHECK(!contains(text, "LOSS"));
    }
    Site site = plain_site();
    site.settings["empty_address_relayhost_maps_lookup_key"] = "NoBody";
    site.settings["smtp_sasl_auth_enable"] = "Yes";
    put(site, relayhost_maps, {{"nobody", "[a.example]"}});
    put(site, password_maps, {{"[a.example]", "user:s3cret"}});
    const std::string text = described(site);
    CHECK(contains(text, "senders = [\"<>\"]\n"));
    CHECK(contains(text, " = user:s3cret\n"));
}

TEST_CASE("the first table that has a key wins, and every table is asked for the whole address first") {
    Site site = plain_site();
    put(site, relayhost_maps,
        {{"@contoso.example", "[domain.example]"}, {"both@contoso.example", "[first.example]"}});
    put(site, relayhost_maps,
        {{"one@contoso.example", "[second.example]"}, {"both@contoso.example", "[never.example]"}});
    const std::string text = described(site);
    CHECK(contains(text, "name = \"To first.example\"\nsenders = [\"both@contoso.example\"]\n"));
    CHECK(contains(text, "name = \"To second.example\"\nsenders = [\"one@contoso.example\"]\n"));
    CHECK(!contains(text, "never.example"));
}

TEST_CASE("a user without a domain is one of each local domain") {
    Site site = plain_site();
    put(site, relayhost_maps, {{"root", "[a.example]"}});
    CHECK(contains(described(site), "senders = [\"root@home.example\", \"root@localhost\"]\n"));
    site.settings["mydestination"] = "hash:/etc/postfix/local";
    const std::string text = described(site);
    CHECK(contains(text, "LOSS \"root\" of hash:sender_dependent_relayhost_maps names no sender"));
    CHECK(contains(text, "  HOLD Senders: some senders that Postfix knows cannot be named here"));
}

TEST_CASE("a table that can only be asked holds every connector back, and is named") {
    Site site = plain_site();
    put(site, relayhost_maps, {{"@contoso.example", "[a.example]"}});
    put_unlisted(site, relayhost_maps, {});
    const std::string text = described(site);
    CHECK(contains(text, "  HOLD Senders: regexp:sender_dependent_relayhost_maps of "
                         "sender_dependent_relayhost_maps can be asked, not listed"));
    CHECK(contains(text, "LOSS regexp:sender_dependent_relayhost_maps"));
}

TEST_CASE("a way that no connector can go is left to Postfix, and holds back who would take it") {
    Site site = plain_site();
    add_service(site, "archive", {}, "pipe");
    put(site, transport_maps, {{"log@contoso.example", "archive:"}, {"alone@else.example", "gone:"}});
    put(site, relayhost_maps, {{"@contoso.example", "[a.example]"}, {"@fabrikam.example", "[b.example]"}});
    const std::string text = described(site);
    CHECK(contains(text,
                   "  HOLD Senders: mail of log@contoso.example would take this connector, and goes another "
                   "way in Postfix: the transport \"archive\" is \"pipe\", and not smtp"));
    CHECK(count(text, "HOLD") == 1);
    CHECK(contains(text,
                   "LOSS mail of alone@else.example stays with Postfix: master.cf has no service \"gone\""));
    site.settings["relayhost"] = "10.0.0.1";
    CHECK(contains(described(site), "\"10.0.0.1\" is an address without brackets"));
}

TEST_CASE("whether mail that a table leads stays with Postfix is known") {
    const auto has_all = [](const Site& site) {
        return connectors_of(site, [](std::size_t, std::size_t) {}).has_all_listed;
    };
    Site site = plain_site();
    put(site, relayhost_maps, {{"@contoso.example", "[a.example]"}, {"@direct.example", "DUNNO"}});
    CHECK(has_all(site));
    SECTION("of everybody who is not listed: no table leads it") {
        site.settings["default_transport"] = "uucp:hub";
        site.tables.clear();
        CHECK(has_all(site));
    }
    SECTION("of a sender, beside everybody else") {
        site.settings["default_transport"] = "uucp";
        CHECK(!has_all(site));
    }
    SECTION("of a next-hop that can be no smart host") {
        put(site, relayhost_maps, {{"@odd.example", "10.0.0.1"}});
        CHECK(!has_all(site));
    }
    SECTION("of a table that cannot be listed") {
        put_unlisted(site, relayhost_maps, {});
        CHECK(!has_all(site));
    }
    SECTION("of a key that names no sender here") {
        put(site, relayhost_maps, {{"@[1.2.3.4]", "[a.example]"}});
        CHECK(!has_all(site));
    }
}

TEST_CASE("who would take the mail of a connector that is held back is held back with it") {
    Site site = plain_site();
    site.settings["relayhost"] = "[isp.example]";
    put(site, relayhost_maps,
        {{"@contoso.example", "[a.example]"},
         {"boss@contoso.example", "[b.example]"},
         {"@fabrikam.example", "[c.example]"}});
    put(site, policy_maps, {{"[b.example]", "fingerprint"}});
    const std::string text = described(site);
    CHECK(contains(text, "  HOLD smtp_tls_security_level: fingerprint"));
    CHECK(count(text, " is disabled, and its mail would take this connector") == 2);
    // a.example by itself, isp.example by way of it; c.example would take none of that mail.
    CHECK(count(text, "HOLD") == 3);
}

TEST_CASE("several next-hops, and what services say that connectors do not") {
    Site site = plain_site();
    site.settings["relayhost"] = "[a.example], b.example:2525";
    site.settings["smtp_fallback_relay"] = "[f.example]";
    site.services["smtp"].overrides = {{"smtp_data_done_timeout", "99s"}, {"syslog_name", "postfix/x"}};
    const std::string text = described(site);
    CHECK(contains(text, "smart_hosts = [\"[a.example]\", \"b.example:2525\"]\n"));
    CHECK(contains(text, "  SmartHosts: Postfix tries them in their order"));
    CHECK(contains(text, "  smtp_fallback_relay: \"[f.example]\": a connector has none"));
    CHECK(contains(text, "  smtp_data_done_timeout: \"99s\" of the service smtp is not taken"));
    CHECK(!contains(text, "syslog_name"));
    CHECK(!contains(text, "HOLD"));
}

TEST_CASE("what is no UTF-8 is said, and never written") {
    Site site = plain_site();
    site.settings["relayhost"] = "[isp.example]";
    put(site, relayhost_maps, {{"m\xFCller@contoso.example", "[a.example]"}});
    site.services["smtp"].overrides["smtp_helo_name"] = "m\xFCller.example";
    const std::string text = described(site);
    CHECK(contains(text, "LOSS \"m\xFCller@contoso.example\" of hash:"));
    CHECK(contains(text, "  HOLD Fqdn: is not UTF-8 in Postfix"));
    CHECK(!contains(text, "fqdn"));
    CHECK(!contains(text, "To a.example"));
}

TEST_CASE("names differ, whatever they are made of") {
    Site site = plain_site();
    site.settings["smtp_sasl_auth_enable"] = "yes";
    site.settings["smtp_sender_dependent_authentication"] = "yes";
    site.settings["relayhost"] = "[isp.example]";
    const std::string user(80, 'x');
    put(site, password_maps,
        {{"a@contoso.example", user + "1:p"},
         {"b@contoso.example", user + "2:p"},
         {"c@contoso.example", "q\"uote:p"}});
    const std::string text = described(site);
    CHECK(count(text, "name = \"To isp.example as xxx") == 2);
    CHECK(count(text, "... 2\"\n") == 1);
    CHECK(contains(text, "name = \"To isp.example as q-uote\"\n"));
    CHECK(!contains(text, "REFUSED"));
}

} // namespace sendconnector::conf::site
