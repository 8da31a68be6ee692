// SPDX-License-Identifier: Apache-2.0
// RevocationCache: answers about revocation as files, one an answer, so that a restart need not fetch them.
#pragma once

#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "policy/certificate/revocation.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::starttls {

// Never fails: what cannot be read or written is logged, and missing. May be used from several threads.
class RevocationCache {
public:
    struct Kept {
        std::string octets;
        policy::RevocationFreshness freshness;
        std::chrono::sys_seconds fetched;
    };

    // Makes the directory when it is missing (mode 0750), and cleans it up: leftovers of a crash, damaged
    // files, files that nobody read for `forget_unused`, and the oldest of what is more than `kept_octets`.
    // One that others may write to is not used: whoever can put an older list there takes revocations back.
    // Empty: no cache.
    // Read-only: it is the directory of another process, which is left as it is.
    RevocationCache(const std::filesystem::path& directory, bool read_only, std::size_t kept_octets,
                    std::chrono::seconds forget_unused, std::shared_ptr<endpoint::LogSink> log);
    RevocationCache(const RevocationCache&) = delete;
    RevocationCache& operator=(const RevocationCache&) = delete;
    ~RevocationCache();

    // What was saved for this source and counts now; a file that does not is removed.
    std::optional<Kept> load(const policy::RevocationSource& source);
    void save(const policy::RevocationSource& source, std::string_view octets,
              std::chrono::sys_seconds fetched);
    void remove(const policy::RevocationSource& source);
    // The file is in use: others go first.
    void touch(const policy::RevocationSource& source);

private:
    struct File {
        std::uint64_t octets;
        std::chrono::sys_time<std::chrono::nanoseconds> used;
    };
    bool is_ours(unsigned mode, unsigned owner) const;
    void unlink(const std::string& name);
    void scan(std::chrono::seconds forget_unused);
    void discard(const std::string& name, std::string_view why);
    void evict();
    void complain(std::string_view text);

    std::filesystem::path m_directory;
    bool m_read_only;
    unsigned m_owner = 0;  // of the directory
    int m_descriptor = -1; // of the directory; every file is reached through it
    std::size_t m_kept_octets;
    std::shared_ptr<endpoint::LogSink> m_log;
    std::mutex m_mutex; // guards what follows
    std::map<std::string, File> m_files;
    std::uint64_t m_octets = 0;
    endpoint::LogLimit m_complaints{5, std::chrono::minutes(10)};
};

} // namespace sendconnector::starttls
