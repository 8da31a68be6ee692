// SPDX-License-Identifier: Apache-2.0
// HopVerdicts: whoever can tell whether a next-hop has been verified.
#pragma once

#include "conf/postfix/answers.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace sendconnector::starttls {

class HopVerdicts {
public:
    using Snapshot = std::shared_ptr<const conf::postfix::Snapshot>;
    using Done = std::function<void(conf::postfix::Answer)>;

    HopVerdicts() = default;
    HopVerdicts(const HopVerdicts&) = delete;
    HopVerdicts& operator=(const HopVerdicts&) = delete;
    virtual ~HopVerdicts() = default;

    // `question` is one that needs a verification (conf::postfix::tls_question), out of `snapshot`. Calls
    // `done` exactly once: in this thread before it returns, or later in another one. What could not be told
    // in time is an answer too. Any thread.
    virtual void ask(const Snapshot& snapshot, const conf::postfix::TlsQuestion& question, Done done) = 0;
    // Whether the last verification of this next-hop failed. Any thread, and at once.
    virtual bool is_known_bad(const conf::postfix::Snapshot& snapshot, const conf::postfix::Route& route,
                              std::string_view next_hop) const = 0;
};

} // namespace sendconnector::starttls
