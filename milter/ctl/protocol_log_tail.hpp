// SPDX-License-Identifier: Apache-2.0
// ProtocolLogTail: the rows of a folder of protocol logs, and those that come after.
#pragma once

#include "milter/mail_log/send_log_row.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>

namespace sendconnector::ctl {

class ProtocolLogTail {
public:
    explicit ProtocolLogTail(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    // Passes over what is there.
    void skip();
    // What came since the last time, oldest file first. A row that is being written comes the next time.
    Result<void> read(const std::function<void(const mail_log::SendLogRow& row)>& take);

private:
    std::filesystem::path m_folder;
    std::map<std::filesystem::path, std::uintmax_t> m_done; // octets of each file
};

} // namespace sendconnector::ctl
