// SPDX-License-Identifier: Apache-2.0
// What our own TLS sessions offer: the same as smtp(8) does, for a server with several certificates chooses
// by it.
#pragma once

#include "policy/tls.hpp"

struct ssl_ctx_st;

namespace sendconnector::starttls {

// Versions from `minimum` up, and the ciphers of mandatory TLS (smtp_tls_mandatory_ciphers=medium, with
// verification) in smtp(8)'s order. No strength is asked for: the verdict is somebody else's, who can say
// what is wrong with a weak certificate only if it was let in. A terminal is never asked for a passphrase.
// False when libssl cannot do that, with its error queue telling why.
bool offer_as_smtp(ssl_ctx_st* context, policy::TlsProtocol minimum);

} // namespace sendconnector::starttls
