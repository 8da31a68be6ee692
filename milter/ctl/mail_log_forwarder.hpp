// SPDX-License-Identifier: Apache-2.0
// MailLogForwarder: passes lines on to the mail log of the instance, so that there they look as if their own
// program had written them.
#pragma once

#include "conf/postfix/file_descriptor.hpp"
#include "conf/postfix/instance.hpp"
#include "policy/result.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

class MailLogForwarder {
public:
    // Where the instance's other programs log to: postlogd(8) where maillog_file is set, else syslog.
    struct Target {
        std::string socket = "/dev/log";
        bool is_syslog = true;
        int facility = 2; // mail (RFC 5424 6.2.1)
    };
    static Result<Target> target_of(const conf::postfix::Instance& instance);

    explicit MailLogForwarder(Target target) : m_target(std::move(target)) {}

    // A line as postlogd(8) takes it: "Nov 23 17:04:54 mx postfix/contoso/smtp[7]: text". Never waits: what
    // cannot be passed on now is kept for flush().
    void add(std::string_view line);
    // False when lines are left.
    bool flush();
    std::size_t waiting() const { return m_lines.size(); }
    // Lines that were too many to be kept.
    std::uint64_t dropped() const { return m_dropped; }

private:
    bool send(const std::string& line);

    Target m_target;
    conf::postfix::FileDescriptor m_socket;
    std::deque<std::string> m_lines;
    std::uint64_t m_dropped = 0;
};

// "<22>Nov 23 17:04:54 postfix/contoso/smtp[7]: text": RFC 3164, without the host, as /dev/log takes it. The
// severity is what Postfix' word for it says.
std::string syslog_datagram(std::string_view line, int facility);

} // namespace sendconnector::ctl
