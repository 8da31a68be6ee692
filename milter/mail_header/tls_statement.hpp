// SPDX-License-Identifier: Apache-2.0
// TlsStatement: what a Received field says of the encryption of its hop.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::mail_header {

struct TlsStatement {
    bool is_encrypted = false; // said in any way; else nothing is known
    std::string protocol;      // "TLSv1.3"; empty: not said
    std::string cipher;        // as written; empty: not said
    int bits = 0;              // 0: not said

    bool tells_more_than(const TlsStatement& other) const {
        return (protocol.empty() ? 0 : 1) + (cipher.empty() ? 0 : 1) >
               (other.protocol.empty() ? 0 : 1) + (other.cipher.empty() ? 0 : 1);
    }
};

// "TLSv1.2" of "TLS1_2", "TLS1.2", "tlsv1_2"; empty for what names no version of TLS or SSL.
std::string tls_version(std::string_view word);

// Of a comment: "using TLSv1.3 with cipher X (256/256 bits)" (Postfix), "version=TLS1_2, cipher=X" (Exchange,
// Gmail, sendmail), "TLSv1.2:X:256" (Exim, OpenSMTPD), "TLS1.3" (Exim), "X encrypted" (qmail), "TLS"
// (Exchange 2010). Nothing is encrypted where it says none of that.
TlsStatement tls_of_comment(std::string_view comment);

// Of the keyword behind `with` (RFC 3848): whether it stands for TLS.
bool is_tls_protocol(std::string_view with);

} // namespace sendconnector::mail_header
