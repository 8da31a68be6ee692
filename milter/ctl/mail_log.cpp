// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/mail_log.hpp"

#include "conf/postfix/command.hpp"
#include "conf/postfix/instance.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

using conf::postfix::run_command;

constexpr std::chrono::seconds journal_patience{10};
// What one look takes of a file that grows fast; the next goes on.
constexpr std::streamsize most_at_once = 16 << 20;
constexpr std::string_view cursor_mark = "-- cursor: ";

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return lines;
}

// The journal's end, or nothing when there is no journal that may be read.
std::string journal_end() {
    const auto result =
        run_command({"journalctl", "--quiet", "--no-pager", "--lines=0", "--show-cursor"}, journal_patience);
    if (!result || result->exit_status != 0)
        return {};
    for (const std::string& line : lines_of(result->out))
        if (line.starts_with(cursor_mark))
            return line.substr(cursor_mark.size());
    return {};
}

} // namespace

MailLog MailLog::open(const std::string& maillog_file) {
    MailLog log;
    for (const std::string& path : {maillog_file, std::string("/var/log/mail.log"),
                                    std::string("/var/log/maillog"), std::string("/var/log/syslog")}) {
        struct stat status {};
        const bool known =
            std::ranges::any_of(log.m_files, [&](const File& file) { return file.path == path; });
        if (path.empty() || known || ::access(path.c_str(), R_OK) != 0 ||
            ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        log.m_files.push_back({path, static_cast<std::uintmax_t>(status.st_size), status.st_ino});
        log.m_sources.push_back(path);
    }
    log.m_journal_cursor = journal_end();
    log.m_has_journal = !log.m_journal_cursor.empty();
    if (log.m_has_journal)
        log.m_sources.emplace_back("the journal");
    return log;
}

std::vector<std::string> MailLog::new_lines() {
    std::vector<std::string> lines;
    for (File& file : m_files)
        read(file, lines);
    if (m_has_journal)
        read_journal(lines);
    return lines;
}

void MailLog::read(File& file, std::vector<std::string>& lines) {
    struct stat status {};
    if (::stat(file.path.c_str(), &status) != 0)
        return;
    if (status.st_ino != file.inode || static_cast<std::uintmax_t>(status.st_size) < file.offset) {
        file.inode = status.st_ino;
        file.offset = 0;
    }
    std::ifstream stream(file.path, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(file.offset));
    std::string text(static_cast<std::size_t>(std::min<std::streamoff>(
                         most_at_once, status.st_size - static_cast<std::streamoff>(file.offset))),
                     '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    // A line that is still being written is read whole the next time.
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    file.offset += text.size();
    for (std::string& line : lines_of(text))
        lines.push_back(std::move(line));
}

void MailLog::read_journal(std::vector<std::string>& lines) {
    const auto result = run_command({"journalctl", "--quiet", "--no-pager", "--output=short", "--show-cursor",
                                     "--after-cursor=" + m_journal_cursor, "SYSLOG_FACILITY=2"},
                                    journal_patience);
    if (!result || result->exit_status != 0)
        return;
    for (std::string& line : lines_of(result->out)) {
        if (line.starts_with(cursor_mark))
            m_journal_cursor = line.substr(cursor_mark.size());
        else
            lines.push_back(std::move(line));
    }
}

MailLog open_mail_log(const conf::Configuration& configuration) {
    const auto values = conf::postfix::Instance::open(configuration.postfix.config_directory)
                            .and_then([](const conf::postfix::Instance& instance) {
                                return instance.parameters({"maillog_file"});
                            });
    const auto found = values ? values->find("maillog_file") : conf::postfix::Values::const_iterator{};
    // A log that goes to standard output (postlog) is nowhere to be read.
    return MailLog::open(!values || found == values->end() || found->second.starts_with("/dev/")
                             ? std::string()
                             : found->second);
}

} // namespace sendconnector::ctl
