// SPDX-License-Identifier: Apache-2.0
// Identities: who a message is from, in each sense in which a connector's `senders` can be meant.
#pragma once

#include "policy/send_connector.hpp"
#include "policy/sender.hpp"

#include <optional>

namespace sendconnector::policy {

// Nothing: not known, so no decision may rest on it. Known to be absent (a message without a login) is
// Sender::nobody().
struct Identities {
    Sender envelope;
    std::optional<Sender> header_from = {};
    std::optional<Sender> login = {};

    // nullptr: not known.
    const Sender* of(SenderIdentity identity) const {
        switch (identity) {
        case SenderIdentity::header_from:
            return header_from ? &*header_from : nullptr;
        case SenderIdentity::login:
            return login ? &*login : nullptr;
        case SenderIdentity::envelope:
            break;
        }
        return &envelope;
    }
};

} // namespace sendconnector::policy
