// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.hpp"

#include "policy/candidate.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

Result<Policy> Policy::make(PolicySettings settings, std::vector<SendConnector> connectors) {
    Policy policy;
    policy.m_settings = std::move(settings);
    policy.m_connectors = std::move(connectors);
    for (std::uint32_t c = 0; c < policy.m_connectors.size(); ++c) {
        const auto& connector = policy.m_connectors[c];
        if (!policy.m_by_name.try_emplace(fold_case(connector.name), c).second)
            return fail(fmt::format("two connectors are called \"{}\"", connector.name),
                        "names are compared without case; rename one");
        int best_rank = sender_rank::any;
        for (std::uint32_t p = 0; p < connector.senders.size(); ++p) {
            policy.m_by_sender[connector.senders[p].key()].push_back({c, p});
            best_rank = std::min(best_rank, sender_rank::best_of(connector.senders[p]));
        }
        policy.m_best_ranks.push_back(best_rank);
        if (connector.enabled && best_rank < sender_rank::any)
            policy.m_choosing_by[static_cast<std::size_t>(connector.sender_identity)].push_back(c);
    }
    const bool wants_default = policy.m_settings.unmatched_senders == UnmatchedSenders::use_default;
    if (wants_default && policy.default_connector() == nullptr)
        return fail(
            fmt::format("default_connector \"{}\" names no connector", policy.m_settings.default_connector),
            "name one of the configured connectors");
    return policy;
}

const SendConnector* Policy::find(std::string_view name) const {
    const auto found = m_by_name.find(fold_case(name));
    return found == m_by_name.end() ? nullptr : &m_connectors[found->second];
}

const SendConnector* Policy::default_connector() const {
    return m_settings.unmatched_senders == UnmatchedSenders::use_default ? find(m_settings.default_connector)
                                                                         : nullptr;
}

const std::vector<IndexedSender>& Policy::with_sender_key(std::string_view key) const {
    static const std::vector<IndexedSender> nobody;
    const auto found = m_by_sender.find(key);
    return found == m_by_sender.end() ? nobody : found->second;
}

} // namespace sendconnector::policy
