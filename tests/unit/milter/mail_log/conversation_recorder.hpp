// SPDX-License-Identifier: Apache-2.0
// ConversationRecorder: Conversations with what is said to them and what they make of it.
#pragma once

#include "milter/mail_log/conversations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <string>
#include <vector>

namespace sendconnector::mail_log {

inline const Time noon = *StampReader(Time()).read("2026-11-23T12:00:00Z");

class ConversationRecorder {
public:
    ConversationRecorder()
        : conversations(
              [this](const SendLogRow& row) { rows.push_back(row); },
              [](std::string_view slug) { return slug == "good" ? "Good One" : std::string(slug); }) {}

    // Lines of process 7 of the connector, unless they name one: "[8] text". A millisecond apart.
    void say(const std::string& text, const char* tag = "postfix/good/smtp") {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::string_view said = line;
            std::string_view pid = "7";
            if (said.starts_with('[')) {
                pid = said.substr(1, 1);
                said.remove_prefix(4);
            }
            now += std::chrono::milliseconds(1);
            conversations.take({.tag = tag, .pid = pid, .text = said}, now);
        }
    }
    // "event data|context" a row, sessions as 1, 2, ...
    std::string text() const {
        std::string out;
        std::vector<std::string> ids;
        for (const SendLogRow& row : rows) {
            auto id = std::find(ids.begin(), ids.end(), row.session);
            if (id == ids.end())
                id = ids.insert(ids.end(), row.session);
            out += fmt::format("{} {} {}{}{}\n", id - ids.begin() + 1, row.sequence, row.event,
                               row.data.empty() ? "" : " " + row.data,
                               row.context.empty() ? "" : "|" + row.context);
        }
        return out;
    }

    std::vector<SendLogRow> rows;
    Conversations conversations;
    Time now = noon;
};

inline const std::string connect = "smtp_connect_addr: trying: mx[192.0.2.1] port 25...\n"
                                   "vstream_tweak_tcp: TCP_MAXSEG 32741\n";
inline const std::string log_in =
    "< mx[192.0.2.1]:25: 250 AUTH PLAIN LOGIN\n"
    "maps_find: smtp_sasl_password_maps: texthash:x: mx = anna:open sesame\n"
    "smtp_sasl_passwd_lookup: host `mx' user `anna' pass `open sesame'\n"
    "xsasl_cyrus_client_get_passwd: open sesame\n"
    "xsasl_cyrus_client_first: uncoded initial reply: \\000anna\\000open sesame\n";

} // namespace sendconnector::mail_log
