// SPDX-License-Identifier: Apache-2.0
// MailLogSources: what the mail system has written so far, wherever this host keeps it.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/mail_log/log_file.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

class MailLogSources {
public:
    // Those that --log names; else syslog's files, or the journal where there are none, and Postfix' own log
    // file (maillog_file): the daemon logs to syslog even then. With what was rotated away; what was last
    // written to before `since` is left out.
    static Result<MailLogSources> choose(Context& context, const std::optional<mail_log::Time>& since);

    using Take = std::function<void(std::string_view line, mail_log::StampReader& stamps)>;
    // Every line, oldest file first. May be called again. A file that cannot be read (all) is warned of, the
    // first time.
    void read(Context& context, const std::optional<mail_log::Time>& since, const Take& take);
    // Whether all that was read so far could be read to its end: what is not found may be there all the same.
    bool is_complete() const { return m_complete; }
    // For messages.
    std::string text() const;

private:
    void add_rotated(const std::string& path);

    std::vector<mail_log::LogFile> m_files;
    std::vector<std::string> m_forbidden; // in a folder that may not be looked into
    bool m_journal = false;
    bool m_complete = true;
    int m_passes = 0;
};

} // namespace sendconnector::ctl
