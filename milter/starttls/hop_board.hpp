// SPDX-License-Identifier: Apache-2.0
// HopBoard: where the verifier's thread puts what it knows, for lookups to read without waiting for it.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "milter/starttls/hop_view.hpp"

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sendconnector::starttls {

// Tells next-hops of connectors apart.
std::string hop_key(std::string_view connector, std::string_view next_hop);

// Any thread.
class HopBoard {
public:
    using Snapshot = std::shared_ptr<const conf::postfix::Snapshot>;

    // nullptr: nothing is known, or not under this snapshot: another one may have other rules.
    std::shared_ptr<const HopView> find(const conf::postfix::Snapshot& snapshot,
                                        const std::string& key) const;

    // What is on the board counts for this snapshot from now on.
    void set_snapshot(Snapshot snapshot);
    void put(const std::string& key, std::shared_ptr<const HopView> view);
    void remove(const std::string& key);

private:
    mutable std::shared_mutex m_mutex;
    Snapshot m_snapshot;
    std::unordered_map<std::string, std::shared_ptr<const HopView>> m_views;
};

} // namespace sendconnector::starttls
