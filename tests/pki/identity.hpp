// SPDX-License-Identifier: Apache-2.0
// Certificates made to measure. A CertificateSpec says what is in one; self_signed() and issue() make an
// Identity, the certificate with its key:
//
//     const auto root = self_signed(ca_spec("CN=Root"));
//     const auto server = issue(server_spec("mail.contoso.com"), root);
//     auto expired = server_spec("mail.contoso.com");
//     expired.not_after = now() - std::chrono::hours(1);
//     const auto bad = issue(expired, root);
//
// Extensions are written as in openssl.cnf(5), x509v3_config(5): "critical,CA:TRUE,pathlen:0". "" leaves one
// out.
#pragma once

#include "tests/pki/key.hpp"
#include "tests/pki/name.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct x509_st;

namespace sendconnector::test {

using Time = std::chrono::sys_seconds;
// The moment at which the process first asked: what is made is valid around it.
Time now();

struct ExtraExtension {
    std::string oid = {}; // "1.2.3.4"
    bool critical = false;
    std::string der = {}; // its value
};

struct CertificateSpec {
    Name subject = "CN=test";
    Key key = fresh_key();
    // "DNS:mail.contoso.com", "IP:192.0.2.1", "email:a@b", "URI:...", "dirName:CN=x, O=y". What follows
    // "DNS:", "email:" and "URI:" is taken as it is, NUL and all; "IPraw:" takes octets.
    std::vector<std::string> alternative_names = {};
    bool alternative_names_critical = false;
    Time not_before = now() - std::chrono::hours(24);
    Time not_after = now() + std::chrono::hours(24 * 90);
    // Hexadecimal, "-1" and "0" as well; empty: random.
    std::string serial = {};
    int version = 3; // with 1, no extension at all is written

    std::string basic_constraints = {};  // "critical,CA:TRUE,pathlen:0"
    std::string key_usage = {};          // "critical,keyCertSign,cRLSign"
    std::string extended_key_usage = {}; // "serverAuth,clientAuth"
    std::string name_constraints = {}; // "critical,permitted;DNS:contoso.com,excluded;IP:10.0.0.0/255.0.0.0"
    std::string certificate_policies = {};    // "1.2.3.4,2.5.29.32.0"
    std::string policy_constraints = {};      // "critical,requireExplicitPolicy:0,inhibitPolicyMapping:0"
    std::string policy_mappings = {};         // "critical,1.2.3:1.2.4"
    std::string inhibit_any_policy = {};      // "critical,0"
    std::string crl_distribution_points = {}; // "URI:http://127.0.0.1:8080/a.crl", or "section" of `sections`
    std::string freshest_crl = {};
    std::string authority_info_access = {}; // "OCSP;URI:http://127.0.0.1:8080/,caIssuers;URI:http://..."
    std::string subject_key_identifier = "hash";
    std::string authority_key_identifier = "keyid:always";
    bool must_staple = false;               // RFC 7633
    bool ocsp_no_check = false;             // for a responder's certificate
    std::vector<ExtraExtension> extra = {}; // after the others; may repeat one
    // Configuration text for extensions that point to a section, such as
    // "[dp]\nfullname=URI:http://...\nreasons=keyCompromise\nCRLissuer=dirName:who\n[who]\nCN=Other\n".
    std::string sections = {};

    std::string digest = "SHA256"; // of the signature, which the issuer's key makes; "MD5", "SHA1", ...
    bool pss = false;              // RSASSA-PSS
    bool broken_signature = false;
    std::optional<Name> issuer_name = {}; // other than the issuer's own
};

// A CA: basicConstraints and keyUsage critical, ten years.
CertificateSpec ca_spec(const Name& subject);
// A server: the host as a DNS name (an IP address as such), serverAuth, 90 days; subject "CN=host".
CertificateSpec server_spec(const std::string& host);
// An OCSP responder that a CA delegates to: OCSPSigning, no check.
CertificateSpec responder_spec(const Name& subject);

class Identity {
public:
    Identity(std::shared_ptr<x509_st> certificate, Key key)
        : m_certificate(std::move(certificate)), m_key(std::move(key)) {}

    std::string der() const;
    std::string pem() const;     // the certificate
    std::string key_pem() const; // the key
    std::string serial() const;  // upper-case hexadecimal, as `serial` of a CertificateSpec takes it
    const Key& key() const { return m_key; }
    x509_st* native() const { return m_certificate.get(); }

private:
    std::shared_ptr<x509_st> m_certificate;
    Key m_key;
};

Identity self_signed(const CertificateSpec& spec);
// Cross-signing is issuing the same subject and key from two issuers.
Identity issue(const CertificateSpec& spec, const Identity& issuer);
// The PEM form of all, in order.
std::string pem(const std::vector<Identity>& identities);

} // namespace sendconnector::test
