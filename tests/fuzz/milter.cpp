// SPDX-License-Identifier: Apache-2.0
// Whatever an MTA, or somebody else, sends to the milter: it is taken apart the same way however the octets
// are cut, within the limits, and macros are found in what are none without a step aside.
#include "milter/filter/macros.hpp"
#include "milter/filter/packets.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector::filter;
using Step = PacketReader::Step;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct Outcome {
    std::string packets;
    bool is_broken = false;

    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view octets, std::size_t piece) {
    PacketReader reader;
    Macros macros;
    Outcome outcome;
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
        auto input = octets.substr(0, piece);
        while (!input.empty()) {
            const auto before = input.size();
            const auto step = reader.take(input);
            if (step == Step::broken) {
                require(!reader.problem().empty());
                require(reader.take(input) == Step::broken);
                outcome.is_broken = true;
                return outcome;
            }
            require(input.size() < before);
            if (step == Step::more) {
                require(input.empty() && reader.in_progress());
                continue;
            }
            const auto data = reader.data();
            require(data.size() < PacketReader::most_octets);
            require(reader.body_octets() < PacketReader::most_octets);
            macros.begin(reader.command());
            if (reader.command() == protocol::Command::macros) {
                (void)macros.take(data);
            }
            if (const auto words = strings(data)) {
                for (const auto word : *words) {
                    require(word.find('\0') == std::string_view::npos);
                }
            }
            outcome.packets += static_cast<char>(reader.command());
            outcome.packets += std::to_string(reader.body_octets());
            outcome.packets += data;
            outcome.packets += macros.find("i").value_or("none");
            outcome.packets += macros.find("auth_authen").value_or("none");
        }
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto whole = read(octets, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {1UL, 3UL, 7UL, 64UL}) {
        require(read(octets, piece) == whole);
    }
    return 0;
}
