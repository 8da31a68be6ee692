// SPDX-License-Identifier: Apache-2.0
// SmtpSaid: a line of smtp(8)'s log, made verbose by debug_peer_list or -v: what of the SMTP session it
// tells, and whether smtp(8) would have said it anyway.
#pragma once

#include <string_view>

namespace sendconnector::mail_log {

struct SmtpSaid {
    enum class Kind {
        trying,      // to connect
        failed,      // to connect; data: why
        command,     // data: as sent, credentials and all
        reply,       // data: one line of it, cut to 100 octets by smtp(8)
        tls,         // data: trust, protocol, cipher
        certificate, // data: "subject_CN=..., issuer_CN=..., fingerprint=..., ..."
        warning,     // of a certificate or a handshake; data: all of it
        delivery,    // data: the line, queue ID and all
        lost,        // the connection; data: the line
        password,    // data: the password that it is about to use
        over,        // the session has ended
        kept,        // the connection is kept for another message
        reused,      // a connection that was kept
        other,
    };
    Kind kind = Kind::other;
    std::string_view peer = {}; // "mx.example[192.0.2.1]:25", "mx.example[2001:db8::1]:25"
    std::string_view data = {};
};

SmtpSaid smtp_said(std::string_view text);

// Whether smtp(8) logs this also where it is not verbose. None of these lines holds a credential.
bool is_ordinary(std::string_view text);

// "25" and "192.0.2.1" of a peer; empty, and the peer itself, where it has none.
std::string_view port_of_peer(std::string_view peer);
std::string_view address_of_peer(std::string_view peer);

} // namespace sendconnector::mail_log
