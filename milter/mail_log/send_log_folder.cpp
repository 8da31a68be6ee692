// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/send_log_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::mail_log {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "SEND";
constexpr std::string_view suffix = ".log";

struct Name {
    std::string day;
    unsigned number = 0;
    auto operator<=>(const Name&) const = default;
};

// SENDyyyymmdd-n.log
std::optional<Name> parse_name(std::string_view name) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
        name.size() < prefix.size() + 10 + suffix.size())
        return std::nullopt;
    const std::string_view day = name.substr(prefix.size(), 8);
    const std::string_view number =
        name.substr(prefix.size() + 9, name.size() - prefix.size() - 9 - suffix.size());
    Name parsed{std::string(day), 0};
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed.number);
    if (day.find_first_not_of("0123456789") != std::string_view::npos || name[prefix.size() + 8] != '-' ||
        error != std::errc() || end != number.data() + number.size() || parsed.number == 0 ||
        number.front() == '0')
        return std::nullopt;
    return parsed;
}

fs::path path_of(const fs::path& folder, const Name& name) {
    return folder / fmt::format("{}{}-{}{}", prefix, name.day, name.number, suffix);
}

std::vector<Name> names_in(const fs::path& folder) {
    std::vector<Name> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (auto name = parse_name(entry->path().filename().string()))
            names.push_back(std::move(*name));
    std::ranges::sort(names);
    return names;
}

std::string day_of(Time time) {
    const std::string text = utc_text(time);
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2);
}

std::string header(Time now) {
    return fmt::format("#Software: sendconnector\r\n#Version: {}\r\n#Log-Type: SMTP Send Protocol Log\r\n"
                       "#Date: {}\r\n#Fields: {}\r\n",
                       SENDCONNECTOR_VERSION, utc_text(now), send_log_fields);
}

Time now() {
    return Time(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch()));
}

std::string trouble(std::string_view what, const fs::path& path) {
    return fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno));
}

} // namespace

std::vector<fs::path> send_log_files(const fs::path& folder) {
    std::vector<fs::path> paths;
    for (const Name& name : names_in(folder))
        paths.push_back(path_of(folder, name));
    return paths;
}

SendLogFolder::SendLogFolder(fs::path folder, SendLogLimits limits)
    : m_folder(std::move(folder)), m_limits(limits) {}

SendLogFolder::~SendLogFolder() {
    close();
}

SendLogFolder::Written SendLogFolder::to_written(const SendLogRow& row) {
    return {day_of(row.time), to_csv(row)};
}

Result<void> SendLogFolder::flush() {
    std::size_t done = 0;
    Result<void> result;
    while (done < m_rows.size() && result) {
        result = open_for(m_rows[done].day, m_rows[done].text.size());
        // As many as go into this file.
        std::string text;
        std::size_t next = done;
        while (result && next < m_rows.size() && m_rows[next].day <= m_day &&
               (next == done || m_size + text.size() + m_rows[next].text.size() <= m_limits.file))
            text += m_rows[next++].text;
        if (result)
            result = write(text);
        if (result)
            done = next;
    }
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(done));
    if (!result)
        drop_too_many();
    return result;
}

Result<void> SendLogFolder::open_for(const std::string& day, std::size_t octets) {
    // A row that comes a little late belongs to the file that is open.
    if (m_file >= 0 && day <= m_day && m_size + octets <= m_limits.file)
        return {};
    close();
    unsigned number = 1;
    for (const Name& name : names_in(m_folder))
        if (name.day == day)
            number = name.number;
    for (;; ++number) {
        m_path = path_of(m_folder, {day, number});
        m_file = ::open(m_path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        struct stat status {};
        if (m_file < 0 || ::fstat(m_file, &status) != 0) {
            auto error = fail(trouble("write to", m_path),
                              errno == ENOENT ? "create the folder, writable by the collector's user" : "");
            close();
            return error;
        }
        m_size = static_cast<std::uintmax_t>(status.st_size);
        m_day = day;
        if (m_size == 0) {
            tidy();
            return write(header(now()));
        }
        if (m_size + octets <= m_limits.file)
            break;
        close();
    }
    // The end of a line that a crash cut off.
    char last = '\n';
    if (::pread(m_file, &last, 1, static_cast<off_t>(m_size - 1)) == 1 && last != '\n')
        return write("\r\n");
    return {};
}

Result<void> SendLogFolder::write(std::string_view text) {
    const ssize_t count = ::write(m_file, text.data(), text.size());
    if (count == static_cast<ssize_t>(text.size())) {
        m_size += text.size();
        return {};
    }
    if (count >= 0)
        errno = ENOSPC;
    auto error = fail(trouble("write to", m_path));
    // What is there of it now would be there twice.
    if (count > 0)
        static_cast<void>(!::ftruncate(m_file, static_cast<off_t>(m_size)));
    close();
    return error;
}

void SendLogFolder::close() {
    if (m_file >= 0)
        ::close(m_file);
    m_file = -1;
}

void SendLogFolder::tidy() const {
    const std::string oldest = day_of(now() - m_limits.age);
    const std::vector<Name> names = names_in(m_folder);
    std::uintmax_t all = m_file < 0 ? 0 : m_limits.file; // what the one that is written to may become
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        const fs::path path = path_of(m_folder, *name);
        if (m_file >= 0 && path == m_path)
            continue;
        std::error_code error;
        const std::uintmax_t size = fs::file_size(path, error);
        all += error ? 0 : size;
        if (name->day < oldest || all > m_limits.folder)
            fs::remove(path, error);
    }
}

void SendLogFolder::drop_too_many() {
    std::uintmax_t all = 0;
    std::size_t first = m_rows.size();
    while (first > 0 && all + m_rows[first - 1].text.size() <= m_limits.file)
        all += m_rows[--first].text.size();
    m_dropped += first;
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(first));
}

} // namespace sendconnector::mail_log
