// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/transaction.hpp"

#include <exception>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace sendconnector::conf::postfix {

SignalDelay::SignalDelay() {
    sigemptyset(&m_delayed);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
        sigaddset(&m_delayed, signal);
    }
    pthread_sigmask(SIG_BLOCK, &m_delayed, &m_before);
}

SignalDelay::~SignalDelay() {
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

bool SignalDelay::interrupted() const {
    sigset_t waiting;
    sigemptyset(&waiting);
    sigpending(&waiting);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
        if (sigismember(&waiting, signal) == 1 && sigismember(&m_before, signal) == 0) {
            return true;
        }
    }
    return false;
}

Transaction::~Transaction() {
    if (!m_undo.empty()) {
        std::ignore = roll_back({});
    }
}

tl::unexpected<Error> Transaction::roll_back(Error reason) {
    std::string left;
    while (!m_undo.empty()) {
        const Undo undo = std::move(m_undo.back());
        m_undo.pop_back();
        try {
            if (const auto done = undo(); !done) {
                left += fmt::format("{}{}", left.empty() ? "" : "; ", to_string(done.error()));
            }
        } catch (const std::exception& error) {
            left += fmt::format("{}{}", left.empty() ? "" : "; ", error.what());
        }
    }
    if (!left.empty()) {
        reason.hint = fmt::format("{}{}not everything could be undone: {}", reason.hint,
                                  reason.hint.empty() ? "" : "; ", left);
    }
    return tl::unexpected(std::move(reason));
}

} // namespace sendconnector::conf::postfix
