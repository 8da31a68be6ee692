// SPDX-License-Identifier: Apache-2.0
// SendLogFolder: a folder of protocol logs, SENDyyyymmdd-n.log, as Exchange keeps it: a new file each day (of
// UTC) and when one is full, the oldest deleted when they are too many or too old.
#pragma once

#include "milter/mail_log/send_log_row.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_log {

struct SendLogLimits {
    std::uintmax_t file = 10ULL << 20U;    // octets
    std::uintmax_t folder = 250ULL << 20U; // octets, of all such files
    std::chrono::hours age{30 * 24};
};

// Those there are, oldest first. Other files in the folder are nobody's business.
std::vector<std::filesystem::path> send_log_files(const std::filesystem::path& folder);

class SendLogFolder {
public:
    // Goes on with the last file of the day. Nothing is opened before there is something to be written.
    explicit SendLogFolder(std::filesystem::path folder, SendLogLimits limits = {});
    SendLogFolder(const SendLogFolder&) = delete;
    SendLogFolder& operator=(const SendLogFolder&) = delete;
    ~SendLogFolder();

    // Kept in memory until flush().
    void add(const SendLogRow& row) { m_rows.push_back(to_written(row)); }
    // Writes what was added, whole lines only. What cannot be written stays for the next time, as long as it
    // is not more than a file: then the oldest is dropped.
    Result<void> flush();
    // Deletes what is too old or too much; done by itself whenever a file is begun.
    void tidy() const;
    // How many rows had to be dropped so far.
    std::uint64_t dropped() const { return m_dropped; }

private:
    struct Written {
        std::string day; // "20261123"
        std::string text;
    };
    static Written to_written(const SendLogRow& row);
    Result<void> open_for(const std::string& day, std::size_t octets);
    Result<void> write(std::string_view text);
    void close();
    void drop_too_many();

    std::filesystem::path m_folder;
    SendLogLimits m_limits;
    std::vector<Written> m_rows;
    int m_file = -1;
    std::filesystem::path m_path;
    std::string m_day;
    std::uintmax_t m_size = 0;
    std::uint64_t m_dropped = 0;
};

} // namespace sendconnector::mail_log
