// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe_tls.hpp"

#include "milter/starttls/smtp_reply.hpp"
#include "milter/starttls/tls_offer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t certificates_kept = 100;  // libssl bounds the octets (100 KiB)
constexpr int alert_certificate_required = 116; // RFC 8446 6.2

// A terminal must never be asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

std::string last_error() {
    const auto code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason != nullptr ? reason : "no reason given";
}

using Memory = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using X509Handle = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
using KeyHandle = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

Memory reading(const std::string& text) {
    if (text.size() > std::numeric_limits<int>::max()) {
        return nullptr;
    }
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string der(X509* x509) {
    unsigned char* octets = nullptr;
    const int size = i2d_X509(x509, &octets);
    if (size < 0) {
        return {};
    }
    std::string copy(octets, octets + size);
    OPENSSL_free(octets);
    return copy;
}

bool is_tls_record(char octet) {
    return octet >= 20 && octet <= 23;
} // RFC 8446 5.1

} // namespace

Result<std::unique_ptr<ProbeTls>> ProbeTls::create(const ProbeIdentity& identity) {
    ERR_clear_error();
    std::unique_ptr<ProbeTls> tls(new ProbeTls);
    tls->m_minimum = identity.minimum;
    tls->m_context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = tls->m_context.get();
    if (context == nullptr) {
        return fail("no TLS: " + last_error());
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_cert_verify_callback(context, keep_chain, tls.get());
    SSL_CTX_set_cert_cb(context, certificate_wanted, tls.get());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (!offer_as_smtp(context, identity.minimum)) {
        return fail("no TLS: " + last_error());
    }
    if (identity.certificate) {
        if (auto used = tls->use(*identity.certificate); !used) {
            return tl::unexpected(std::move(used.error()));
        }
    }

    tls->m_ssl.reset(SSL_new(context));
    Memory in(BIO_new(BIO_s_mem()));
    Memory out(BIO_new(BIO_s_mem()));
    if (!tls->m_ssl || !in || !out) {
        return fail("no TLS: " + last_error());
    }
    SSL* ssl = tls->m_ssl.get();
    tls->m_in = in.release();
    tls->m_out = out.release();
    SSL_set_bio(ssl, tls->m_in, tls->m_out);
    SSL_set_app_data(ssl, tls.get());
    SSL_set_info_callback(ssl, notice_alert);
    SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
    if (auto name = identity.server_name; !name.empty()) {
        if (SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1) {
            return fail(fmt::format("\"{}\" cannot be sent as server name", printable_ascii(name)));
        }
    }
    SSL_set_connect_state(ssl);
    return tls;
}

Result<bool> ProbeTls::use(const OwnCertificate& own) {
    SSL_CTX* context = m_context.get();
    const auto unusable = [](std::string why) {
        ERR_clear_error();
        return fail("the own certificate cannot be used: " + std::move(why));
    };
    const auto chain = reading(own.chain_pem);
    const auto read_next = [&] {
        return X509Handle(chain ? PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr) : nullptr);
    };
    auto x509 = read_next();
    if (!x509) {
        return unusable("there is no certificate in the file");
    }
    if (SSL_CTX_use_certificate(context, x509.get()) != 1) {
        return unusable(last_error());
    }
    while ((x509 = read_next())) {
        if (SSL_CTX_add1_chain_cert(context, x509.get()) != 1) {
            return unusable(last_error());
        }
    }
    const auto end = ERR_peek_last_error();
    if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
        return unusable("a certificate of the chain is malformed: " + last_error());
    }
    ERR_clear_error();

    const auto key_text = reading(own.key_pem);
    const KeyHandle key(key_text ? PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr)
                                 : nullptr);
    if (!key) {
        return unusable("there is no private key that can be read without a passphrase");
    }
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return unusable("the private key is not that of the certificate");
    }
    m_has_own = true;
    return true;
}

// In place of a verification: called for every chain that can be read, in the middle of the handshake.
int ProbeTls::keep_chain(X509_STORE_CTX* store, void* self) {
    try {
        auto& kept = static_cast<ProbeTls*>(self)->m_presented.certificates;
        kept.clear();
        STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
        const auto count = std::min<std::size_t>(static_cast<std::size_t>(std::max(0, sk_X509_num(sent))),
                                                 certificates_kept);
        for (std::size_t i = 0; i < count; ++i) {
            kept.push_back(der(sk_X509_value(sent, static_cast<int>(i))));
        }
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    } catch (...) {
        return 0;
    }
}

