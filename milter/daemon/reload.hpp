// SPDX-License-Identifier: Apache-2.0
// Reload: from the files to the snapshot that the endpoints answer from; the old one stays when the new one
// is bad.
#pragma once

#include "milter/daemon/snapshot_holder.hpp"
#include "milter/endpoint/log_sink.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::daemon {

// How a load went: `ok` exactly when `errors` is empty.
struct LoadReport {
    bool ok = false;
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
    std::chrono::system_clock::time_point at{};
};

class Reload {
public:
    Reload(std::filesystem::path file, std::shared_ptr<SnapshotHolder> holder,
           std::shared_ptr<endpoint::LogSink> log);

    // Loads the configuration and what `apply` made of it, and makes them current. The first time, connectors
    // that are not applied are warnings: mail of their senders waits. Later they are errors: the snapshot
    // that runs serves them. Every error and warning is logged. Not for several threads at once.
    const LoadReport& load();
    // Of the last load().
    const LoadReport& last() const { return m_last; }

private:
    void load_into(LoadReport& report);
    void log(const LoadReport& report, bool first) const;

    std::filesystem::path m_file;
    std::shared_ptr<SnapshotHolder> m_holder;
    std::shared_ptr<endpoint::LogSink> m_log;
    LoadReport m_last;
    std::optional<conf::DaemonSettings> m_fixed; // as they were at the start
};

} // namespace sendconnector::daemon
