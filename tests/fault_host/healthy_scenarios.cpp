// SPDX-License-Identifier: Apache-2.0
// Sound smart hosts of every kind: what must not be refused.
#include "tests/fault_host/catalogue.hpp"
#include "tests/pki/crl.hpp"
#include "tests/pki/ocsp.hpp"

#include <openssl/ssl.h>

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::ca_spec;
using test::CertificateSpec;
using test::CrlSpec;
using test::Identity;
using test::issue;
using test::Key;
using test::make_crl;
using test::now;
using test::self_signed;

void tls(Catalogue& all) {
    const std::string kind = "healthy: TLS";
    const auto with = [&](const std::string& name, const std::function<void(TlsSettings&)>& change) {
        TlsSettings settings;
        settings.chain = {all.good};
        change(settings);
        all.add_tls(kind, name, healthy(), std::move(settings));
    };
    with("as most are", [](TlsSettings&) {});
    with("TLS 1.2 only", [](TlsSettings& one) { one.maximum = TLS1_2_VERSION; });
    with("TLS 1.3 only", [](TlsSettings& one) { one.minimum = TLS1_3_VERSION; });
    with("TLS 1.0 to 1.3", [](TlsSettings& one) { one.minimum = TLS1_VERSION; });
    with("ChaCha20 only", [](TlsSettings& one) {
        one.maximum = TLS1_2_VERSION;
        one.ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305";
    });
    with("key exchange with P-384 (HelloRetryRequest)", [](TlsSettings& one) { one.groups = "P-384"; });
    with("client certificate asked for, not demanded",
         [](TlsSettings& one) { one.ask_client_certificate = true; });
    with("another certificate where no server name is sent",
         [&](TlsSettings& one) { one.chain_without_name = {issue(all.server(), all.root)}; });
}

void keys(Catalogue& all) {
    const std::string kind = "healthy: keys";
    const auto key = [&](const std::string& name, const Key& used, const std::string& digest = "SHA256") {
        auto spec = all.server();
        spec.key = used;
        spec.digest = digest;
        all.add_chain(kind, name, healthy(), {issue(spec, all.root)});
    };
    key("RSA 2048", Key::rsa());
    key("RSA 3072", Key::rsa(3072));
    key("EC P-384, signed with SHA-384", Key::ec("P-384"), "SHA384");
    key("Ed25519", Key::ed25519());
    auto authority = ca_spec("CN=Fault RSA-PSS Root");
    authority.key = Key::rsa();
    const auto root = self_signed(authority);
    auto spec = all.server();
    spec.pss = true;
    all.add_chain(kind, "signed with RSASSA-PSS", healthy(), {issue(spec, root)}).anchors = {root};
    spec.pss = false;
    spec.key = Key::rsa(1536);
    auto& shorter =
        all.add_chain(kind, "RSA 1536 where tls_minimum_rsa_bits = 1024", healthy(), {issue(spec, root)});
    shorter.anchors = {root};
    shorter.settings["tls_minimum_rsa_bits"] = 1024;
}

