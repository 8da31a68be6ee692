// SPDX-License-Identifier: Apache-2.0
// HopHistory: what verifications of one next-hop have shown, and what of it still counts.
#pragma once

#include "milter/starttls/hop_view.hpp"
#include "milter/starttls/verification.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sendconnector::starttls {

class HopHistory {
public:
    struct Ages {
        std::chrono::steady_clock::duration verdict_lifetime;
        std::chrono::steady_clock::duration refresh_after;
        std::chrono::steady_clock::duration failure_lifetime;
    };

    // A verification has ended. Leaves of earlier ones are remembered beside those that it saw: a farm shows
    // several. What could not be told displaces no verdict that still holds, unless `forget`: then nothing
    // earlier counts.
    void take(HopReport report, const HopRequest& request, const Ages& ages, const Moment& now, bool forget);
    // There is no verification, because of our own side: a CA file that cannot be read.
    void fail(std::string reason, const std::string& next_hop, const Ages& ages, const Moment& now);
    // The store has something else than before.
    void judge_again(const HopRequest& request, RevocationStore& store, const Ages& ages, const Moment& now);
    // Whether judge_again() could make a difference.
    bool depends_on_revocation() const { return m_depends_on_revocation; }

    HopState state() const { return m_state; }
    // Short, for the log: "CertExpired: ...". Of a verified hop: what went wrong since.
    const std::string& reason() const { return m_reason; }
    // Without its touch.
    HopView view(const Ages& ages) const;
    const HopReport& report() const { return m_report; }
    std::chrono::steady_clock::time_point checked() const { return m_checked; }

private:
    struct Leaf {
        policy::PresentedChain presented;
        policy::Verdict verdict;
        std::chrono::steady_clock::time_point seen;
    };

    void remember_leaves(const Ages& ages, const Moment& now, bool forget);
    void settle(const HopRequest& request, const Ages& ages, const Moment& now);

    HopState m_state = HopState::unseen;
    std::string m_reason;
    std::string m_refusal;
    std::chrono::steady_clock::time_point m_refusal_until{};
    std::chrono::steady_clock::time_point m_checked{}; // m_report is of this moment
    std::chrono::steady_clock::time_point m_refresh_at{};
    HopReport m_report;
    std::vector<Leaf> m_farm; // passed earlier, not seen by m_report
    bool m_secure_is_enough = false;
    bool m_depends_on_revocation = false;
};

} // namespace sendconnector::starttls
