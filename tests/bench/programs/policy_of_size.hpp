// SPDX-License-Identifier: Apache-2.0
// PolicyOfSize: a policy of ten connectors for so many senders, and envelope senders to look up in it.
#pragma once

#include "policy/policy.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::bench {

// Envelope senders in random order, laid out in the order in which they are asked for, so that reading them
// costs no cache miss that counts.
class Addresses {
public:
    void add(std::string_view address);
    std::string_view next() {
        const auto first = m_starts[m_next];
        const auto length = m_starts[m_next + 1] - first;
        m_next = m_next + 2 == m_starts.size() ? 0 : m_next + 1;
        return {m_octets.data() + first, length};
    }

private:
    std::string m_octets;
    std::vector<std::size_t> m_starts = {0};
    std::size_t m_next = 0;
};

class PolicyOfSize {
public:
    // Seven in ten senders are domains, two are mailboxes, one is a domain and all below it.
    explicit PolicyOfSize(std::size_t senders);

    const policy::Policy& policy() const { return m_policy; }

    Addresses hits;   // what the policy names
    Addresses misses; // of domains that it does not name, five labels deep
    Addresses deep;   // six labels below a domain that it names with all below it

private:
    policy::Policy m_policy;
};

} // namespace sendconnector::bench
