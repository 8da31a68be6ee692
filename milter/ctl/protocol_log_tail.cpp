// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/protocol_log_tail.hpp"

#include "milter/mail_log/send_log_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace sendconnector::ctl {

void ProtocolLogTail::skip() {
    for (const std::filesystem::path& path : mail_log::send_log_files(m_folder)) {
        std::error_code error;
        const std::uintmax_t size = std::filesystem::file_size(path, error);
        m_done[path] = error ? 0 : size;
    }
}

Result<void> ProtocolLogTail::read(const std::function<void(const mail_log::SendLogRow& row)>& take) {
    Result<void> result;
    std::map<std::filesystem::path, std::uintmax_t> done;
    for (const std::filesystem::path& path : mail_log::send_log_files(m_folder)) {
        std::uintmax_t at = m_done.contains(path) ? m_done[path] : 0;
        std::ifstream file(path, std::ios::binary);
        if (!file) {
            result = fail(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)),
                          "run as root, or as a member of the group that the folder belongs to");
            continue;
        }
        file.seekg(static_cast<std::streamoff>(at));
        for (std::string line; std::getline(file, line) && !file.eof();) {
            at += line.size() + 1;
            if (const auto row = mail_log::parse_csv(line))
                take(*row);
        }
        done[path] = at;
    }
    m_done = std::move(done);
    return result;
}

} // namespace sendconnector::ctl
