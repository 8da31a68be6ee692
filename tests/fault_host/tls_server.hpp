// SPDX-License-Identifier: Apache-2.0
// TlsServer: one side of TLS as a smart host has it set up, well or badly.
#pragma once

#include "tests/pki/identity.hpp"

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace sendconnector::fault_host {

struct TlsSettings {
    // The server's own first, whose key is used; empty: none, for anonymous ciphers.
    std::vector<test::Identity> chain;
    // Shown instead to clients that send no server name; empty: the same chain to all.
    std::vector<test::Identity> chain_without_name;
    int minimum = 0x0303;              // TLS1_2_VERSION
    int maximum = 0;                   // the highest there is
    std::string ciphers;               // of TLS 1.2 and below; empty: OpenSSL's
    std::string suites;                // of TLS 1.3
    std::string groups;                // key exchange; empty: OpenSSL's
    std::string staple;                // DER OCSPResponse for clients that ask for one
    bool small_diffie_hellman = false; // a group of 1024 bits
    bool ask_client_certificate = false;
    bool demand_client_certificate = false;
    bool refuse_server_name = false; // a fatal alert to a client that sends one
};

class TlsServer {
public:
    explicit TlsServer(TlsSettings settings);
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    // A session over two memory BIOs, before its handshake. The server must outlive it.
    std::shared_ptr<ssl_st> session() const;
    const TlsSettings& settings() const { return m_settings; }

private:
    TlsSettings m_settings;
    std::shared_ptr<ssl_ctx_st> m_context;
    std::shared_ptr<ssl_ctx_st> m_without_name;
};

} // namespace sendconnector::fault_host
