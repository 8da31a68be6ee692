// SPDX-License-Identifier: Apache-2.0
// Whole files, read and replaced so that neither a crash nor a full disk leaves half of one.
#pragma once

#include "conf/postfix/file_descriptor.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace sendconnector::conf::postfix {

struct FileOwner {
    uid_t user;
    gid_t group;
};

// The bytes of a regular file; nothing when there is no such file.
Result<std::optional<std::string>> read_file(const std::filesystem::path& path);

// Writes a temporary file beside `path`, forces it to disk and renames it over `path`, whatever the umask. A
// symbolic link at `path` is replaced, not followed. Owner absent: the caller's.
Result<void> write_file(const std::filesystem::path& path, std::string_view content, mode_t mode,
                        std::optional<FileOwner> owner = std::nullopt);

// No such file: fine.
Result<void> remove_file(const std::filesystem::path& path);

// Makes `path` with mode 0755 when it is not there (its parent must be). Refuses one that is no directory, is
// a symbolic link, belongs to somebody else, or that others may write to: root's processes read what is in
// it.
Result<void> ensure_private_directory(const std::filesystem::path& path);

// Writes everything to an open file, which is on disk once it is synced.
Result<void> write_all(int descriptor, std::string_view content, const std::filesystem::path& path);
Result<void> sync_file(int descriptor, const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& directory);

// An exclusive flock(2) on a file that is made when it is not there and stays. Fails when somebody else holds
// it for longer than `limit`.
Result<FileDescriptor> lock_file(const std::filesystem::path& path, std::chrono::milliseconds limit);
// The same on a directory that is there.
Result<FileDescriptor> lock_directory(const std::filesystem::path& path, std::chrono::milliseconds limit);

} // namespace sendconnector::conf::postfix
