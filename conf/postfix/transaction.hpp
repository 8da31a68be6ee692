// SPDX-License-Identifier: Apache-2.0
// Transaction: steps that are undone together unless all of them succeed, and SignalDelay, which keeps a
// Ctrl-C from cutting through the middle.
#pragma once

#include "policy/result.hpp"

#include <csignal>
#include <functional>
#include <vector>

namespace sendconnector::conf::postfix {

// Holds back SIGHUP, SIGINT and SIGTERM in this thread while it lives; they arrive when it goes.
class SignalDelay {
public:
    SignalDelay();
    SignalDelay(const SignalDelay&) = delete;
    SignalDelay& operator=(const SignalDelay&) = delete;
    ~SignalDelay();

    // Whether one of them is waiting.
    bool interrupted() const;

private:
    sigset_t m_delayed;
    sigset_t m_before;
};

class Transaction {
public:
    using Undo = std::function<Result<void>()>;

    Transaction() = default;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    // Undoes what was not kept, last step first.
    ~Transaction();

    void on_undo(Undo undo) { m_undo.push_back(std::move(undo)); }
    void keep() { m_undo.clear(); }
    // Undoes everything, whatever fails on the way. Returns `reason`, and with it what could not be undone.
    tl::unexpected<Error> roll_back(Error reason);

private:
    std::vector<Undo> m_undo;
};

} // namespace sendconnector::conf::postfix
