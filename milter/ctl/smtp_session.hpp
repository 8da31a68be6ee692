// SPDX-License-Identifier: Apache-2.0
// SmtpSession: a client's side of one SMTP session under STARTTLS (RFC 5321, RFC 3207), step by step, for a
// command that waits.
#pragma once

#include "milter/starttls/probe.hpp"
#include "milter/starttls/smtp_reply.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

// Every step blocks, fails when the time of the session as a whole is over, and trusts nothing that the
// server sends. After a failure no further step succeeds.
class SmtpSession {
public:
    SmtpSession(boost::asio::ip::tcp::endpoint endpoint, starttls::ProbeIdentity identity,
                std::chrono::milliseconds time);
    SmtpSession(const SmtpSession&) = delete;
    SmtpSession& operator=(const SmtpSession&) = delete;
    ~SmtpSession();

    // Connects, and goes as far as the end of the handshake. No certificate is judged.
    Result<void> open();
    // Of the server, upper-case SHA-256 with colons.
    Result<std::string> fingerprint() const;
    // One command without its line's end, and the whole reply to it. `for_errors` stands for the command in
    // messages; a command may hold a secret.
    Result<starttls::SmtpReply> ask(std::string_view command, std::string_view for_errors);

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace sendconnector::ctl
