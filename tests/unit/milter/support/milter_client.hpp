// SPDX-License-Identifier: Apache-2.0
// The MTA's side of the milter protocol (version 6), as far as tests need it.
#pragma once

#include "stream_client.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sendconnector::test {

class MilterClient {
public:
    static constexpr std::uint32_t all_actions = 0x1ff;
    static constexpr std::uint32_t all_steps = 0x1fffff;

    explicit MilterClient(const std::string& path) : stream(path) {}
    // A client that has negotiated like Postfix.
    static MilterClient ready(const std::string& path) {
        MilterClient client(path);
        client.negotiate();
        return client;
    }

    static std::string number(std::uint32_t n) {
        return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                static_cast<char>(n)};
    }
    static std::string packet(char command, std::string_view data) {
        return number(static_cast<std::uint32_t>(data.size() + 1)) + command + std::string(data);
    }
    static std::string strings(std::initializer_list<std::string_view> list) {
        std::string all;
        for (const auto text : list) {
            all += std::string(text) + '\0';
        }
        return all;
    }

    bool send(char command, std::string_view data = "") const { return stream.send(packet(command, data)); }
    // Command and data of the next packet; command 0 when there is none.
    std::pair<char, std::string> receive() const {
        const auto head = stream.receive_exactly(4);
        if (head.size() < 4) {
            return {'\0', ""};
        }
        std::uint32_t size = 0;
        for (const char c : head) {
            size = size << 8 | static_cast<unsigned char>(c);
        }
        const auto body = stream.receive_exactly(size);
        return body.empty() ? std::pair{'\0', std::string()} : std::pair{body[0], body.substr(1)};
    }
    // As text: "continue", "accept", "552 5.3.4 ...", "tempfail", "reject", "closed".
    std::string answer() const {
        const auto [command, data] = receive();
        switch (command) {
        case 'c':
            return "continue";
        case 'a':
            return "accept";
        case 't':
            return "tempfail";
        case 'r':
            return "reject";
        case 'y':
            return data.substr(0, data.find('\0'));
        case '\0':
            return "closed";
        default:
            return std::string("?") + command;
        }
    }

    bool negotiate(std::uint32_t actions = all_actions, std::uint32_t possible_steps = all_steps) {
        if (!send('O', number(6) + number(actions) + number(possible_steps))) {
            return false;
        }
        const auto [command, data] = receive();
        if (command != 'O' || data.size() < 12) {
            return false;
        }
        const auto at = [&, &text = data](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << 24 |
                   static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 1])) << 16 |
                   static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 2])) << 8 |
                   static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 3]));
        };
        steps = at(8);
        macros = data.substr(12);
        return true;
    }
    std::string mail(std::string_view from, std::string_view parameter = "") const {
        send('M', parameter.empty() ? strings({from}) : strings({from, parameter}));
        return answer();
    }
    std::string rcpt(std::string_view to, std::string_view mailer, std::string_view host = "") const {
        send('D',
             "R" + (mailer.empty() ? strings({"i", "4TzQ1x"})
                                   : strings({"i", "4TzQ1x", "{rcpt_mailer}", mailer, "{rcpt_host}", host})));
        send('R', strings({to}));
        return answer();
    }
    // Headers, body and end of message as the negotiated steps have it.
    std::string message(std::string_view body) const {
        if ((steps & 0x20) == 0) {
            send('L', strings({"Subject", " x"}));
        }
        if ((steps & 0x40) == 0) {
            send('N');
            if (const auto said = answer(); said != "continue") {
                return said;
            }
        }
        if ((steps & 0x10) == 0) {
            for (; !body.empty(); body.remove_prefix(std::min<std::size_t>(body.size(), 65'535))) {
                send('B', body.substr(0, 65'535));
            }
        }
        send('D', "E" + strings({"i", "4TzQ1x"}));
        send('E');
        return answer();
    }

    StreamClient stream;
    std::uint32_t steps = 0;
    std::string macros;
};

} // namespace sendconnector::test
