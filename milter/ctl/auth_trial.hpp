// SPDX-License-Identifier: Apache-2.0
// try_credentials(): one SMTP session that logs in and leaves (RFC 3207, RFC 4954).
#pragma once

#include "conf/secrets.hpp"
#include "milter/starttls/probe.hpp"

#include <chrono>
#include <string>

namespace sendconnector::ctl {

struct AuthTrial {
    enum class Result {
        accepted,
        refused, // the server says that these credentials will not do
        unknown, // it did not come to that, or the server says it cannot tell
    };
    Result result = Result::unknown;
    std::string mechanism; // "PLAIN", "LOGIN"; empty when it did not come to that
    std::string text;      // the server's words, or why it did not come to that; never the secret
};
std::string_view word(AuthTrial::Result result); // "accepted"

struct AuthQuestion {
    boost::asio::ip::tcp::endpoint endpoint;
    starttls::ProbeIdentity identity;
    // SHA-256 over the DER form of the certificate that was just verified, upper-case hex with colons. A
    // server that shows another one is told no password.
    std::string fingerprint;
    std::chrono::milliseconds time{30'000}; // of the session as a whole
};

// Blocks. What the server offers before TLS is not listened to.
AuthTrial try_credentials(const AuthQuestion& question, const conf::Credential& credential);

} // namespace sendconnector::ctl
