// SPDX-License-Identifier: Apache-2.0
// UnsentNotices: messages whose sender has something yet to hear.
//
// bounce(8) writes down what failed for good, and what was delivered where the sender asked to be told, below
// the queue ID; qmgr(8) has it sent at the end of each round of attempts, so it waits where one was broken
// off. A requeue gives the message another queue ID: nobody would ever read what stands there (postsuper(1)).
#pragma once

#include <set>
#include <string>

namespace sendconnector::ctl {

class UnsentNotices {
public:
    UnsentNotices() = default;
    // Reads the folders `bounce` and `trace` of a queue, hashed or not (hash_queue_names). What may not be
    // read has none.
    static UnsentNotices in(const std::string& queue_directory);

    bool wait_for(const std::string& queue_id) const { return m_queue_ids.contains(queue_id); }

private:
    std::set<std::string> m_queue_ids;
};

} // namespace sendconnector::ctl
