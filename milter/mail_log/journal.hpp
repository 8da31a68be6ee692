// SPDX-License-Identifier: Apache-2.0
// The journal's mail log, through `journalctl --output=export`: it tells microseconds, and whom a line is
// from though another program passed it on.
#pragma once

#include "milter/mail_log/line_splitter.hpp"
#include "milter/mail_log/time_stamp.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

// Entries as lines of a mail log: "2026-11-23T17:04:54.123456Z host tag[pid]: text". What is no whole entry
// is left out, in a message of several lines all but the first.
class ExportReader {
public:
    explicit ExportReader(const LineSink& sink) : m_sink(sink) {}
    // Blocks of systemd's Journal Export Format.
    void add(std::string_view block);

private:
    bool take_field();
    void take(std::string_view name, std::string_view value);
    void emit();

    const LineSink& m_sink;
    std::string m_buffer;
    std::size_t m_at = 0;
    std::string m_line;
    std::string m_host, m_tag, m_pid, m_own_pid, m_message;
    std::optional<std::uint64_t> m_time;
};

// All entries of the facility mail; with `since` and `until` only those in between. Fails where there is no
// journal that may be read.
Result<void> read_journal(const std::optional<Time>& since, const std::optional<Time>& until,
                          const LineSink& sink);

// Whether a journal is there to be read.
bool has_journal();

} // namespace sendconnector::mail_log
