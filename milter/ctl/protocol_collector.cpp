// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/protocol_collector.hpp"

#include "milter/mail_log/smtp_said.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <thread>

namespace sendconnector::ctl {
namespace {

using mail_log::Time;
using namespace std::chrono_literals;

constexpr int most_datagrams_at_once = 1000; // datagrams between two looks at the files
constexpr std::chrono::milliseconds idle = 1s;
// A process that is gone without a word. No connector waits longer for a server than a day, few for minutes.
constexpr std::chrono::seconds longest_silence = 24h;
constexpr std::chrono::seconds between_complaints = 60s;
constexpr std::chrono::seconds longest_idleness = 10min;
constexpr std::chrono::seconds between_tidying = 1h;
constexpr std::chrono::seconds farewell = 5s; // for what the mail log does not take at once

Time now() {
    return Time(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch()));
}

bool is_readable(int descriptor) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
}

} // namespace

ProtocolCollector::ProtocolCollector(CollectorSocket socket, MailLogForwarder::Target mail_log,
                                     std::filesystem::path folder, mail_log::Conversations::NameOf names,
                                     Complain complain)
    : m_socket(std::move(socket)), m_mail_log(std::move(mail_log)), m_folder(std::move(folder)),
      m_conversations([this](const mail_log::SendLogRow& row) { m_folder.add(row); }, std::move(names)),
      m_complain(std::move(complain)) {}

void ProtocolCollector::run(int stop) {
    m_heard = now();
    while (!is_readable(stop) && is_needed()) {
        pollfd both[] = {{m_socket.descriptor(), POLLIN, 0}, {stop, POLLIN, 0}};
        ::poll(both, 2, static_cast<int>(m_mail_log.waiting() > 0 ? 100 : idle.count()));
        hear();
        m_conversations.end_silent(now(), longest_silence);
        write();
    }
    // With a socket of systemd's what comes from now on waits for the next collector.
    while (hear())
        continue;
    write();
    for (const Time end = now() + farewell; !m_mail_log.flush() && now() < end;)
        std::this_thread::sleep_for(50ms);
}

bool ProtocolCollector::is_needed() const {
    return !m_socket.outlives_us() || m_conversations.is_open() || m_mail_log.waiting() > 0 ||
           now() < m_heard + longest_idleness;
}

// True when there may be more.
bool ProtocolCollector::hear() {
    std::string text;
    for (int count = 0; count < most_datagrams_at_once; ++count) {
        if (!m_socket.receive(text))
            return false;
        // A datagram is a line; smtp(8) has replaced what is none in it.
        take(std::string_view(text).substr(0, text.find_first_of(std::string_view("\n\0", 2))));
    }
    return true;
}

void ProtocolCollector::take(std::string_view line) {
    const std::optional<mail_log::LogLine> parts = mail_log::parse_log_line(line);
    if (!parts)
        return;
    m_heard = now();
    // First, for it may be the line that tells the password.
    m_conversations.take(*parts, m_heard);
    if (mail_log::is_ordinary(parts->text))
        m_mail_log.add(m_conversations.without_secrets(*parts, line));
}

void ProtocolCollector::write() {
    if (const Result<void> written = m_folder.flush(); !written)
        complain(fmt::format("{}{}", to_string(written.error()),
                             m_folder.dropped() == 0 ? ""
                                                     : fmt::format(" ({} rows of the protocol log are lost)",
                                                                   m_folder.dropped())));
    if (!m_mail_log.flush() && (m_mail_log.dropped() > 0 || m_mail_log.waiting() > 1000))
        complain(fmt::format("the mail log takes nothing: {} lines wait, {} are lost", m_mail_log.waiting(),
                             m_mail_log.dropped()));
    const Time time = now();
    if (time >= m_tidied + between_tidying) {
        m_tidied = time;
        m_folder.tidy();
    }
}

void ProtocolCollector::complain(const std::string& text) {
    const Time time = now();
    if (m_complained != Time() && time < m_complained + between_complaints)
        return;
    m_complained = time;
    m_complain(text);
}

} // namespace sendconnector::ctl