void chains(Catalogue& all) {
    const std::string kind = "healthy: chain";
    const auto below = issue(all.server(), all.intermediate);
    all.add_chain(kind, "one intermediate", healthy(), {below, all.intermediate});
    all.add_chain(kind, "root sent along", healthy(), {below, all.intermediate, all.root});
    const auto second = issue(ca_spec("CN=Second Intermediate"), all.intermediate);
    const auto deep = issue(all.server(), second);
    all.add_chain(kind, "two intermediates", healthy(), {deep, second, all.intermediate});
    all.add_chain(kind, "intermediates in the wrong order", healthy(), {deep, all.intermediate, second});
    all.add_chain(kind, "a certificate sent twice", healthy(), {below, all.intermediate, all.intermediate});
    all.add_chain(kind, "a stranger's certificate sent along", healthy(),
                  {all.good, self_signed(ca_spec("CN=Stranger"))});
    const auto pinned = self_signed(all.server());
    all.add_chain(kind, "self-signed and pinned", healthy(), {pinned}).anchors = {pinned};
    // As `openssl req -x509` makes one: no key usage.
    auto ordinary = ca_spec("CN=Private CA");
    ordinary.key_usage = "";
    const auto private_root = self_signed(ordinary);
    all.add_chain(kind, "ordinary private authority", healthy(), {issue(all.server(), private_root)})
        .anchors = {private_root};
    // Cross-signed: the presented path leads to a root that nobody trusts, another to the trusted one.
    const auto old_root = self_signed(ca_spec("CN=Old Root"));
    auto crossed = ca_spec("CN=Crossed Intermediate");
    const auto by_old = issue(crossed, old_root);
    const auto by_new = issue(crossed, all.root);
    all.add_chain(kind, "cross-signed", healthy(), {issue(all.server(), by_new), by_old, by_new});
    auto constrained = ca_spec("CN=Constrained to smart.example");
    constrained.name_constraints = "critical,permitted;DNS:smart.example";
    const auto kept_within = issue(constrained, all.root);
    all.add_chain(kind, "name constraint kept", healthy(), {issue(all.server(), kept_within), kept_within});
}

void contents(Catalogue& all) {
    const std::string kind = "healthy: content";
    const auto with = [&](const std::string& name,
                          const std::function<void(CertificateSpec&)>& change) -> Scenario& {
        auto spec = all.server();
        change(spec);
        return all.add_chain(kind, name, healthy(), {issue(spec, all.root)});
    };
    with("wildcard of one label",
         [](CertificateSpec& one) { one.alternative_names = {"DNS:*.smart.example"}; });
    with("one of a hundred names", [](CertificateSpec& one) {
        one.alternative_names.clear();
        for (int i = 0; i < 99; ++i) {
            one.alternative_names.push_back("DNS:mx" + std::to_string(i) + ".smart.example");
        }
        one.alternative_names.push_back("DNS:mx.smart.example");
    });
    with("name in capitals", [](CertificateSpec& one) { one.alternative_names = {"DNS:MX.Smart.EXAMPLE"}; });
    with("TlsDomain *.smart.example, a host below", [](CertificateSpec& one) {
        one.alternative_names = {"DNS:a.smart.example"};
    }).tls_domain = "*.smart.example";
    with("TlsDomain *.smart.example, the same wildcard", [](CertificateSpec& one) {
        one.alternative_names = {"DNS:*.smart.example"};
    }).tls_domain = "*.smart.example";
    with("no subject", [](CertificateSpec& one) {
        one.subject = "";
        one.alternative_names_critical = true;
    });
    with("no extendedKeyUsage", [](CertificateSpec& one) { one.extended_key_usage = ""; });
    with("no keyUsage", [](CertificateSpec& one) { one.key_usage = ""; });
    with("for servers and clients",
         [](CertificateSpec& one) { one.extended_key_usage = "serverAuth,clientAuth"; });
    with("unknown extension, not critical", [](CertificateSpec& one) {
        one.extra = {{"1.3.6.1.4.1.55555.1", false, "\x05\x00"s}};
    });
    with("expires in twelve hours", [](CertificateSpec& one) { one.not_after = now() + 12h; });
    with("issued a minute ago", [](CertificateSpec& one) { one.not_before = now() - 60s; });
}

