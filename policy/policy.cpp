// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.hpp"

#include "policy/domain.hpp"
#include "policy/example_sender.hpp"
#include "policy/sender_rank.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::policy {

namespace {

// More are not tried one by one.
constexpr std::size_t most_examples = 64;

} // namespace

Result<Policy> Policy::make(PolicySettings settings, std::vector<SendConnector> connectors, SenderList listed,
                            std::uint64_t seed,
                            const std::function<void(const SenderIndex::Repeated&)>& repeated) {
    Policy policy;
    policy.m_settings = std::move(settings);
    policy.m_connectors = std::move(connectors);
    if (auto indexed = policy.index_names(); !indexed)
        return tl::unexpected(std::move(indexed.error()));
    for (const auto& connector : policy.m_connectors)
        for (const auto& pattern : connector.senders)
            if (auto added = listed.add(key_of(pattern), policy.index_of(connector)); !added)
                return tl::unexpected(std::move(added.error()));
    policy.index_senders(std::move(listed), seed, repeated);
    policy.find_examples();
    const bool wants_default = policy.m_settings.unmatched_senders == UnmatchedSenders::use_default;
    if (wants_default && policy.default_connector() == nullptr)
        return fail(
            fmt::format("default_connector \"{}\" names no connector", policy.m_settings.default_connector),
            "name one of the configured connectors");
    return policy;
}

Result<void> Policy::index_names() {
    std::vector<std::pair<std::string, std::uint32_t>> names;
    for (const auto& connector : m_connectors) {
        names.emplace_back(fold_case(connector.name), index_of(connector));
        if (!m_by_name.try_emplace(names.back().first, names.back().second).second)
            return fail(fmt::format("two connectors are called \"{}\"", connector.name),
                        "names are compared without case; rename one");
    }
    std::sort(names.begin(), names.end());
    m_name_ranks.resize(names.size());
    for (std::uint32_t rank = 0; rank < names.size(); ++rank)
        m_name_ranks[names[rank].second] = rank;
    return {};
}

void Policy::index_senders(SenderList list, std::uint64_t seed,
                           const std::function<void(const SenderIndex::Repeated&)>& repeated) {
    m_senders = SenderIndex(std::move(list), seed, repeated);
    m_best_ranks.assign(m_connectors.size(), sender_rank::any);
    m_sender_counts.assign(m_connectors.size(), 0);
    m_senders.any_of([&](const ListedSender& listed) {
        auto& best = m_best_ranks[listed.connector];
        best = std::min(best, sender_rank::best_of(listed.key));
        ++m_sender_counts[listed.connector];
        return false;
    });
    for (const auto& connector : m_connectors)
        if (const auto c = index_of(connector); connector.enabled && m_best_ranks[c] < sender_rank::any)
            m_choosing_by[static_cast<std::size_t>(connector.sender_identity)].push_back(c);
}

void Policy::find_examples() {
    for (const auto identity : {SenderIdentity::header_from, SenderIdentity::login}) {
        std::size_t count = 1;
        std::vector<bool> wanted(m_connectors.size());
        for (const auto index : choosing_by(identity)) {
            count += sender_count(index);
            wanted[index] = true;
        }
        if (count > most_examples)
            continue;
        auto& all = m_examples[static_cast<std::size_t>(identity)].emplace({Sender::nobody()});
        if (count > 1)
            m_senders.any_of([&](const ListedSender& listed) {
                if (wanted[listed.connector])
                    all.push_back(example_of(listed.key, m_settings.recipient_delimiter));
                return false;
            });
    }
}

const SendConnector* Policy::find(std::string_view name) const {
    const auto found = m_by_name.find(fold_case(name));
    return found == m_by_name.end() ? nullptr : &m_connectors[found->second];
}

const SendConnector* Policy::default_connector() const {
    return m_settings.unmatched_senders == UnmatchedSenders::use_default ? find(m_settings.default_connector)
                                                                         : nullptr;
}

} // namespace sendconnector::policy
