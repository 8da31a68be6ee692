// SPDX-License-Identifier: Apache-2.0
// Faults of the certificate: names, constraints, strength.
#include "tests/fault_host/catalogue.hpp"

namespace sendconnector::fault_host {
namespace {

using namespace std::string_literals;
using test::ca_spec;
using test::CertificateSpec;
using test::issue;
using test::Key;
using test::self_signed;

Scenario& with_names(Catalogue& all, const std::string& name, std::vector<std::string> names) {
    auto spec = all.server();
    spec.alternative_names = std::move(names);
    return all.add_chain("certificate: names", name, wrong_name(), {issue(spec, all.root)});
}

void names(Catalogue& all) {
    with_names(all, "another host", {"DNS:mx.other.example"});
    with_names(all, "a subdomain of the name", {"DNS:a.mx.smart.example"});
    with_names(all, "the parent domain", {"DNS:smart.example"});
    with_names(all, "the name in CN only", {});
    with_names(all, "the name in CN, another as alternative name", {"DNS:mx.other.example"});
    with_names(all, "the name with text after a NUL octet", {"DNS:mx.smart.example\0.evil.example"s});
    with_names(all, "the name as an e-mail address", {"email:postmaster@mx.smart.example"});
    with_names(all, "the name as a URI", {"URI:https://mx.smart.example/"});
    with_names(all, "an IP address only", {"IP:127.0.0.1"});
    with_names(all, "the name with a blank before it", {"DNS: mx.smart.example"});
    with_names(all, "the name of another with ours at its end", {"DNS:evilmx.smart.example"});
    with_names(all, "wildcard over two labels", {"DNS:*.example"});
    with_names(all, "wildcard below the name", {"DNS:*.mx.smart.example"});
    with_names(all, "wildcard for a part of a label", {"DNS:m*.smart.example"});
    with_names(all, "wildcard not the leftmost label", {"DNS:mx.*.example"});
    with_names(all, "two wildcards", {"DNS:*.*.example"});
    with_names(all, "wildcard alone", {"DNS:*"});
    with_names(all, "TlsDomain *.smart.example, the parent itself", {"DNS:smart.example"}).tls_domain =
        "*.smart.example";
    with_names(all, "TlsDomain *.smart.example, a look-alike", {"DNS:mx.evilsmart.example"}).tls_domain =
        "*.smart.example";
    with_names(all, "TlsDomain *.smart.example, wildcard of the parent", {"DNS:*.example"}).tls_domain =
        "*.smart.example";
}

void constraints(Catalogue& all) {
    const std::string kind = "certificate: constraints";
    const auto below = [&](const std::string& name, const std::string& name_constraints,
                           const CertificateSpec& server) {
        auto authority = ca_spec("CN=Constrained CA");
        authority.name_constraints = name_constraints;
        authority.sections = "[permitted]\nO=Permitted\n";
        const auto middle = issue(authority, all.root);
        all.add_chain(kind, name, wrong_certificate("NameConstraint"), {issue(server, middle), middle});
    };
    below("authority for another domain only", "critical,permitted;DNS:other.example", all.server());
    below("authority not for this domain", "critical,excluded;DNS:smart.example", all.server());
    auto wildcard = all.server();
    wildcard.alternative_names = {"DNS:*.smart.example"};
    below("wildcard that covers an excluded name", "critical,excluded;DNS:mx.smart.example", wildcard);
    auto named = all.server();
    named.subject = "CN=mx.smart.example, O=Other";
    below("authority for another organisation only", "critical,permitted;dirName:permitted", named);
    auto address = all.server();
    address.alternative_names.push_back("IP:10.1.2.3");
    below("authority not for this address", "critical,excluded;IP:10.0.0.0/255.0.0.0", address);
    auto policy = ca_spec("CN=Policy CA");
    policy.policy_constraints = "critical,requireExplicitPolicy:0";
    policy.certificate_policies = "1.2.3.4";
    const auto demanding = issue(policy, all.root);
    all.add_chain(kind, "required policy missing", wrong_certificate("PolicyConstraint"),
                  {issue(all.server(), demanding), demanding});
}

void extensions(Catalogue& all) {
    const std::string kind = "certificate: constraints";
    auto server = all.server();
    server.extra = {{"1.3.6.1.4.1.55555.1", true, "\x05\x00"s}};
    all.add_chain(kind, "unknown critical extension", wrong_certificate("UnknownExtension"),
                  {issue(server, all.root)});
    auto authority = ca_spec("CN=CA With an Unknown Extension");
    authority.extra = server.extra;
    const auto middle = issue(authority, all.root);
    all.add_chain(kind, "unknown critical extension of the intermediate",
                  wrong_certificate("UnknownExtension"), {issue(all.server(), middle), middle});
}

void strength(Catalogue& all) {
    const std::string kind = "certificate: strength";
    auto spec = ca_spec("CN=Fault RSA Root");
    spec.key = Key::rsa();
    const auto root = self_signed(spec);
    const auto server = [&](const std::string& name, const std::string& reason, const Key& key,
                            const std::string& digest) {
        auto weak = all.server();
        weak.key = key;
        weak.digest = digest;
        all.add_chain(kind, name, wrong_certificate(reason), {issue(weak, root)}).anchors = {root};
    };
    server("RSA key of 1024 bits", "WeakKey", Key::rsa(1024), "SHA256");
    server("RSA key of 1536 bits", "WeakKey", Key::rsa(1536), "SHA256");
    server("signed with SHA-1", "WeakSignature", test::fresh_key(), "SHA1");
    server("signed with MD5", "WeakSignature", test::fresh_key(), "MD5");
    const auto authority = [&](const std::string& name, const std::string& reason, const Key& key,
                               const std::string& digest) {
        auto weak = ca_spec("CN=" + name);
        weak.key = key;
        weak.digest = digest;
        const auto middle = issue(weak, root);
        all.add_chain(kind, name, wrong_certificate(reason), {issue(all.server(), middle), middle})
            .anchors = {root};
    };
    authority("intermediate with an RSA key of 1024 bits", "WeakKey", Key::rsa(1024, 1), "SHA256");
    authority("intermediate signed with SHA-1", "WeakSignature", test::fresh_key(), "SHA1");
    auto small = ca_spec("CN=Small Root");
    small.key = Key::rsa(1024, 2);
    const auto small_root = self_signed(small);
    all.add_chain(kind, "trusted root with an RSA key of 1024 bits", wrong_certificate("WeakKey"),
                  {issue(all.server(), small_root)})
        .anchors = {small_root};
}

} // namespace

void add_content_scenarios(Catalogue& all) {
    names(all);
    constraints(all);
    extensions(all);
    strength(all);
}

} // namespace sendconnector::fault_host
