// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/hop_view.hpp"

#include <algorithm>

namespace sendconnector::starttls {

using conf::postfix::Answer;

std::string_view to_string(HopState state) {
    switch (state) {
    case HopState::unseen:
        return "unseen";
    case HopState::verified:
        return "verified";
    case HopState::refused:
        return "refused";
    case HopState::unknown:
        break;
    }
    return "unknown";
}

std::optional<Answer> answer_of(const HopView& view, const policy::SendConnector& connector,
                                const policy::SmartHost* host, const Moment& now) {
    if (view.state == HopState::verified) {
        conf::postfix::VerifiedHop verified;
        verified.secure_is_enough = view.secure_is_enough;
        for (const auto& leaf : view.leaves) {
            if (leaf.holds(now)) {
                verified.fingerprints.push_back(leaf.fingerprint);
            } else if (leaf.latest) {
                verified.secure_is_enough = false;
            }
        }
        if (!verified.fingerprints.empty()) {
            return Answer{Answer::Status::ok, conf::postfix::verified_tls_policy(connector, host, verified),
                          &connector};
        }
        return std::nullopt;
    }
    if (!view.refusal.empty() && now.clock < view.refusal_until) {
        return Answer{Answer::Status::temporary, view.refusal, &connector};
    }
    return std::nullopt;
}

bool is_due(const HopView& view, const Moment& now) {
    return view.state == HopState::verified && now.clock >= view.refresh_at && !view.touch->slow;
}

bool is_known_bad(const HopView& view) {
    return view.state == HopState::refused || view.state == HopState::unknown;
}

} // namespace sendconnector::starttls
