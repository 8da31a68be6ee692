// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/mail_log_forwarder.hpp"

#include "milter/mail_log/log_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sendconnector::ctl {
namespace {

constexpr std::size_t most_lines = 20'000;

struct Facility {
    std::string_view name;
    int number;
};
constexpr std::array<Facility, 18> facilities = {{{"kern", 0},
                                                  {"user", 1},
                                                  {"mail", 2},
                                                  {"daemon", 3},
                                                  {"auth", 4},
                                                  {"syslog", 5},
                                                  {"news", 7},
                                                  {"uucp", 8},
                                                  {"cron", 9},
                                                  {"authpriv", 10},
                                                  {"local0", 16},
                                                  {"local1", 17},
                                                  {"local2", 18},
                                                  {"local3", 19},
                                                  {"local4", 20},
                                                  {"local5", 21},
                                                  {"local6", 22},
                                                  {"local7", 23}}};

int severity_of(std::string_view text) {
    if (text.starts_with("warning: "))
        return 4;
    if (text.starts_with("error: "))
        return 3;
    return text.starts_with("fatal: ") || text.starts_with("panic: ") ? 2 : 6;
}

} // namespace

Result<MailLogForwarder::Target> MailLogForwarder::target_of(const conf::postfix::Instance& instance) {
    auto values =
        instance.parameters({"maillog_file", "queue_directory", "postlog_service_name", "syslog_facility"});
    if (!values)
        return tl::unexpected<Error>(values.error());
    if (!(*values)["maillog_file"].empty())
        return Target{
            fmt::format("{}/public/{}", (*values)["queue_directory"], (*values)["postlog_service_name"]),
            false, 2};
    Target target;
    const auto* found = std::ranges::find(facilities, (*values)["syslog_facility"], &Facility::name);
    if (found != facilities.end())
        target.facility = found->number;
    return target;
}

void MailLogForwarder::add(std::string_view line) {
    if (m_lines.size() >= most_lines) {
        m_lines.pop_front();
        ++m_dropped;
    }
    m_lines.push_back(m_target.is_syslog ? syslog_datagram(line, m_target.facility) : std::string(line));
}

bool MailLogForwarder::flush() {
    while (!m_lines.empty() && send(m_lines.front()))
        m_lines.pop_front();
    return m_lines.empty();
}

bool MailLogForwarder::send(const std::string& line) {
    // Twice: a server that was started anew has another socket of the same name.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!m_socket.is_open()) {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            if (m_target.socket.size() >= sizeof(address.sun_path))
                return false;
            std::copy(m_target.socket.begin(), m_target.socket.end(), address.sun_path);
            conf::postfix::FileDescriptor socket(
                ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            // connect(2) wants it so
            if (!socket.is_open() ||
                ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
                return false;
            m_socket = std::move(socket);
        }
        if (::send(m_socket.get(), line.data(), line.size(), MSG_NOSIGNAL) >= 0)
            return true;
        if (errno == EMSGSIZE)
            return true; // nobody will ever take it
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
            return false;
        m_socket.close();
    }
    return false;
}

std::string syslog_datagram(std::string_view line, int facility) {
    const std::optional<mail_log::LogLine> parts = mail_log::parse_log_line(line);
    if (!parts)
        return fmt::format("<{}>{}", facility * 8 + 6, line);
    return fmt::format("<{}>{} {}{}{}{}: {}", facility * 8 + severity_of(parts->text), parts->stamp,
                       parts->tag, parts->pid.empty() ? "" : "[", parts->pid, parts->pid.empty() ? "" : "]",
                       parts->text);
}

} // namespace sendconnector::ctl
