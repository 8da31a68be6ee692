// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/message_fate.hpp"

#include "conf/postfix/command.hpp"
#include "milter/mail_log/log_line.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

namespace sendconnector::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using conf::postfix::run_command;

constexpr std::chrono::milliseconds between_looks{250};
constexpr std::chrono::seconds command_patience{10};
// A message on its way from one queue directory to the next may be missed, and a log line come late.
constexpr std::chrono::seconds grace{3};

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    const std::size_t at = text.find(begin);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + begin.size());
    return text.substr(0, text.find(end));
}

MessageFate::Kind kind_of(std::string_view status) {
    if (status == "sent")
        return MessageFate::Kind::delivered;
    return status == "deferred" ? MessageFate::Kind::deferred : MessageFate::Kind::bounced;
}

class Watch {
public:
    Watch(const conf::Configuration& configuration, const TestMessage& message, MailLog& log)
        : m_directory(configuration.postfix.config_directory), m_message(message), m_log(log) {}

    // The fate as far as it is known now; final unless its kind is unknown.
    const MessageFate& look() {
        look_at_log();
        if (m_fate.kind == MessageFate::Kind::unknown)
            look_at_queue();
        return m_fate;
    }

    MessageFate give_up() {
        m_fate.text = m_log.sources().empty()
                          ? "there is no mail log that may be read, and the queue does not tell"
                      : m_fate.queue_id.empty()
                          ? fmt::format("it has not shown up in {}", fmt::join(m_log.sources(), ", "))
                          : "Postfix has not tried to deliver it yet";
        return m_fate;
    }

private:
    void look_at_log() {
        for (const std::string& line : m_log.new_lines()) {
            if (m_fate.queue_id.empty())
                m_fate.queue_id = queue_id_of(line, m_message.message_id);
            if (m_fate.queue_id.empty())
                continue;
            const LoggedStep step = logged_step(line, m_fate.queue_id);
            if (step.status.empty())
                continue;
            m_fate.kind = kind_of(step.status);
            m_fate.relay = step.relay;
            m_fate.service = step.service;
            m_fate.text = step.text;
            return;
        }
    }

    void look_at_queue() {
        const auto listed = run_command({"postqueue", "-c", m_directory, "-j"}, command_patience);
        if (!listed || listed->exit_status != 0)
            return;
        std::istringstream lines(listed->out);
        for (std::string line; std::getline(lines, line);) {
            const nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
            if (entry.is_object() && is_ours(entry)) {
                take(entry);
                m_missing_since.reset();
                return;
            }
        }
        if (!m_missing_since)
            m_missing_since = Clock::now();
        if (Clock::now() - *m_missing_since < grace)
            return;
        m_fate.kind = MessageFate::Kind::left_queue;
        m_fate.text = m_log.sources().empty()
                          ? "it has left the queue; without a mail log that may be read nobody can tell "
                            "whether it was delivered or returned"
                          : fmt::format("it has left the queue, and {} does not say where to",
                                        fmt::join(m_log.sources(), ", "));
    }

    bool is_ours(const nlohmann::json& entry) {
        const std::string id = entry.value("queue_id", "");
        if (!m_fate.queue_id.empty())
            return id == m_fate.queue_id;
        const std::string sender = entry.value("sender", "");
        if (id.empty() || (sender != m_message.from && !(m_message.from == "<>" && sender.size() < 20 &&
                                                         (sender.empty() || sender == "MAILER-DAEMON"))))
            return false;
        const auto header = run_command({"postcat", "-c", m_directory, "-q", "-h", id}, command_patience);
        return header && header->out.find(m_message.message_id) != std::string::npos;
    }

    void take(const nlohmann::json& entry) {
        // pickup(8) hands what lies in maildrop to cleanup(8), which gives it the name it then has.
        if (entry.value("queue_name", "") == "maildrop")
            return;
        m_fate.queue_id = entry.value("queue_id", "");
        for (const nlohmann::json& recipient : entry.value("recipients", nlohmann::json::array()))
            if (recipient.is_object() && recipient.contains("delay_reason")) {
                m_fate.kind = MessageFate::Kind::deferred;
                m_fate.text = recipient.value("delay_reason", "");
            }
    }

    std::string m_directory;
    const TestMessage& m_message;
    MailLog& m_log;
    MessageFate m_fate;
    std::optional<Clock::time_point> m_missing_since;
};

} // namespace

std::string_view word(MessageFate::Kind kind) {
    switch (kind) {
    case MessageFate::Kind::delivered:
        return "delivered";
    case MessageFate::Kind::deferred:
        return "deferred";
    case MessageFate::Kind::bounced:
        return "bounced";
    case MessageFate::Kind::left_queue:
        return "left_queue";
    case MessageFate::Kind::unknown:
        break;
    }
    return "unknown";
}

std::string queue_id_of(std::string_view line, std::string_view message_id) {
    const std::optional<mail_log::LogLine> parts = mail_log::parse_log_line(line);
    if (!parts || !parts->tag.ends_with("/cleanup"))
        return {};
    const std::size_t colon = parts->text.find(": message-id=");
    if (colon == std::string_view::npos || parts->text.substr(colon + 13) != message_id)
        return {};
    return std::string(parts->text.substr(0, colon));
}

LoggedStep logged_step(std::string_view line, std::string_view queue_id) {
    const std::optional<mail_log::LogLine> parts = mail_log::parse_log_line(line);
    if (!parts || !parts->text.starts_with(queue_id) ||
        !parts->text.substr(queue_id.size()).starts_with(": to="))
        return {};
    const std::string_view rest = parts->text;
    const std::string_view status = between(rest, ", status=", " ");
    if (status.empty())
        return {};
    std::string_view text = rest.substr(rest.find(", status=") + 9 + status.size());
    if (text.starts_with(" (") && text.ends_with(")"))
        text = text.substr(2, text.size() - 3);
    return {std::string(parts->tag), std::string(between(rest, ", relay=", ",")), std::string(status),
            std::string(text)};
}

MessageFate await_fate(const conf::Configuration& configuration, const TestMessage& message, MailLog& log,
                       std::chrono::seconds patience, const std::function<void()>& waiting) {
    const Clock::time_point deadline = Clock::now() + patience;
    Watch watch(configuration, message, log);
    for (;;) {
        const MessageFate& fate = watch.look();
        if (fate.kind != MessageFate::Kind::unknown)
            return fate;
        if (Clock::now() >= deadline)
            return watch.give_up();
        waiting();
        std::this_thread::sleep_for(between_looks);
    }
}

} // namespace sendconnector::ctl
