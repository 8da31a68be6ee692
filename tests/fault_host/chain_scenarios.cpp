// SPDX-License-Identifier: Apache-2.0
// Faults of the certificate: the path, its dates, and what its certificates are for.
#include "tests/fault_host/catalogue.hpp"

namespace sendconnector::fault_host {
namespace {

using namespace std::chrono_literals;
using test::ca_spec;
using test::CertificateSpec;
using test::Identity;
using test::issue;
using test::self_signed;

void paths(Catalogue& all) {
    const std::string kind = "certificate: chain";
    const auto stranger = self_signed(ca_spec("CN=Stranger Root"));
    all.add_chain(kind, "self-signed, not trusted", wrong_certificate("UntrustedRoot"),
                  {self_signed(all.server())});
    const auto strange = issue(all.server(), stranger);
    all.add_chain(kind, "unknown authority, its root sent along", wrong_certificate("UntrustedRoot"),
                  {strange, stranger});
    all.add_chain(kind, "unknown authority, its root not sent", wrong_certificate("PartialChain"), {strange});
    const auto below = issue(all.server(), all.intermediate);
    all.add_chain(kind, "intermediate certificate not sent", wrong_certificate("PartialChain"), {below});
    const auto impostor = self_signed(ca_spec("CN=Fault Root, O=Throw-Away"));
    all.add_chain(kind, "root of the trusted name with another key, sent along",
                  wrong_certificate("UntrustedRoot or BadSignature or PartialChain"),
                  {issue(all.server(), impostor), impostor});
    const auto other_middle = issue(ca_spec("CN=Fault Intermediate, O=Throw-Away"), all.root);
    all.add_chain(kind, "intermediate of the right name with another key",
                  wrong_certificate("BadSignature or PartialChain"), {below, other_middle});
    auto broken = all.server();
    broken.broken_signature = true;
    all.add_chain(kind, "signature broken", wrong_certificate("BadSignature"), {issue(broken, all.root)});
    auto broken_middle = ca_spec("CN=Broken Intermediate");
    broken_middle.broken_signature = true;
    const auto middle = issue(broken_middle, all.root);
    all.add_chain(kind, "signature of the intermediate broken", wrong_certificate("BadSignature"),
                  {issue(all.server(), middle), middle});
    all.add_chain(kind, "issued by another server's certificate", wrong_certificate("WrongPurpose"),
                  {issue(all.server(), all.good), all.good});
}

void lengths(Catalogue& all) {
    const std::string kind = "certificate: chain";
    std::vector<Identity> chain{all.root};
    for (int i = 1; i <= 12; ++i) {
        chain.insert(chain.begin(), issue(ca_spec("CN=Intermediate " + std::to_string(i)), chain.front()));
    }
    chain.insert(chain.begin(), issue(all.server(), chain.front()));
    chain.pop_back();
    all.add_chain(kind, "twelve intermediates", wrong_certificate("ChainTooLong"), chain);
    auto short_path = ca_spec("CN=Path Length Zero");
    short_path.basic_constraints = "critical,CA:TRUE,pathlen:0";
    const auto upper = issue(short_path, all.root);
    const auto lower = issue(ca_spec("CN=Below Path Length Zero"), upper);
    all.add_chain(kind, "path length exceeded", wrong_certificate("PathLength"),
                  {issue(all.server(), lower), lower, upper});
}

void authorities(Catalogue& all) {
    const std::string kind = "certificate: purpose";
    const auto below = [&](const std::string& name, const CertificateSpec& authority,
                           const std::string& reason) {
        const auto middle = issue(authority, all.root);
        all.add_chain(kind, name, wrong_certificate(reason), {issue(all.server(), middle), middle});
    };
    auto no_ca = ca_spec("CN=Not a CA");
    no_ca.basic_constraints = "critical,CA:FALSE";
    below("intermediate is no CA (CA:FALSE)", no_ca, "WrongPurpose");
    auto unmarked = ca_spec("CN=Unmarked CA");
    unmarked.basic_constraints = "";
    below("intermediate without basicConstraints", unmarked, "WrongPurpose");
    auto no_signing = ca_spec("CN=May Not Sign");
    no_signing.key_usage = "critical,digitalSignature,cRLSign";
    below("intermediate may not sign certificates (keyUsage)", no_signing, "WrongPurpose");
    auto old = ca_spec("CN=Version One");
    old.version = 1;
    below("intermediate of version 1", old, "WrongPurpose");
    auto clients = ca_spec("CN=Clients Only");
    clients.extended_key_usage = "clientAuth";
    below("intermediate for client certificates only", clients, "WrongPurpose");
}

void purposes(Catalogue& all) {
    const std::string kind = "certificate: purpose";
    const auto usage = [&](const std::string& name, const std::string& key_usage,
                           const std::string& extended) {
        auto spec = all.server();
        spec.key_usage = key_usage;
        spec.extended_key_usage = extended;
        all.add_chain(kind, name, wrong_certificate("WrongPurpose"), {issue(spec, all.root)});
    };
    usage("for clients only", "critical,digitalSignature", "clientAuth");
    usage("for code signing only", "critical,digitalSignature", "codeSigning");
    usage("for OCSP signing only", "critical,digitalSignature", "OCSPSigning");
    usage("key for signing lists only (keyUsage)", "critical,cRLSign", "serverAuth");
}

void dates(Catalogue& all) {
    const std::string kind = "certificate: validity";
    const auto now = test::now();
    const auto server = [&](const std::string& name, test::Time from, test::Time until,
                            const std::string& reason) {
        auto spec = all.server();
        spec.not_before = from;
        spec.not_after = until;
        all.add_chain(kind, name, wrong_certificate(reason), {issue(spec, all.root)});
    };
    server("expired a year ago", now - 2 * 8760h, now - 8760h, "CertExpired");
    server("expired a second ago", now - 24h, now - 1s, "CertExpired");
    server("valid from tomorrow", now + 24h, now + 48h, "NotYetValid");
    server("valid from in an hour", now + 1h, now + 48h, "NotYetValid");
    server("ends before it begins", now + 24h, now - 24h, "NotYetValid or CertExpired");
    const auto authority = [&](const std::string& name, test::Time from, test::Time until,
                               const std::string& reason) {
        auto spec = ca_spec("CN=" + name);
        spec.not_before = from;
        spec.not_after = until;
        const auto middle = issue(spec, all.root);
        all.add_chain(kind, name, wrong_certificate(reason), {issue(all.server(), middle), middle});
    };
    authority("intermediate expired", now - 48h, now - 1h, "CertExpired");
    authority("intermediate not yet valid", now + 24h, now + 48h, "NotYetValid");
    auto spec = ca_spec("CN=Expired Root");
    spec.not_after = now - 1h;
    const auto expired_root = self_signed(spec);
    all.add_chain(kind, "trusted root expired", wrong_certificate("CertExpired"),
                  {issue(all.server(), expired_root)})
        .anchors = {expired_root, all.root}; // expired ones alone are refused as a configuration
}

} // namespace

void add_chain_scenarios(Catalogue& all) {
    paths(all);
    lengths(all);
    dates(all);
    purposes(all);
    authorities(all);
}

} // namespace sendconnector::fault_host