int ProbeTls::certificate_wanted(SSL*, void* self) {
    static_cast<ProbeTls*>(self)->m_certificate_wanted = true;
    return 1; // go on with the certificate that is set, or without one
}

void ProbeTls::notice_alert(const SSL* ssl, int where, int value) {
    constexpr int read_alert = SSL_CB_READ_ALERT;
    constexpr int fatal = 2;
    if ((where & read_alert) == read_alert && value >> 8 == fatal) {
        static_cast<ProbeTls*>(SSL_get_app_data(ssl))->m_alert = value & 0xff;
    }
}

ProbeTls::Step ProbeTls::handshake() {
    ERR_clear_error();
    if (!m_first_octets.empty() && !is_tls_record(m_first_octets.front())) {
        m_failure =
            fmt::format("what the server sent is not TLS: \"{}\"", printable_ascii(m_first_octets, 80));
        return Step::failed;
    }
    const auto step = after(SSL_do_handshake(m_ssl.get()));
    m_established = m_established || step == Step::done;
    return step;
}

ProbeTls::Step ProbeTls::send(std::string_view text) {
    ERR_clear_error();
    return after(SSL_write(m_ssl.get(), text.data(), static_cast<int>(text.size())));
}

ProbeTls::Step ProbeTls::receive() {
    ERR_clear_error();
    char text[4096];
    return after(SSL_read(m_ssl.get(), text, sizeof text));
}

void ProbeTls::close() {
    if (m_failure.empty() && m_established) {
        ERR_clear_error();
        SSL_shutdown(m_ssl.get());
        ERR_clear_error();
    }
}

ProbeTls::Step ProbeTls::after(int outcome) {
    if (outcome > 0) {
        return Step::done;
    }
    switch (SSL_get_error(m_ssl.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return Step::more;
    case SSL_ERROR_ZERO_RETURN:
        m_ended = true;
        m_failure = "the server ended the TLS session";
        break;
    default:
        explain(ERR_peek_error());
        break;
    }
    ERR_clear_error();
    return Step::failed;
}

void ProbeTls::explain(unsigned long error) {
    if (m_alert >= 0) {
        m_failure = fmt::format("the server sent the alert \"{}\"", SSL_alert_desc_string_long(m_alert));
        if (m_alert == alert_certificate_required) {
            m_failure = "the server sent the alert \"certificate required\"";
        } else if (m_alert == SSL_AD_PROTOCOL_VERSION) {
            m_failure += fmt::format(": it does not speak {} or newer", to_string(m_minimum));
        }
        if (m_certificate_wanted) {
            m_failure += m_has_own ? " after it was shown the own certificate"
                                   : "; it asked for a client certificate, and none was shown";
        }
        return;
    }
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
        (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_WRONG_SSL_VERSION)) {
        m_failure = fmt::format("the server does not speak {} or newer", to_string(m_minimum));
        return;
    }
    const char* text = ERR_reason_error_string(error);
    m_failure = fmt::format("TLS failed: {}", text != nullptr ? text : "no reason given");
}

void ProbeTls::feed(std::string_view octets) {
    constexpr std::size_t enough = 80;
    if (m_first_octets.size() < enough) {
        m_first_octets += octets.substr(0, enough - m_first_octets.size());
    }
    BIO_write(m_in, octets.data(), static_cast<int>(octets.size()));
}

std::string ProbeTls::take_output() {
    std::string octets(BIO_ctrl_pending(m_out), '\0');
    const int size = BIO_read(m_out, octets.data(), static_cast<int>(octets.size()));
    octets.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return octets;
}

void ProbeTls::describe(ProbeResult& result) const {
    result.presented = m_presented;
    result.client_certificate_wanted = m_certificate_wanted;
    if (m_presented.certificates.empty()) {
        return;
    }
    result.protocol = SSL_get_version(m_ssl.get());
    const unsigned char* staple = nullptr;
    const auto size = SSL_get_tlsext_status_ocsp_resp(m_ssl.get(), &staple);
    if (staple != nullptr && size > 0) {
        result.presented.ocsp_staple.assign(staple, staple + size);
    }
    if (m_established) {
        result.cipher = SSL_get_cipher_name(m_ssl.get());
    }
}

} // namespace sendconnector::starttls
