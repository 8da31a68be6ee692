// SPDX-License-Identifier: Apache-2.0
// OCSP responses made to measure (RFC 6960).
#pragma once

#include "tests/pki/identity.hpp"

#include <string>
#include <vector>

namespace sendconnector::test {

// One single response. A wrong certID is one about another certificate, or with another issuer.
struct OcspSingle {
    Identity certificate;
    Identity issuer;
    enum class State { good, revoked, unknown };
    State state = State::good;
    Time this_update = now() - std::chrono::hours(1);
    std::optional<Time> next_update = now() + std::chrono::hours(24);
    Time revoked_at = now() - std::chrono::hours(2);
    int reason = -1;                        // CRLReason, -1 for none
    std::string id_digest = "SHA1";         // of the certID
    std::vector<ExtraExtension> extra = {}; // singleExtensions
};

struct OcspSpec {
    std::vector<OcspSingle> singles = {};
    int status = 0; // responseStatus; other than 0 (successful), the response has no more
    Time produced_at = now() - std::chrono::hours(1);
    bool responder_by_key = false;           // ResponderID; else by name
    std::string nonce = {};                  // octets; "" leaves it out
    std::vector<Identity> certificates = {}; // sent along
    bool send_signer = true;                 // the signer's certificate is sent along
    std::vector<ExtraExtension> extra = {};  // responseExtensions
    std::string digest = "SHA256";
    bool broken_signature = false;
    std::string response_type = {}; // an OID other than id-pkix-ocsp-basic
};

// DER. The signer is the issuer itself, or a responder_spec() certificate that it issued, or a wrong one.
std::string make_ocsp(const OcspSpec& spec, const Identity& signer);

// The one most tests want: good (or else) for `certificate`, signed by its issuer.
std::string ocsp_good(const Identity& certificate, const Identity& issuer);
std::string ocsp_revoked(const Identity& certificate, const Identity& issuer);

// DER of the answer to a DER OCSPRequest for a server that plays a responder: `known` decides for each certID
// whose serial number it holds; others are "unknown". The nonce is echoed.
std::string answer_ocsp(const std::string& request, const std::vector<OcspSingle>& known,
                        const Identity& signer);

} // namespace sendconnector::test
