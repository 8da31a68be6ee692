// SPDX-License-Identifier: Apache-2.0
// Dialogue: a smart host's side of SMTP (RFC 5321, RFC 3207), well-behaved but for what is changed in it.
#pragma once

#include "tests/fault_host/session.hpp"

#include <memory>
#include <set>
#include <string>

namespace sendconnector::fault_host {

struct Dialogue {
    // Octets, line ends and all; what is empty is never said.
    std::string greeting = "220 mx.smart.example ESMTP ready\r\n";
    std::string ehlo = "250-mx.smart.example\r\n250-STARTTLS\r\n250 8BITMIME\r\n";
    std::string helo = "250 mx.smart.example\r\n";
    std::string starttls = "220 2.0.0 go ahead\r\n";
    std::string ehlo_in_tls = "250-mx.smart.example\r\n250 8BITMIME\r\n";
    std::string mail = "250 2.1.0 ok\r\n";
    std::string recipient = "250 2.1.5 ok\r\n";
    std::string data = "354 go ahead\r\n";
    std::string accepted = "250 2.0.0 kept\r\n";
    // The steps at which the connection is closed instead of an answer: "connect", "EHLO", "STARTTLS",
    // "handshake" (after the 220), "done" (after the handshake), "EHLO in TLS", "MAIL", "RCPT", "DATA",
    // "end".
    std::set<std::string> hang_up_at;
    // The steps at which nothing is said any more.
    std::set<std::string> fall_silent_at;
    std::shared_ptr<const TlsServer> tls;
    std::function<Task<>(Session&)> instead_of_ehlo; // the reply to it and all that follows
    std::function<Task<>(Session&)> instead_of_tls;  // after the reply to STARTTLS
    Tampering tampering;
};

Task<> speak(Session& session, const Dialogue& dialogue);

// One reply of many lines: `lines` times "250-text".
std::string many_lines(std::size_t lines, const std::string& text);

} // namespace sendconnector::fault_host
