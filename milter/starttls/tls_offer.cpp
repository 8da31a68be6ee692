// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/tls_offer.hpp"

#include <openssl/ssl.h>

namespace sendconnector::starttls {

namespace {

constexpr const char* cipher_list = "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH:!aNULL";

int version_of(policy::TlsProtocol protocol) {
    switch (protocol) {
    case policy::TlsProtocol::tls_1_0:
        return TLS1_VERSION;
    case policy::TlsProtocol::tls_1_1:
        return TLS1_1_VERSION;
    case policy::TlsProtocol::tls_1_2:
        return TLS1_2_VERSION;
    case policy::TlsProtocol::tls_1_3:
        break;
    }
    return TLS1_3_VERSION;
}

int no_passphrase(char*, int, int, void*) {
    return -1;
}

} // namespace

bool offer_as_smtp(SSL_CTX* context, policy::TlsProtocol minimum) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    return SSL_CTX_set_cipher_list(context, cipher_list) == 1 &&
           SSL_CTX_set_min_proto_version(context, version_of(minimum)) == 1 &&
           SSL_CTX_set_max_proto_version(context, 0) == 1;
}

} // namespace sendconnector::starttls
