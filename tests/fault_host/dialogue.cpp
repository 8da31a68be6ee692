// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/dialogue.hpp"

#include <algorithm>
#include <cctype>

namespace sendconnector::fault_host {
namespace {

std::string verb(const std::string& line) {
    std::string word = line.substr(0, line.find_first_of(" :"));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return word;
}

std::string in_angle_brackets(const std::string& line) {
    const auto begin = line.find('<');
    const auto end = line.find('>', begin == std::string::npos ? 0 : begin);
    return begin == std::string::npos || end == std::string::npos ? ""
                                                                  : line.substr(begin + 1, end - begin - 1);
}

class Host {
public:
    Host(Session& session, const Dialogue& dialogue) : m_session(session), m_dialogue(dialogue) {}

    Task<> run() {
        co_await answer("connect", m_dialogue.greeting);
        for (;;) {
            const std::string line = co_await m_session.read_line();
            const std::string word = verb(line);
            if (word == "EHLO" && m_session.encrypted()) {
                co_await answer("EHLO in TLS", m_dialogue.ehlo_in_tls);
            } else if (word == "EHLO" && m_dialogue.instead_of_ehlo) {
                co_await m_dialogue.instead_of_ehlo(m_session);
                co_return;
            } else if (word == "EHLO") {
                co_await answer("EHLO", m_dialogue.ehlo);
            } else if (word == "HELO") {
                co_await answer("HELO", m_dialogue.helo);
            } else if (word == "STARTTLS") {
                co_await starttls();
            } else if (word == "MAIL") {
                m_sender = in_angle_brackets(line);
                m_session.note("MAIL", m_sender);
                co_await answer("MAIL", m_dialogue.mail);
            } else if (word == "RCPT") {
                co_await answer("RCPT", m_dialogue.recipient);
            } else if (word == "DATA") {
                co_await answer("DATA", m_dialogue.data);
                co_await message();
            } else if (word == "QUIT") {
                co_await say("221 2.0.0 bye\r\n");
                m_session.close();
                co_return;
            } else if (word == "RSET" || word == "NOOP") {
                co_await say("250 2.0.0 ok\r\n");
            } else {
                co_await say("502 5.5.1 what?\r\n");
            }
        }
    }

private:
    Task<> say(std::string octets) { co_await m_session.write(std::move(octets)); }

    Task<> answer(std::string step, std::string octets) {
        if (m_dialogue.hang_up_at.contains(step)) {
            m_session.close();
        } else if (m_dialogue.fall_silent_at.contains(step)) {
            co_await m_session.hold();
        }
        co_await say(std::move(octets));
    }

    Task<> starttls() {
        co_await answer("STARTTLS", m_dialogue.starttls);
        if (m_dialogue.instead_of_tls) {
            co_await m_dialogue.instead_of_tls(m_session);
            co_return;
        }
        if (!m_dialogue.starttls.starts_with("220") || !m_dialogue.tls) {
            co_return;
        }
        co_await answer("handshake", "");
        co_await m_session.start_tls(*m_dialogue.tls, m_dialogue.tampering);
        co_await answer("done", "");
    }

    Task<> message() {
        for (;;) {
            const std::string line = co_await m_session.read_line();
            if (line == ".") {
                break;
            }
        }
        if (m_dialogue.accepted.starts_with("2") && !m_dialogue.hang_up_at.contains("end") &&
            !m_dialogue.fall_silent_at.contains("end")) {
            m_session.note("message", m_sender);
        }
        co_await answer("end", m_dialogue.accepted);
    }

    Session& m_session;
    const Dialogue& m_dialogue;
    std::string m_sender;
};

} // namespace

Task<> speak(Session& session, const Dialogue& dialogue) {
    Host host(session, dialogue);
    co_await host.run();
}

std::string many_lines(std::size_t lines, const std::string& text) {
    std::string reply;
    for (std::size_t i = 0; i < lines; ++i) {
        reply += "250-" + text + "\r\n";
    }
    return reply;
}

} // namespace sendconnector::fault_host
