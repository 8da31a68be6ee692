// SPDX-License-Identifier: Apache-2.0
// MailLog: what the mail system writes from now on, wherever this host keeps it.
#pragma once

#include "conf/configuration.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class MailLog {
public:
    // Looks at Postfix' own log file (maillog_file), at syslog's files and at the journal: those that are
    // there and may be read. What they hold already is passed over.
    static MailLog open(const std::string& maillog_file);

    // Where it reads, for messages; empty: nowhere.
    const std::vector<std::string>& sources() const { return m_sources; }
    // Complete lines that came since; the same line twice where two sources have it. A file that was rotated
    // is read on from its beginning.
    std::vector<std::string> new_lines();

private:
    struct File {
        std::filesystem::path path;
        std::uintmax_t offset;
        std::uint64_t inode;
    };
    void read(File& file, std::vector<std::string>& lines);
    void read_journal(std::vector<std::string>& lines);

    std::vector<std::string> m_sources;
    std::vector<File> m_files;
    std::string m_journal_cursor;
    bool m_has_journal = false;
};

// The log of the configured instance.
MailLog open_mail_log(const conf::Configuration& configuration);

} // namespace sendconnector::ctl
