// SPDX-License-Identifier: Apache-2.0
// ProbeTls: the TLS side of a probe, octets in, octets out; no socket. Takes any certificate, and keeps what
// the server showed even if the handshake does not come to its end.
#pragma once

#include "milter/starttls/probe.hpp"
#include "policy/result.hpp"

#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>

namespace sendconnector::starttls {

class ProbeTls {
public:
    // Fails when the own certificate and key cannot be used.
    static Result<std::unique_ptr<ProbeTls>> create(const ProbeIdentity& identity);
    ProbeTls(const ProbeTls&) = delete;
    ProbeTls& operator=(const ProbeTls&) = delete;

    enum class Step {
        more, // wants feed()
        done,
        failed, // see failure()
    };
    // Whatever the step, take_output() has what must be sent then: an alert, say.
    Step handshake();
    Step send(std::string_view text);
    Step receive(); // done: text of the server has come
    void close();   // says so to the server, and expects no answer

    void feed(std::string_view octets); // from the server
    std::string take_output();          // to the server

    const std::string& failure() const { return m_failure; } // a clause, printable
    bool ended_by_server() const { return m_ended; }         // by close_notify
    // Protocol, cipher, chain, staple: as far as it came.
    void describe(ProbeResult& result) const;

private:
    ProbeTls() = default;
    Step after(int outcome);
    void explain(unsigned long error);
    Result<bool> use(const OwnCertificate& own);

    static int keep_chain(X509_STORE_CTX* store, void* self);
    static int certificate_wanted(SSL* ssl, void* self);
    static void notice_alert(const SSL* ssl, int where, int value);

    template <auto function>
    struct Freed {
        template <class T>
        void operator()(T* handle) const {
            function(handle);
        }
    };
    std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> m_context;
    std::unique_ptr<SSL, Freed<SSL_free>> m_ssl;
    BIO* m_in = nullptr; // both belong to m_ssl
    BIO* m_out = nullptr;
    policy::TlsProtocol m_minimum = policy::TlsProtocol::tls_1_2;
    policy::PresentedChain m_presented;
    std::string m_first_octets; // of what the server sent
    std::string m_failure;
    int m_alert = -1; // that the server sent
    bool m_has_own = false;
    bool m_certificate_wanted = false;
    bool m_established = false;
    bool m_ended = false;
};

} // namespace sendconnector::starttls
