// SPDX-License-Identifier: Apache-2.0
#include "conf/daemon_access.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

namespace sendconnector::conf {

namespace {

constexpr mode_t read_by_others = S_IROTH;
constexpr mode_t search_by_others = S_IXOTH;
constexpr int most_groups = 256;

} // namespace

std::optional<DaemonUser> DaemonUser::of_socket(const std::string& control_socket) {
    struct stat status {};
    if (::stat(control_socket.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode) || status.st_uid == 0) {
        return std::nullopt;
    }
    DaemonUser user;
    user.m_user = status.st_uid;
    user.m_groups = {status.st_gid};
    user.m_name = std::to_string(status.st_uid);
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwuid_r(status.st_uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        user.m_name = entry.pw_name;
        std::array<gid_t, most_groups> groups{};
        int count = most_groups;
        if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) >= 0) {
            user.m_groups.insert(user.m_groups.end(), groups.begin(), groups.begin() + count);
        }
    }
    return user;
}

bool DaemonUser::may(const std::string& path, mode_t others) const {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return true; // for others to tell
    }
    if (status.st_uid == m_user) {
        return (status.st_mode & (others << 6U)) != 0;
    }
    if (std::find(m_groups.begin(), m_groups.end(), status.st_gid) != m_groups.end()) {
        return (status.st_mode & (others << 3U)) != 0;
    }
    return (status.st_mode & others) != 0;
}

std::optional<Error> DaemonUser::kept_from(const std::string& file) const {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(file, error);
    if (error) {
        return std::nullopt;
    }
    std::filesystem::path folder;
    for (const auto& part : real.parent_path()) {
        folder /= part;
        if (!may(folder.string(), search_by_others)) {
            return Error{fmt::format("{} keeps {}, as which sendconnectord runs, from {}", folder.string(),
                                     m_name, file),
                         "let that user search the folder, or put the file elsewhere"};
        }
    }
    if (!may(real.string(), read_by_others)) {
        return Error{fmt::format("{} cannot be read by {}, as which sendconnectord runs", file, m_name),
                     "let that user read it: chgrp sendconnector and chmod 0640 do for most"};
    }
    return std::nullopt;
}

} // namespace sendconnector::conf
