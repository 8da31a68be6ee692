// SPDX-License-Identifier: Apache-2.0
// What a site demands of TLS, as connectors say it.
#include "conf/site/tls_protocols.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/site/described_site.hpp"

namespace sendconnector::conf::site {

using namespace testing;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// The keys of TLS, and what holds the connector back.
std::string tls_part(const std::string& text) {
    std::string part;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        if (line.starts_with("require_tls") || line.starts_with("ignore_starttls") ||
            line.starts_with("tls_") || line.starts_with("revocation"))
            part += line + "; ";
        else if (line.starts_with("  HOLD"))
            part += "HOLD" + line.substr(line.find(' ', 6), line.find(':') - line.find(' ', 6)) + "; ";
        at = end + 1;
    }
    return part;
}

} // namespace

TEST_CASE("levels of TLS by next-hop") {
    struct Case {
        const char* policy;
        const char* keys;
    };
    const char* const named = "require_tls = true; tls_auth_level = \"DomainValidation\"; tls_domain = ";
    const std::string off = "; revocation = \"off\"; ";
    const Case cases[] = {
        {"none", "ignore_starttls = true; "},
        {"may", ""},
        {"encrypt", "require_tls = true; "},
        {"Encrypt Protocols=>=TLSv1.3", "require_tls = true; tls_minimum_protocol = \"TLSv1.3\"; "},
        {"encrypt protocols=>=TLSv1.3", "require_tls = true; tls_minimum_protocol = \"TLSv1.3\"; "},
        {"dane-only", "require_tls = true; tls_auth_level = \"Dane\"; "},
        {"dane", "HOLD smtp_tls_security_level; "},
        {"fingerprint match=aa:bb", "require_tls = true; HOLD smtp_tls_security_level; "},
        {"secure", "\"a.example\""},
        {"verify", "\"a.example\""},
        {"secure match=mx.b.example", "\"mx.b.example\""},
        {"secure match=.b.example", "\"*.b.example\""},
    };
    for (const Case& each : cases) {
        CAPTURE(each.policy);
        Site site = plain_site();
        site.settings["relayhost"] = "[A.example]:587";
        put(site, policy_maps,
            {{"[a.example]:587", each.policy}, {"a.example", "encrypt"}, {".example", "none"}});
        const bool is_name = each.keys[0] == '"';
        CHECK(tls_part(described(site)) == (is_name ? named + std::string(each.keys) + off : each.keys));
    }
}

TEST_CASE("a next-hop that is a plain name has the policy of the domain it is in") {
    struct Case {
        const char* next_hop;
        std::map<std::string, std::string> policies;
        const char* keys;
    };
    const char* const encrypts = "require_tls = true; ";
    const Case cases[] = {
        {"smtp.fab.example", {{".fab.example", "encrypt"}}, encrypts},
        {"SMTP.Fab.example", {{".example", "encrypt"}}, encrypts},
        {"smtp.fab.example", {{"smtp.fab.example", "may"}, {".fab.example", "encrypt"}}, ""},
        {"smtp.fab.example", {{".fab.example", "may"}, {".example", "encrypt"}}, ""},
        {"smtp.fab.example", {{"fab.example", "encrypt"}}, ""},
        {"fab.example", {{".fab.example", "encrypt"}}, ""},
        {"10.fab_2.example", {{".fab_2.example", "encrypt"}}, encrypts},
        // One question for what has brackets or a port.
        {"[smtp.fab.example]", {{".fab.example", "encrypt"}, {".fab.example]", "encrypt"}}, ""},
        {"smtp.fab.example:587", {{".fab.example", "encrypt"}, {".fab.example:587", "encrypt"}}, ""},
        {"smtp.fab.example",
         {{".fab.example", "secure match=fab.example"}},
         "require_tls = true; tls_auth_level = \"DomainValidation\"; tls_domain = \"fab.example\"; "
         "revocation = \"off\"; "},
        {"smtp.fab.example",
         {{".fab.example", "secure"}},
         "require_tls = true; tls_auth_level = \"DomainValidation\"; revocation = \"off\"; HOLD TlsDomain; "},
    };
    for (const Case& each : cases) {
        CAPTURE(each.next_hop, each.policies);
        Site site = plain_site();
        put(site, policy_maps, each.policies);
        site.settings["relayhost"] = each.next_hop;
        CHECK(tls_part(described(site)) == each.keys);
        site.settings["relayhost"] = "";
        put(site, relayhost_maps, {{"@contoso.example", each.next_hop}});
        CHECK(tls_part(described(site)) == each.keys);
    }
}

TEST_CASE("where one name does not say what Postfix does, it is said") {
    Site site = plain_site();
    site.settings["relayhost"] = "a.example";
    for (const char* policy : {"secure", "verify", "secure match=x.example:y.example"}) {
        CAPTURE(policy);
        site.tables.clear();
        put(site, policy_maps, {{"a.example", policy}});
        CHECK(contains(tls_part(described(site)), "HOLD TlsDomain; "));
    }
    put(site, policy_maps, {{"b.example", "may"}});
    CHECK(!contains(tls_part(described(site)), "HOLD TlsAuthLevel; "));
    site.settings["relayhost"] = "a.example b.example";
    CHECK(contains(tls_part(described(site)), "HOLD TlsAuthLevel; "));
}

