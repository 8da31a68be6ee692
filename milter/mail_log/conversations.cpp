// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/conversations.hpp"

#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/server_words.hpp"
#include "milter/mail_log/trace_tree.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sendconnector::mail_log {
namespace {

using Kind = SmtpSaid::Kind;

constexpr std::size_t most_processes = 10'000;
// After QUIT comes what was sent before it and is yet to be answered, and then the end, which smtp(8) does
// not always tell. A process without a session is forgotten as soon.
constexpr std::chrono::seconds longest_farewell{30};

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

bool is_command(std::string_view said, std::string_view verb) {
    return said.size() >= verb.size() &&
           std::equal(verb.begin(), verb.end(), said.begin(), [](char a, char b) { return a == upper(b); }) &&
           (said.size() == verb.size() || said[verb.size()] == ' ');
}

// What is none may be a credential: of a login whose beginning was not heard, say.
bool is_known(std::string_view said) {
    return std::ranges::any_of(std::array<std::string_view, 15>{"EHLO", "HELO", "LHLO", "STARTTLS", "XCLIENT",
                                                                "XFORWARD", "AUTH", "MAIL", "RCPT", "DATA",
                                                                "BDAT", ".", "RSET", "NOOP", "QUIT"},
                               [&](std::string_view verb) { return is_command(said, verb); });
}

std::string endpoint(std::string_view address, std::string_view port) {
    const bool is_v6 = address.find(':') != std::string_view::npos;
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
}

// As it will be written: what is a secret only then is one all the same.
std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return out;
}

std::string process_of(const LogLine& line) {
    return fmt::format("{}[{}]", line.tag, line.pid);
}

// "mx.example[192.0.2.1]:25" of a line about a delivery; empty where it went to no server.
std::string relay_of(std::string_view text) {
    const std::size_t at = text.find("to=<");
    const std::optional<Delivery> delivery =
        at == std::string_view::npos ? std::nullopt : parse_delivery(text.substr(at));
    return delivery && delivery->relay.find("]:") != std::string::npos ? delivery->relay : std::string();
}

// "KEY=VALUE" of "subject_CN=a, issuer_CN=b, fingerprint=...".
std::string_view value_of(std::string_view text, std::string_view key, std::string_view next) {
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + key.size());
    return text.substr(0, text.find(next));
}

} // namespace

void Conversations::take(const LogLine& line, Time time) {
    if (line.program() != "smtp")
        return;
    const SmtpSaid said = smtp_said(line.text);
    if (said.kind == Kind::other)
        return;
    if (m_processes.size() >= most_processes)
        end_silent(time, std::chrono::seconds(0));
    if (m_secrets.size() >= most_processes) {
        end_all(time);
        m_secrets.clear();
    }
    Process& process = m_processes[process_of(line)];
    process.last = time;
    process.secrets = &m_secrets[std::string(line.tag)];
    switch (said.kind) {
    case Kind::trying: {
        // "HOST[ADDRESS] port PORT..."
        const std::size_t at = said.data.find(" port ");
        const std::string_view port =
            at == std::string_view::npos ? std::string_view() : said.data.substr(at + 6);
        begin(process, line, fmt::format("{}:{}", said.data.substr(0, at), port.substr(0, port.find('.'))),
              time);
        row(process, time, '*', "", "attempting to connect");
        break;
    }
    case Kind::failed:
        if (!process.has_session || process.session.connected)
            begin(process, line, said.peer, time);
        row(process, time, '*', "", fmt::format("Failed to connect: {}", said.data));
        process.has_session = false;
        break;
    case Kind::command:
        connected(process, line, said.peer, time);
        command(process, said.data, time);
        break;
    case Kind::reply:
        connected(process, line, said.peer, time);
        reply(process, said.data, time);
        break;
    case Kind::tls:
        // smtp(8) that is not verbose tells of no more than this.
        if (!process.has_session || process.session.encrypted)
            begin(process, line, said.peer, time);
        process.session.encrypted = true;
        row(process, time, '*', "", said.data);
        break;
    case Kind::certificate:
        if (process.has_session)
            certificate(process, said.data, time);
        break;
    case Kind::warning:
        if (process.has_session)
            row(process, time, '*', "", said.data);
        break;
    case Kind::delivery:
    case Kind::lost:
        if (const std::string relay = process.has_session ? "" : relay_of(said.data); !relay.empty())
            begin(process, line, relay, time);
        if (process.has_session)
            row(process, time, '*', "", said.data);
        process.session.lost = process.session.lost || said.kind == Kind::lost ||
                               said.data.find("lost connection with ") != std::string_view::npos;
        break;
    case Kind::password:
        process.secrets->begin(said.data);
        break;
    case Kind::kept:
        if (process.has_session)
            row(process, time, '*', "", "connection kept for another message");
        process.has_session = false;
        break;
    case Kind::reused:
    case Kind::over:
        end(process, time);
        break;
    case Kind::other:
        break;
    }
}

void Conversations::begin(Process& process, const LogLine& line, std::string_view peer, Time time) {
    end(process, time);
    process.has_session = true;
    process.session = {
        .connector = m_names(connector_slug(line.tag)),
        .id = next_id(time),
        .remote = process.secrets->hide(printable(endpoint(address_of_peer(peer), port_of_peer(peer))))};
}

