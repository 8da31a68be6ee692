// SPDX-License-Identifier: Apache-2.0
// ProtocolCollector: hears what smtp(8) of verbose connectors says, writes their conversations to the
// protocol log, and passes on to the mail log what other services log as well.
#pragma once

#include "milter/ctl/collector_socket.hpp"
#include "milter/ctl/mail_log_forwarder.hpp"
#include "milter/mail_log/conversations.hpp"
#include "milter/mail_log/send_log_folder.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace sendconnector::ctl {

class ProtocolCollector {
public:
    using Complain = std::function<void(const std::string& text)>;

    // `names`: the connector's name of a slug.
    ProtocolCollector(CollectorSocket socket, MailLogForwarder::Target mail_log, std::filesystem::path folder,
                      mail_log::Conversations::NameOf names, Complain complain);

    // Until `stop` becomes readable, or nobody has said anything for a while and systemd will start another
    // one. What had been said is written then.
    void run(int stop);

private:
    bool is_needed() const;
    bool hear();
    void take(std::string_view line);
    void write();
    void complain(const std::string& text);

    CollectorSocket m_socket;
    MailLogForwarder m_mail_log;
    mail_log::SendLogFolder m_folder;
    mail_log::Conversations m_conversations;
    Complain m_complain;
    mail_log::Time m_heard{};
    mail_log::Time m_complained{};
    mail_log::Time m_tidied{};
};

} // namespace sendconnector::ctl