TEST_CASE("authorities are the system's, one file, or by hand") {
    struct Case {
        const char* file;
        const char* path;
        const char* adds;
        const char* want;
    };
    const Case cases[] = {
        {"", "/etc/ssl/certs", "no", ""},
        {"/etc/ssl/certs/ca-certificates.crt", "", "no", ""},
        {"", "", "yes", ""},
        {"/etc/postfix/ca.pem", "", "no", "tls_ca_file = \"/etc/postfix/ca.pem\"; "},
        {"/etc/postfix/ca.pem", "/etc/ssl/certs", "no", "HOLD TlsCaFile; "},
        {"/etc/postfix/ca.pem", "", "yes", "HOLD TlsCaFile; "},
        {"", "", "no", "HOLD TlsCaFile; "},
    };
    for (const Case& each : cases) {
        CAPTURE(each.file, each.path, each.adds);
        Site site = plain_site();
        site.settings["relayhost"] = "[a.example]";
        site.settings["smtp_tls_security_level"] = "secure";
        site.settings["smtp_tls_CAfile"] = each.file;
        site.settings["smtp_tls_CApath"] = each.path;
        site.settings["tls_append_default_CA"] = each.adds;
        const std::string part = tls_part(described(site));
        CHECK(contains(part, each.want));
        CHECK((contains(part, "tls_ca_file") || contains(part, "TlsCaFile")) == (each.want[0] != '\0'));
    }
}

TEST_CASE("old settings, wrapped TLS and own certificates") {
    Site site = plain_site();
    site.settings["relayhost"] = "[a.example]";
    site.settings["smtp_tls_security_level"] = "";
    CHECK(tls_part(described(site)) == "ignore_starttls = true; ");
    site.settings["smtp_use_tls"] = "yes";
    CHECK(tls_part(described(site)) == "");
    site.settings["smtp_tls_cert_file"] = "/etc/postfix/own.pem";
    site.settings["smtp_tls_key_file"] = "/etc/postfix/own.key";
    CHECK(tls_part(described(site)) ==
          "tls_certificate_name = \"/etc/postfix/own.pem\"; tls_key_file = \"/etc/postfix/own.key\"; ");
    site.settings["smtp_tls_chain_files"] = "/etc/a.pem, /etc/b.pem";
    CHECK(tls_part(described(site)) == "HOLD TlsCertificateName; ");
    site.settings["smtp_tls_chain_files"] = "";
    site.services["smtp"].overrides["smtp_tls_wrappermode"] = "yes";
    CHECK(contains(tls_part(described(site)), "HOLD smtp_tls_wrappermode; "));
}

TEST_CASE("mail to recipients' own servers has a connector for each rule of TLS") {
    Site site = plain_site();
    add_service(site, "ip1", {{"smtp_bind_address", "192.0.2.1"}});
    put(site, transport_maps, {{"@contoso.example", "ip1"}});
    put(site, policy_maps,
        {{"strict.example", "secure"},
         {".below.example", "encrypt"},
         {"[hop.example]", "none"},
         {"deep.below.example", "none"}});
    const std::string text = described(site);
    CAPTURE(text);
    CHECK(contains(text, "name = \"Direct by ip1\"\nsenders = [\"contoso.example\"]\n"
                         "address_spaces = [\"*\", \"below.example\"]\n"));
    CHECK(contains(text, "name = \"Direct by ip1, encrypt\"\nsenders = [\"contoso.example\"]\n"
                         "address_spaces = [\"*.below.example\"]\n"));
    CHECK(contains(text, "address_spaces = [\"deep.below.example\"]\n"));
    CHECK(contains(text, "name = \"Direct by ip1, secure\"\n"));
    CHECK(!contains(text, "hop.example"));
    site.tables["table:smtp_tls_policy_maps"].list.front().entries["odd.example"] = "fingerprint";
    // The rest of these senders' connectors would take the mail for that domain.
    CHECK(contains(described(site), "name = \"Direct by ip1, fingerprint\"\n"));
    CHECK(contains(described(site), "  HOLD Senders: \"Direct by ip1, fingerprint\" is disabled"));
    put_unlisted(site, policy_maps, {});
    CHECK(contains(described(site),
                   "  HOLD TlsAuthLevel: regexp:smtp_tls_policy_maps of smtp_tls_policy_maps can be "
                   "asked, not listed"));
}

TEST_CASE("protocols that TLS may have") {
    struct Case {
        const char* list;
        const char* oldest; // empty: not understood
        bool all_above;
    };
    const Case cases[] = {
        {"", "TLSv1", true},
        {">=TLSv1.2", "TLSv1.2", true},
        {"!SSLv2, !SSLv3", "TLSv1", true},
        {"!SSLv2:!SSLv3:!TLSv1:!TLSv1.1", "TLSv1.2", true},
        {"TLSv1.2 TLSv1.3", "TLSv1.2", true},
        {">=tlsv1.1 <=TLSv1.2", "TLSv1.1", false},
        {"TLSv1.1", "TLSv1.1", false},
        {"SSLv3", "", true},
        {">=0303", "", true},
    };
    for (const Case& each : cases) {
        CAPTURE(each.list);
        const auto range = protocol_range(each.list);
        REQUIRE(range.has_value() == (each.oldest[0] != '\0'));
        if (range) {
            CHECK(range->oldest == each.oldest);
            CHECK(range->is_all_above == each.all_above);
        }
    }
}

} // namespace sendconnector::conf::site
