// SPDX-License-Identifier: Apache-2.0
// Log files: plain or compressed by gzip, and what logrotate(8) and postlogd(8) made of them.
#pragma once

#include "milter/mail_log/line_splitter.hpp"
#include "milter/mail_log/time_stamp.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace sendconnector::mail_log {

struct LogFile {
    std::filesystem::path path;
    Time written{};          // when it was last written to
    std::uintmax_t size = 0; // on disk
};

// Called now and then with how much of the file on disk is done.
using ReadProgress = std::function<void(std::uintmax_t octets)>;

// All of its lines; the last one perhaps cut off. A compressed file that is damaged gives what is before the
// damage, and an error.
Result<void> read_lines(const LogFile& file, const LineSink& sink, const ReadProgress& progress = {});

// `path` and what was rotated away from it (PATH.1, PATH.2.gz, PATH-20261101, PATH.20261101-000000.gz), those
// that were written to last at the end. Empty where there is none that is a file. Those that cannot be read,
// or are compressed otherwise, are not left out: reading them is what fails.
std::vector<LogFile> rotated_files(const std::filesystem::path& path);

// One file; nothing where it is none.
Result<LogFile> log_file(const std::filesystem::path& path);

} // namespace sendconnector::mail_log
