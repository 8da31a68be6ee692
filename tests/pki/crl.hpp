// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists made to measure (RFC 5280 5).
#pragma once

#include "tests/pki/identity.hpp"

#include <string>
#include <vector>

namespace sendconnector::test {

struct RevokedEntry {
    std::string serial = {}; // Identity::serial()
    Time date = now() - std::chrono::hours(1);
    // "keyCompromise", "superseded", "certificateHold", "removeFromCRL", ...; "" leaves the extension out.
    std::string reason = {};
    std::optional<Name> certificate_issuer = {}; // of an indirect list
    std::vector<ExtraExtension> extra = {};
};

struct CrlSpec {
    std::vector<RevokedEntry> revoked = {};
    Time this_update = now() - std::chrono::hours(1);
    std::optional<Time> next_update = now() + std::chrono::hours(24);
    int version = 2;             // with 1, no extension at all is written
    std::string number = "1";    // hexadecimal; "" leaves cRLNumber out
    std::string delta_base = {}; // hexadecimal; "" is a full list
    // As in x509v3_config(5): "critical,fullname:URI:http://...,onlyuser:TRUE,onlyCA:TRUE,onlyAA:TRUE,
    // indirectCRL:TRUE,onlysomereasons:keyCompromise" (or a section of `sections`). "" leaves it out.
    std::string issuing_distribution_point = {};
    std::string freshest_crl = {}; // "URI:http://..."
    std::string authority_key_identifier = "keyid:always";
    std::vector<ExtraExtension> extra = {};
    std::string sections = {};

    std::string digest = "SHA256";
    bool pss = false;
    bool broken_signature = false;
    std::optional<Name> issuer_name = {}; // other than the signer's subject
};

// DER. A wrong signer is one with the issuer's name and another key.
std::string make_crl(const CrlSpec& spec, const Identity& signer);
std::string crl_pem(const std::string& der);

} // namespace sendconnector::test
