// SPDX-License-Identifier: Apache-2.0
// SealSource: the identity seal, as soon as `apply` has made its key.
#pragma once

#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/filter/identity_seal.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace sendconnector::daemon {

class SealSource {
public:
    SealSource(std::string state_directory, std::shared_ptr<endpoint::LogSink> log)
        : m_state_directory(std::move(state_directory)), m_log(std::move(log)) {}

    // nullptr: the key cannot be read, which is logged. Any thread.
    std::shared_ptr<const filter::IdentitySeal> get() {
        const std::lock_guard lock(m_mutex);
        if (m_seal) {
            return m_seal;
        }
        auto opened = filter::IdentitySeal::open(m_state_directory);
        if (opened) {
            m_seal = std::make_shared<const filter::IdentitySeal>(std::move(*opened));
        } else if (m_limit.admit()) {
            m_log->write(endpoint::LogLevel::error, "filter: " + to_string(opened.error()));
        }
        return m_seal;
    }

private:
    const std::string m_state_directory;
    const std::shared_ptr<endpoint::LogSink> m_log;
    std::mutex m_mutex;
    std::shared_ptr<const filter::IdentitySeal> m_seal;
    endpoint::LogLimit m_limit{1, std::chrono::seconds(60)};
};

} // namespace sendconnector::daemon
