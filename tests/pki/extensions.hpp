// SPDX-License-Identifier: Apache-2.0
// Extensions of certificates, lists and responses, from the words of x509v3_config(5).
#pragma once

#include "tests/pki/handles.hpp"
#include "tests/pki/identity.hpp"

#include <openssl/conf.h>
#include <openssl/x509v3.h>

namespace sendconnector::test {

using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using Configuration = Handle<CONF, NCONF_free>;

Configuration configuration(const std::string& sections);
Extension extension(X509V3_CTX& context, CONF* configuration, int nid, const std::string& value);
Extension extension(const ExtraExtension& extra);
// The names as CertificateSpec::alternative_names writes them.
Handle<GENERAL_NAMES, GENERAL_NAMES_free> general_names(const std::vector<std::string>& names);

Handle<X509_NAME, X509_NAME_free> native(const Name& name);
Handle<ASN1_INTEGER, ASN1_INTEGER_free> integer(const std::string& hexadecimal);
Handle<ASN1_TIME, ASN1_TIME_free> asn1_time(Time time);
Handle<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free> generalized_time(Time time);

// A signing context for `key`; Ed25519 and Ed448 take no digest.
Handle<EVP_MD_CTX, EVP_MD_CTX_free> signing(const Key& key, const std::string& digest, bool pss);
void break_signature(const ASN1_BIT_STRING* signature);

} // namespace sendconnector::test
