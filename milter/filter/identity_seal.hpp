// SPDX-License-Identifier: Apache-2.0
// IdentitySeal: what the first pass knows of a message's author and the split listener cannot see again, as a
// header field's value that nobody else can make (X-Sendconnector-Identity).
//
// AES-256-GCM with a random nonce: authentic and unreadable, also to whoever looks into the queue. A token is
// good for one message (its Binding) and until it expires. Any number of copies of that message is right:
// they are the recipients' copies, and requeued ones.
#pragma once

#include "policy/result.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::filter {

struct Identity {
    std::string login; // SASL login name; empty: none
};

// The message that a token belongs to.
struct Binding {
    std::string sender;     // envelope sender in comparable form
    std::string message_id; // values of these header fields; how they are folded, and white space around
    std::string date;       // them, does not matter. Empty: there is no such field
};

class IdentitySeal {
public:
    using Clock = std::chrono::system_clock;
    using TimePoint = Clock::time_point;
    static constexpr std::size_t longest_login = 512;
    static constexpr std::size_t longest_token = 732;

    // With the key in this state directory (conf/postfix/identity_key.hpp).
    static Result<IdentitySeal> open(const std::string& state_directory);

    IdentitySeal(const IdentitySeal&) = default;
    IdentitySeal& operator=(const IdentitySeal&) = default;
    ~IdentitySeal();

    // A token of [A-Za-z0-9_-], at most longest_token octets, that is valid until `expires` (whole seconds).
    // Fails when the login is too long.
    Result<std::string> seal(const Identity& identity, const Binding& binding, TimePoint expires) const;

    struct Opened {
        enum class Kind {
            valid,
            expired,  // ours, of this message, and too old
            not_ours, // anything else: forged, damaged, another message's, another key's
        };
        Kind kind = Kind::not_ours;
        Identity identity = {}; // valid: who; else nobody
    };
    // Any octets; white space around them does not matter.
    Opened open_token(std::string_view token, const Binding& binding, TimePoint now) const;

private:
    using Key = std::array<unsigned char, 32>;
    explicit IdentitySeal(const Key& key) : m_key(key) {}

    Key m_key;
};

} // namespace sendconnector::filter
