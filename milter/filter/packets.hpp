// SPDX-License-Identifier: Apache-2.0
// Packets of the milter protocol in a stream: those that come in, and those that go out.
#pragma once

#include "milter/filter/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::filter {

// What has come, taken apart into packets. Nothing is kept of a body but its length.
class PacketReader {
public:
    enum class Step { more, packet, broken };

    // Postfix' header_size_limit is 102,400 octets unless somebody has raised it.
    static constexpr std::size_t most_octets = 1'048'576;
    // Names and values of a dozen macros are a few hundred octets.
    static constexpr std::size_t most_of_macros = 65'536;

    // Takes octets from the front of `input`, at most to the end of one packet. The first packet has to be
    // one that negotiates.
    Step take(std::string_view& input);
    // After Step::packet, until the next take(), and no longer than the input that it may lie in. `data` of a
    // body is empty.
    protocol::Command command() const { return m_command; }
    std::string_view data() const { return m_data; }
    std::size_t body_octets() const { return m_body; }
    bool in_progress() const { return (!m_kept.empty() && !m_taken) || m_body_left > 0; }
    // Why it is broken.
    const std::string& problem() const { return m_problem; }

private:
    Step take_body(std::string_view& input);
    bool is_sound(std::size_t length, char command);

    std::string m_kept;   // of an unfinished packet, from its first octet
    bool m_taken = false; // m_kept is a packet that was handed out
    bool m_negotiated = false;
    protocol::Command m_command{};
    std::string_view m_data;
    std::size_t m_body = 0;
    std::size_t m_body_left = 0;
    std::string m_problem;
};

// Takes a string that ends in NUL from the front of `data`; nothing: there is no NUL.
std::optional<std::string_view> take_string(std::string_view& data);
// The strings of `data`, each of which ends in NUL; nothing: the last one does not.
std::optional<std::vector<std::string_view>> strings(std::string_view data);
// Four octets, most significant first; data.size() >= at + 4.
std::uint32_t number_at(std::string_view data, std::size_t at);

// Packets that go out, one after the other into `out`. A text ends at its first NUL.
void append_packet(std::string& out, protocol::Reply reply);
void append_packet(std::string& out, protocol::Reply reply, std::string_view text,
                   std::string_view second = {});
void append_indexed(std::string& out, protocol::Reply reply, std::uint32_t index, std::string_view name,
                    std::string_view value);
struct MacroList {
    protocol::Stage stage;
    std::string_view names; // separated by blanks
};
void append_negotiation(std::string& out, std::uint32_t version, std::uint32_t actions, std::uint32_t steps,
                        std::span<const MacroList> macros);

} // namespace sendconnector::filter