void lists(Catalogue& all) {
    const std::string kind = "healthy: revocation";
    const auto with = [&](const std::string& name, CrlSpec list) -> Scenario& {
        const std::string file = "good" + std::to_string(all.scenarios().size()) + ".crl";
        auto spec = all.server();
        spec.crl_distribution_points = "URI:" + all.web.url(file);
        if (list.issuing_distribution_point == "its own") {
            list.issuing_distribution_point = "critical,fullname:URI:" + all.web.url(file) + ",onlyuser:TRUE";
        }
        Page page;
        page.body = make_crl(list, all.root);
        all.web.publish(file, std::move(page));
        return all.add_chain(kind, name, healthy(), {issue(spec, all.root)});
    };
    with("list that names nobody", {});
    CrlSpec others;
    others.revoked = {{"1234"}, {"5678", now() - 1h, "keyCompromise"}};
    with("list that names others", others);
    CrlSpec point;
    point.issuing_distribution_point = "its own";
    with("list of the certificate's own distribution point", point);
    with("list, revocation = strict", {}).settings["revocation"] = "strict";

    auto dead = all.server();
    dead.crl_distribution_points = "URI:" + all.web.dead_url("gone.crl");
    all.add_chain(kind, "dead list, revocation = off", healthy(), {issue(dead, all.root)})
        .settings["revocation"] = "off";

    Page page;
    page.body = make_crl({}, all.root);
    const std::string there = all.web.publish("there.crl", std::move(page));
    Page moved;
    moved.status = "301 Moved Permanently";
    moved.headers = "Location: " + there + "\r\n";
    auto spec = all.server();
    spec.crl_distribution_points = "URI:" + all.web.publish("moved.crl", std::move(moved));
    all.add_chain(kind, "list moved to another place", healthy(), {issue(spec, all.root)});
}

void responses(Catalogue& all) {
    const std::string kind = "healthy: revocation";
    const auto asked = [&](const std::string& name, const Identity& signer) {
        const std::string path = "good-ocsp" + std::to_string(all.scenarios().size());
        auto spec = all.server();
        spec.authority_info_access = "OCSP;URI:" + all.web.url(path);
        const auto server = issue(spec, all.root);
        test::OcspSpec response;
        response.singles = {{server, all.root}};
        Page page;
        page.type = "application/ocsp-response";
        page.body = make_ocsp(response, signer);
        all.web.publish(path, std::move(page));
        all.add_chain(kind, name, healthy(), {server});
    };
    asked("OCSP, signed by the authority", all.root);
    asked("OCSP, signed by its responder", issue(test::responder_spec("CN=Responder"), all.root));
    auto spec = all.server();
    spec.must_staple = true;
    const auto server = issue(spec, all.root);
    TlsSettings settings;
    settings.chain = {server};
    settings.staple = test::ocsp_good(server, all.root);
    all.add_tls(kind, "must-staple, stapled", healthy(), std::move(settings));
}

void smtp(Catalogue& all) {
    const std::string kind = "healthy: SMTP";
    const auto with = [&](const std::string& name, const std::function<void(Dialogue&)>& change) {
        Dialogue dialogue;
        change(dialogue);
        all.add_dialogue(kind, name, healthy(), std::move(dialogue));
    };
    with("greeting of many lines", [](Dialogue& one) {
        one.greeting = "220-mx.smart.example ESMTP\r\n220-no spam, please\r\n220 ready\r\n";
    });
    with("greeting without ESMTP", [](Dialogue& one) { one.greeting = "220 mx\r\n"; });
    with("starttls in lower case", [](Dialogue& one) { one.ehlo = "250-mx\r\n250 starttls\r\n"; });
    with("many extensions", [](Dialogue& one) {
        one.ehlo =
            "250-mx.smart.example at your service\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n250-STARTTLS\r\n"
            "250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n";
    });
    with("lines end with LF only", [](Dialogue& one) {
        one.greeting = "220 mx\n";
        one.ehlo = "250-mx\n250 STARTTLS\n";
        one.starttls = "220 go\n";
    });
    with("reply of many lines to STARTTLS", [](Dialogue& one) { one.starttls = "220-wait\r\n220 go\r\n"; });
    with("other extensions in TLS",
         [](Dialogue& one) { one.ehlo_in_tls = "250-mx\r\n250 SIZE 1000000\r\n"; });
}

} // namespace

void add_healthy_scenarios(Catalogue& all) {
    tls(all);
    keys(all);
    chains(all);
    contents(all);
    lists(all);
    responses(all);
    smtp(all);
}

} // namespace sendconnector::fault_host