void Conversations::connected(Process& process, const LogLine& line, std::string_view peer, Time time) {
    if (!process.has_session) {
        begin(process, line, peer, time);
        row(process, time, '*', "", "connection used again, or begun before this log");
    }
    if (!process.session.connected) {
        process.session.connected = true;
        row(process, time, '+', "");
    }
}

void Conversations::end(Process& process, Time time) {
    if (!process.has_session)
        return;
    if (process.session.connected)
        row(process, time, '-', "", process.session.lost ? "Remote" : "Local");
    process.has_session = false;
}

void Conversations::row(Process& process, Time time, char event, std::string_view data,
                        std::string_view context) {
    Session& session = process.session;
    const Secrets& secrets = *process.secrets;
    m_sink({time, session.connector, session.id, session.sequence++, "", session.remote, event,
            event == '<' ? shown_reply(secrets, printable(data)) : secrets.hide(printable(data)),
            shown_line(secrets, printable(context))});
}

// RFC 4954 4: AUTH SP mechanism [SP initial-response], and then lines of base64.
void Conversations::command(Process& process, std::string_view data, Time time) {
    if (data != "*" && (process.session.logging_in || !is_known(data))) {
        process.secrets->add(data);
        process.session.is_told_secrets = true;
        return row(process, time, '>', hidden_secret);
    }
    process.session.quitting = process.session.quitting || data == "QUIT";
    if (!is_command(data, "AUTH"))
        return row(process, time, '>', data);
    process.session.logging_in = true;
    process.session.is_told_secrets = true;
    const std::size_t mechanism = data.find(' ');
    const std::size_t response =
        mechanism == std::string_view::npos ? mechanism : data.find(' ', mechanism + 1);
    if (response == std::string_view::npos)
        return row(process, time, '>', data);
    process.secrets->add(data.substr(response + 1));
    row(process, time, '>', fmt::format("{} {}", data.substr(0, response), hidden_secret));
}

// What a server says of a login may be what it was told, however garbled. It goes on being so where the login
// has failed, until the session is over.
void Conversations::reply(Process& process, std::string_view data, Time time) {
    Session& session = process.session;
    if (!session.is_told_secrets)
        return row(process, time, '<', data);
    if (session.logging_in && data.starts_with("334"))
        return row(process, time, '<', fmt::format("334 {}", hidden_secret));
    if (is_last_line(data)) {
        session.logging_in = false;
        session.is_told_secrets = !data.starts_with("235");
    }
    row(process, time, '<', without_words(data));
}

// "subject_CN=a, issuer_CN=b, fingerprint=c, pkey_fingerprint=d", and since Postfix 3.9 "subject_CN=a,
// issuer=b, cert fingerprint=c, pkey fingerprint=d".
void Conversations::certificate(Process& process, std::string_view data, Time time) {
    const bool is_older = data.find(", issuer_CN=") != std::string_view::npos;
    const std::string_view issuer = is_older ? ", issuer_CN=" : ", issuer=";
    const std::string_view fingerprint = is_older ? ", fingerprint=" : ", cert fingerprint=";
    const auto name = [&](std::string_view value) {
        return fmt::format("CN={}", process.secrets->has_piece_in(printable(value)) ? left_out : value);
    };
    row(process, time, '*', name(value_of(data, "subject_CN=", issuer)), "Certificate subject");
    row(process, time, '*', name(value_of(data, issuer, fingerprint)), "Certificate issuer name");
    row(process, time, '*',
        value_of(data, fingerprint, is_older ? ", pkey_fingerprint=" : ", pkey fingerprint="),
        "Certificate thumbprint");
}

std::string Conversations::without_secrets(const LogLine& line, std::string_view text) const {
    const auto found = m_secrets.find(std::string(line.tag));
    if (found == m_secrets.end())
        return std::string(text);
    const std::size_t said = text.size() - std::min(line.text.size(), text.size());
    return found->second.hide(text.substr(0, said)) + shown_line(found->second, text.substr(said));
}

void Conversations::end_silent(Time now, std::chrono::seconds silence) {
    for (auto entry = m_processes.begin(); entry != m_processes.end();) {
        const Process& process = entry->second;
        const bool waits = process.has_session && !process.session.quitting;
        if (process.last + (waits ? silence : std::min(silence, longest_farewell)) > now) {
            ++entry;
            continue;
        }
        end(entry->second, entry->second.last);
        entry = m_processes.erase(entry);
    }
}

void Conversations::end_all(Time now) {
    end_silent(now, std::chrono::seconds(0));
    for (auto& [name, process] : m_processes)
        end(process, process.last);
    m_processes.clear();
}

bool Conversations::is_open() const {
    return std::ranges::any_of(m_processes, [](const auto& one) { return one.second.has_session; });
}

// Exchange's are the time in units of 100 ns since the year 1, as are these; no two are alike.
std::string Conversations::next_id(Time time) {
    constexpr std::uint64_t unix_epoch = 621'355'968'000'000'000ULL;
    const auto since = time.time_since_epoch().count();
    m_last_id = std::max(m_last_id + 1,
                         unix_epoch + static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0)) * 10);
    return fmt::format("{:016X}", m_last_id);
}

} // namespace sendconnector::mail_log
