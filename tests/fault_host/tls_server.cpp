// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/tls_server.hpp"

#include "tests/pki/handles.hpp"

#include <openssl/ssl.h>

#include <cstring>

namespace sendconnector::fault_host {
namespace {

using test::Identity;
using test::must;

void use_chain(SSL_CTX* context, const std::vector<Identity>& chain) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        if (i == 0) {
            must(SSL_CTX_use_certificate(context, chain[0].native()), "certificate");
            must(SSL_CTX_use_PrivateKey(context, chain[0].key().native()), "key");
        } else {
            must(SSL_CTX_add1_chain_cert(context, chain[i].native()), "chain");
        }
    }
}

// Any client certificate will do: who the client is does not matter here.
int take_any(int, X509_STORE_CTX*) {
    return 1;
}

int staple(SSL* ssl, void* argument) {
    const auto& octets = static_cast<const TlsSettings*>(argument)->staple;
    if (octets.empty()) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    auto* copy = static_cast<unsigned char*>(OPENSSL_malloc(octets.size()));
    std::memcpy(copy, octets.data(), octets.size());
    // OpenSSL 3.5 takes a const pointer and hides it behind a macro; SSL_ctrl() is what both have.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, static_cast<long>(octets.size()), copy);
    return SSL_TLSEXT_ERR_OK;
}

int refuse_name(SSL* ssl, int* alert, void*) {
    if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == nullptr) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_by_name(SSL* ssl, int*, void* argument) {
    if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == nullptr) {
        SSL_set_SSL_CTX(ssl, static_cast<SSL_CTX*>(argument));
    }
    return SSL_TLSEXT_ERR_OK;
}

// OpenSSL's macros for these cast in C's manner.
template <typename Function>
void set_callback(SSL_CTX* context, int which, Function* function, void* argument, int which_argument) {
    SSL_CTX_callback_ctrl(context, which, reinterpret_cast<void (*)()>(function));
    SSL_CTX_ctrl(context, which_argument, 0, argument);
}

void set_name_callback(SSL_CTX* context, int (*function)(SSL*, int*, void*), void* argument) {
    set_callback(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, function, argument,
                 SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG);
}

std::shared_ptr<SSL_CTX> make(TlsSettings& settings, const std::vector<Identity>& chain) {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX* const made = context.get();
    SSL_CTX_set_security_level(made, 0); // weak keys and old versions are wanted here
    must(SSL_CTX_set_min_proto_version(made, settings.minimum), "lowest version");
    must(SSL_CTX_set_max_proto_version(made, settings.maximum), "highest version");
    SSL_CTX_set_options(made, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!settings.ciphers.empty()) {
        must(SSL_CTX_set_cipher_list(made, settings.ciphers.c_str()), "ciphers");
    }
    if (!settings.suites.empty()) {
        must(SSL_CTX_set_ciphersuites(made, settings.suites.c_str()), "suites");
    }
    if (!settings.groups.empty()) {
        must(SSL_CTX_set1_groups_list(made, settings.groups.c_str()), "groups");
    }
    SSL_CTX_set_dh_auto(made, settings.small_diffie_hellman ? 2 : 1);
    use_chain(made, chain);
    if (settings.ask_client_certificate || settings.demand_client_certificate) {
        const int must_come = settings.demand_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(made, SSL_VERIFY_PEER | must_come, take_any);
        SSL_CTX_set_cert_verify_callback(
            made, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
        SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    }
    set_callback(made, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, staple, &settings,
                 SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG);
    return context;
}

} // namespace

TlsServer::TlsServer(TlsSettings settings)
    : m_settings(std::move(settings)), m_context(make(m_settings, m_settings.chain)) {
    if (m_settings.refuse_server_name) {
        set_name_callback(m_context.get(), refuse_name, nullptr);
    }
    if (!m_settings.chain_without_name.empty()) {
        m_without_name = make(m_settings, m_settings.chain_without_name);
        set_name_callback(m_context.get(), choose_by_name, m_without_name.get());
    }
}

std::shared_ptr<ssl_st> TlsServer::session() const {
    const std::shared_ptr<SSL> ssl(SSL_new(m_context.get()), SSL_free);
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl.get(), in, out); // takes both
    SSL_set_accept_state(ssl.get());
    return ssl;
}

} // namespace sendconnector::fault_host
