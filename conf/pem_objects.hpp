// SPDX-License-Identifier: Apache-2.0
// What is in a PEM text: certificates and a private key, as libcrypto holds them.
#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string>
#include <vector>

namespace sendconnector::conf {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using CertificateHandle = std::unique_ptr<X509, Release<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

struct PemCertificates {
    std::vector<CertificateHandle> certificates; // in order, up to the first that does not parse
    bool damaged = false;                        // something that looks like one does not
};
PemCertificates certificates_in(const std::string& bytes);

struct PemKey {
    KeyHandle key;       // nullptr: there is none that can be used
    bool locked = false; // with a passphrase
};
PemKey private_key_in(const std::string& bytes);

// "2026-01-31 12:00 UTC"
std::string date_of(const ASN1_TIME* time);

} // namespace sendconnector::conf
