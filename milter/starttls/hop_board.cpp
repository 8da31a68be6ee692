// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/hop_board.hpp"

#include <mutex>
#include <utility>

namespace sendconnector::starttls {

std::string hop_key(std::string_view connector, std::string_view next_hop) {
    // No connector's name has a line feed in it.
    return std::string(connector) + '\n' + std::string(next_hop);
}

std::shared_ptr<const HopView> HopBoard::find(const conf::postfix::Snapshot& snapshot,
                                              const std::string& key) const {
    const std::shared_lock lock(m_mutex);
    if (m_snapshot.get() != &snapshot) {
        return nullptr;
    }
    const auto found = m_views.find(key);
    return found == m_views.end() ? nullptr : found->second;
}

void HopBoard::set_snapshot(Snapshot snapshot) {
    const std::unique_lock lock(m_mutex);
    m_snapshot.swap(snapshot);
}

void HopBoard::put(const std::string& key, std::shared_ptr<const HopView> view) {
    const std::unique_lock lock(m_mutex);
    m_views[key].swap(view);
}

void HopBoard::remove(const std::string& key) {
    const std::unique_lock lock(m_mutex);
    m_views.erase(key);
}

} // namespace sendconnector::starttls
