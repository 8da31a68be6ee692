// SPDX-License-Identifier: Apache-2.0
// Conversations: out of what smtp(8) processes say, line by line and mixed, the SMTP sessions they have. What
// comes out holds no password, whatever goes in.
#pragma once

#include "milter/mail_log/log_line.hpp"
#include "milter/mail_log/secrets.hpp"
#include "milter/mail_log/send_log_row.hpp"
#include "milter/mail_log/smtp_said.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sendconnector::mail_log {

class Conversations {
public:
    using RowSink = std::function<void(const SendLogRow& row)>;
    // A connector's name, of the slug in its services' syslog_name.
    using NameOf = std::function<std::string(std::string_view slug)>;

    Conversations(RowSink sink, NameOf names) : m_sink(std::move(sink)), m_names(std::move(names)) {}

    // A line of smtp(8), heard at `time`. Lines of other programs are passed over.
    void take(const LogLine& line, Time time);
    // Ends sessions of which nothing was heard for longer than `silence`.
    void end_silent(Time now, std::chrono::seconds silence);
    // Ends all.
    void end_all(Time now);

    // Whether a session is in progress.
    bool is_open() const;

    // `text` of this process, which ends in `line`'s, with every credential that its connector is known to
    // have replaced, and without a server's words that hold a piece of one.
    std::string without_secrets(const LogLine& line, std::string_view text) const;

private:
    struct Session {
        std::string connector;
        std::string id;
        std::string remote;
        std::uint64_t sequence = 0;
        bool connected = false; // its `+` is written
        bool logging_in = false;
        bool is_told_secrets = false; // AUTH was said, and has not succeeded (yet)
        bool lost = false;            // the connection
        bool quitting = false;        // QUIT is said
        bool encrypted = false;       // its TLS was told of
    };
    struct Process {
        bool has_session = false;
        Secrets* secrets = nullptr; // of m_secrets, whose elements stay where they are
        Session session;
        Time last{};
    };
    void begin(Process& process, const LogLine& line, std::string_view peer, Time time);
    void end(Process& process, Time time);
    void connected(Process& process, const LogLine& line, std::string_view peer, Time time);
    void row(Process& process, Time time, char event, std::string_view data, std::string_view context = {});
    void command(Process& process, std::string_view data, Time time);
    void reply(Process& process, std::string_view data, Time time);
    void certificate(Process& process, std::string_view data, Time time);
    std::string next_id(Time time);

    RowSink m_sink;
    NameOf m_names;
    std::unordered_map<std::string, Process> m_processes;
    // By tag: a connection goes from one process of a connector to another, and so does what a server heard.
    std::unordered_map<std::string, Secrets> m_secrets;
    std::uint64_t m_last_id = 0;
};

} // namespace sendconnector::mail_log
