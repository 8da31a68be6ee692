// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/journal.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ; // POSIX has it declared by the program

namespace sendconnector::mail_log {
namespace {

constexpr std::size_t read_size = 1 << 18;
// A field that claims to be longer is no text of a mail log.
constexpr std::uint64_t longest_field = 1 << 20;

std::uint64_t little_endian(std::string_view eight) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;)
        value = value << 8U | static_cast<unsigned char>(eight[i]);
    return value;
}

std::string at_seconds(std::string_view option, Time time) {
    return fmt::format("--{}=@{}", option,
                       std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

// journalctl, its output in a pipe.
class Running {
public:
    static Result<Running> start(const std::vector<std::string>& arguments) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            return fail(fmt::format("cannot start journalctl: {}", std::strerror(errno)));
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        std::vector<char*> argv;
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str())); // posix_spawn(3) does not write to it
        argv.push_back(nullptr);
        pid_t pid = -1;
        const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (error != 0) {
            ::close(ends[0]);
            return fail(fmt::format("cannot run journalctl: {}", std::strerror(error)));
        }
        return Running(pid, ends[0]);
    }
    Running(Running&& other) noexcept
        : m_pid(std::exchange(other.m_pid, -1)), m_output(std::exchange(other.m_output, -1)) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    Running& operator=(Running&&) = delete;
    ~Running() {
        if (m_pid > 0)
            end();
    }

    std::size_t read(std::string& block) const {
        for (;;) {
            const ssize_t count = ::read(m_output, block.data(), block.size());
            if (count >= 0 || errno != EINTR)
                return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        }
    }
    int end() {
        ::close(m_output);
        int status = -1;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR)
            continue;
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    Running(pid_t pid, int output) : m_pid(pid), m_output(output) {}
    pid_t m_pid;
    int m_output;
};

} // namespace

void ExportReader::add(std::string_view block) {
    m_buffer.append(block);
    while (take_field())
        continue;
    m_buffer.erase(0, m_at);
    m_at = 0;
}

// False when the buffer holds no whole field any more.
bool ExportReader::take_field() {
    const std::string_view rest = std::string_view(m_buffer).substr(m_at);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos)
        return false;
    const std::string_view line = rest.substr(0, end);
    if (line.empty()) {
        emit();
    } else if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
        take(line.substr(0, equals), line.substr(equals + 1));
    } else {
        if (rest.size() < end + 9)
            return false;
        const std::uint64_t size = little_endian(rest.substr(end + 1, 8));
        if (size <= longest_field) {
            if (rest.size() < end + 9 + size + 1)
                return false;
            take(line, rest.substr(end + 9, size));
            m_at += size + 9;
        }
    }
    m_at += end + 1;
    return true;
}

void ExportReader::take(std::string_view name, std::string_view value) {
    if (name == "MESSAGE")
        m_message = value.substr(0, value.find('\n'));
    else if (name == "SYSLOG_IDENTIFIER")
        m_tag = value;
    else if (name == "SYSLOG_PID")
        m_pid = value;
    else if (name == "_PID")
        m_own_pid = value;
    else if (name == "_HOSTNAME")
        m_host = value;
    else if (name == "__REALTIME_TIMESTAMP") {
        std::uint64_t time = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), time);
        if (error == std::errc() && end == value.data() + value.size())
            m_time = time;
    }
}

void ExportReader::emit() {
    if (m_time && !m_tag.empty() && !m_message.empty()) {
        const Time time{std::chrono::microseconds(*m_time)};
        m_line.clear();
        // utc_text() has milliseconds; the rest follows.
        const std::string text = utc_text(time);
        fmt::format_to(std::back_inserter(m_line), "{}{:03}Z {} {}", std::string_view(text).substr(0, 23),
                       *m_time % 1000, m_host.empty() ? "-" : m_host, m_tag);
        // Whoever passes a line on says whose it is.
        const std::string& pid = m_pid.empty() ? m_own_pid : m_pid;
        if (!pid.empty())
            fmt::format_to(std::back_inserter(m_line), "[{}]", pid);
        fmt::format_to(std::back_inserter(m_line), ": {}", m_message);
        m_sink(m_line);
    }
    for (std::string* text : {&m_host, &m_tag, &m_pid, &m_own_pid, &m_message})
        text->clear();
    m_time.reset();
}

Result<void> read_journal(const std::optional<Time>& since, const std::optional<Time>& until,
                          const LineSink& sink) {
    std::vector<std::string> arguments = {
        "journalctl",
        "--quiet",
        "--no-pager",
        "--output=export",
        "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_HOSTNAME",
        "SYSLOG_FACILITY=2"};
    if (since)
        arguments.push_back(at_seconds("since", *since));
    if (until)
        arguments.push_back(at_seconds("until", *until + std::chrono::seconds(1)));
    Result<Running> journal = Running::start(arguments);
    if (!journal)
        return tl::unexpected<Error>(journal.error());
    ExportReader entries(sink);
    std::string block(read_size, '\0');
    while (const std::size_t count = journal->read(block))
        entries.add(std::string_view(block).substr(0, count));
    if (journal->end() != 0)
        return fail("journalctl failed", "run as root, or as a member of the group systemd-journal");
    return {};
}

bool has_journal() {
    const Result<Running> started = Running::start(
        {"journalctl", "--quiet", "--no-pager", "--lines=1", "--output=cat", "SYSLOG_FACILITY=2"});
    if (!started)
        return false;
    std::string block(256, '\0');
    return started->read(block) > 0;
}

} // namespace sendconnector::mail_log
