// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/path_check.hpp"

#include <cstdint>
#include <openssl/evp.h>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;

void wrong(const Certificate& certificate, std::vector<CertificateFlaw>& flaws, std::string text) {
    add_flaw(flaws, flaw(Reason::wrong_purpose, &certificate, std::move(text)));
}

// Without the extension it is for everything. anyExtendedKeyUsage and the step-up purposes of the nineties do
// not stand for serverAuth: neither do they at smtp(8).
bool lacks_server_authentication(const Certificate& certificate) {
    return (X509_get_extension_flags(certificate.native()) & EXFLAG_XKUSAGE) != 0 &&
           (X509_get_extended_key_usage(certificate.native()) & XKU_SSL_SERVER) == 0;
}

} // namespace

void check_server_purpose(const Certificate& certificate, std::vector<CertificateFlaw>& flaws) {
    const ErrorQueue errors;
    if (lacks_server_authentication(certificate))
        wrong(certificate, flaws, "its extendedKeyUsage does not have serverAuth");
    if ((X509_get_extension_flags(certificate.native()) & EXFLAG_KUSAGE) == 0)
        return;
    const auto usage = X509_get_key_usage(certificate.native());
    const auto* key = X509_get0_pubkey(certificate.native());
    // An RSA key may also be for the old key exchange of TLS 1.2; all others only sign.
    const bool may_encipher = key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1;
    const auto wanted = may_encipher ? KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT : KU_DIGITAL_SIGNATURE;
    if ((usage & static_cast<std::uint32_t>(wanted)) == 0)
        wrong(certificate, flaws, "its keyUsage does not allow TLS (digitalSignature)");
}

void check_authority_purpose(const Certificate& certificate, std::vector<CertificateFlaw>& flaws) {
    const ErrorQueue errors;
    const auto extension_flags = X509_get_extension_flags(certificate.native());
    // Very old roots know no basicConstraints.
    const bool old_root = X509_get_version(certificate.native()) == 0 && (extension_flags & EXFLAG_SS) != 0;
    if ((extension_flags & EXFLAG_CA) == 0 && !old_root)
        wrong(certificate, flaws, "it is no CA (basicConstraints), but has issued a certificate");
    if ((extension_flags & EXFLAG_KUSAGE) != 0 &&
        (X509_get_key_usage(certificate.native()) & KU_KEY_CERT_SIGN) == 0)
        wrong(certificate, flaws, "its keyUsage does not allow it to issue certificates (keyCertSign)");
    if (lacks_server_authentication(certificate))
        wrong(certificate, flaws, "its extendedKeyUsage does not allow it to issue for servers (serverAuth)");
}

} // namespace sendconnector::policy
