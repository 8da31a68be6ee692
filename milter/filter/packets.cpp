// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/packets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::filter {

using protocol::Command;

namespace {

constexpr std::size_t head_octets = 5; // length and command
constexpr std::size_t negotiation_octets = 13;
// Versions to come may say more.
constexpr std::size_t most_of_negotiation = 1024;

std::string_view up_to_nul(std::string_view text) {
    return text.substr(0, text.find('\0'));
}

void append_number(std::string& out, std::uint32_t n) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out += static_cast<char>(n >> shift & 0xffU);
    }
}

void begin_packet(std::string& out, protocol::Reply reply, std::size_t data) {
    append_number(out, static_cast<std::uint32_t>(data + 1));
    out += static_cast<char>(reply);
}

} // namespace

std::uint32_t number_at(std::string_view data, std::size_t at) {
    std::uint32_t n = 0;
    for (const char c : data.substr(at, 4)) {
        n = n << 8U | static_cast<unsigned char>(c);
    }
    return n;
}

PacketReader::Step PacketReader::take(std::string_view& input) {
    if (!m_problem.empty()) {
        return Step::broken;
    }
    if (m_body_left > 0) {
        return take_body(input);
    }
    if (std::exchange(m_taken, false)) {
        m_kept.clear();
    }
    // The head first, which says how much there is to come.
    if (!m_kept.empty() && m_kept.size() < head_octets) {
        const auto part = input.substr(0, head_octets - m_kept.size());
        m_kept.append(part);
        input.remove_prefix(part.size());
    }
    const std::string_view begun = m_kept.empty() ? input : std::string_view(m_kept);
    if (begun.size() < head_octets) {
        // A length that cannot be is known as soon as it is there.
        if (begun.size() >= 4 && !is_sound(number_at(begun, 0), '\0')) {
            return Step::broken;
        }
        m_kept.append(input);
        input = {};
        return Step::more;
    }
    const std::size_t length = number_at(begun, 0);
    const char command = begun[4];
    if (!is_sound(length, command)) {
        return Step::broken;
    }
    m_command = static_cast<Command>(command);
    if (m_command == Command::body) {
        if (m_kept.empty()) {
            input.remove_prefix(head_octets);
        }
        m_kept.clear();
        m_data = {};
        m_body = m_body_left = length - 1;
        return take_body(input);
    }
    const std::size_t whole = length + 4;
    if (m_kept.empty() && input.size() >= whole) {
        m_data = input.substr(head_octets, length - 1);
        input.remove_prefix(whole);
    } else {
        const auto part = input.substr(0, whole - m_kept.size());
        m_kept.append(part);
        input.remove_prefix(part.size());
        if (m_kept.size() < whole) {
            return Step::more;
        }
        m_taken = true;
        m_data = std::string_view(m_kept).substr(head_octets);
    }
    m_negotiated = true;
    return Step::packet;
}

PacketReader::Step PacketReader::take_body(std::string_view& input) {
    const auto part = std::min(input.size(), m_body_left);
    input.remove_prefix(part);
    m_body_left -= part;
    return m_body_left == 0 ? Step::packet : Step::more;
}

// NUL stands for a command that has not come yet.
bool PacketReader::is_sound(std::size_t length, char command) {
    if (!m_negotiated) {
        if (length >= negotiation_octets && length <= most_of_negotiation &&
            (command == static_cast<char>(Command::negotiate) || command == '\0')) {
            return true;
        }
        m_problem = "the client never spoke the milter protocol";
        return false;
    }
    const bool macros = command == static_cast<char>(Command::macros);
    if (length >= 1 && length <= (macros ? most_of_macros : most_octets)) {
        return true;
    }
    m_problem = fmt::format("a packet of {} octets", length);
    return false;
}

std::optional<std::string_view> take_string(std::string_view& data) {
    const auto end = data.find('\0');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = data.substr(0, end);
    data.remove_prefix(end + 1);
    return text;
}

std::optional<std::vector<std::string_view>> strings(std::string_view data) {
    std::vector<std::string_view> all;
    while (!data.empty()) {
        const auto text = take_string(data);
        if (!text) {
            return std::nullopt;
        }
        all.push_back(*text);
    }
    return all;
}

void append_packet(std::string& out, protocol::Reply reply) {
    begin_packet(out, reply, 0);
}

void append_packet(std::string& out, protocol::Reply reply, std::string_view text, std::string_view second) {
    text = up_to_nul(text);
    second = up_to_nul(second);
    begin_packet(out, reply, text.size() + 1 + (second.empty() ? 0 : second.size() + 1));
    out.append(text) += '\0';
    if (!second.empty()) {
        out.append(second) += '\0';
    }
}

void append_indexed(std::string& out, protocol::Reply reply, std::uint32_t index, std::string_view name,
                    std::string_view value) {
    name = up_to_nul(name);
    value = up_to_nul(value);
    begin_packet(out, reply, 4 + name.size() + 1 + value.size() + 1);
    append_number(out, index);
    out.append(name) += '\0';
    out.append(value) += '\0';
}

void append_negotiation(std::string& out, std::uint32_t version, std::uint32_t actions, std::uint32_t steps,
                        std::span<const MacroList> macros) {
    std::size_t size = 12;
    for (const auto& list : macros) {
        size += 4 + list.names.size() + 1;
    }
    begin_packet(out, protocol::Reply::negotiate, size);
    append_number(out, version);
    append_number(out, actions);
    append_number(out, steps);
    for (const auto& list : macros) {
        append_number(out, static_cast<std::uint32_t>(list.stage));
        out.append(list.names) += '\0';
    }
}

} // namespace sendconnector::filter
