// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/packets.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/milter_client.hpp"

#include <string>
#include <vector>

using namespace sendconnector::filter;
using sendconnector::test::MilterClient;
using Step = PacketReader::Step;

namespace {

const std::string offer =
    MilterClient::packet('O', MilterClient::number(6) + MilterClient::number(1) + MilterClient::number(2));

// What is read of `octets` that come in pieces of `piece`: "O12" for a command with so much data, "!" for the
// end of it.
std::string read(std::string_view octets, std::size_t piece) {
    PacketReader reader;
    std::string all;
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
        auto input = octets.substr(0, piece);
        while (!input.empty()) {
            switch (reader.take(input)) {
            case Step::more:
                CHECK(input.empty());
                CHECK(reader.in_progress());
                break;
            case Step::packet:
                all += static_cast<char>(reader.command());
                all += reader.command() == protocol::Command::body
                           ? "+" + std::to_string(reader.body_octets())
                           : std::string(reader.data());
                CHECK_FALSE((input.empty() && reader.in_progress()));
                break;
            case Step::broken:
                CHECK_FALSE(reader.problem().empty());
                return all + '!';
            }
        }
    }
    return all + (reader.in_progress() ? "..." : "");
}

} // namespace

TEST_CASE("packets are the same however the octets are cut") {
    const auto octets = offer + MilterClient::packet('M', MilterClient::strings({"<a@b>"})) +
                        MilterClient::packet('B', std::string(300, 'b')) + MilterClient::packet('B', "") +
                        MilterClient::packet('E', "") + MilterClient::packet('L', std::string(500, 'l'));
    const auto whole = read(octets, octets.size());
    using namespace std::string_literals;
    CHECK(whole == "O\0\0\0\6\0\0\0\1\0\0\0\2M<a@b>\0B+300B+0EL"s + std::string(500, 'l'));
    for (std::size_t piece = 1; piece < 40; ++piece) {
        CHECK(read(octets, piece) == whole);
    }
    CHECK(read(octets.substr(0, octets.size() - 1), 7).ends_with("B+0E..."));
}

TEST_CASE("the first packet negotiates, and what cannot be a packet is known by its head") {
    const auto after = [](std::string_view octets) {
        return read(offer + std::string(octets), 3).substr(13);
    };
    CHECK(read(MilterClient::packet('M', "a"), 100) == "!");
    CHECK(read(MilterClient::packet('M', std::string(12, 'a')), 100) == "!");
    CHECK(read(MilterClient::number(0) + "O", 100) == "!");
    CHECK(read(MilterClient::number(2000), 100) == "!");
    CHECK(read("GET ", 1) == "!");
    CHECK(after(MilterClient::number(0)) == "!");
    CHECK(after(MilterClient::number(PacketReader::most_octets + 1)) == "!");
    CHECK(after(MilterClient::number(PacketReader::most_octets) + "L") == "...");
    CHECK(after(MilterClient::number(PacketReader::most_octets + 1) + "B") == "!");
    CHECK(after(MilterClient::number(PacketReader::most_of_macros + 1) + "D") == "!");
    CHECK(after(MilterClient::number(PacketReader::most_of_macros) + "D") == "...");
}

TEST_CASE("what lies in the input is not copied, and of a body nothing is kept") {
    PacketReader reader;
    std::string_view input = offer;
    REQUIRE(reader.take(input) == Step::packet);
    CHECK(reader.data().data() == offer.data() + 5);
    const auto body = MilterClient::packet('B', std::string(1000, 'b'));
    input = std::string_view(body).substr(0, 500);
    CHECK(reader.take(input) == Step::more);
    CHECK(reader.in_progress());
    input = std::string_view(body).substr(500);
    CHECK(reader.take(input) == Step::packet);
    CHECK(reader.body_octets() == 1000);
    CHECK(reader.data().empty());
}

TEST_CASE("strings end in NUL") {
    using namespace std::string_literals;
    CHECK(strings("") == std::vector<std::string_view>());
    CHECK(strings("a\0\0b\0"s) == std::vector<std::string_view>{"a", "", "b"});
    CHECK(strings("a\0b"s) == std::nullopt);
}

TEST_CASE("packets that go out have the length of what is in them, whatever that is") {
    using namespace std::string_literals;
    std::string out;
    append_packet(out, protocol::Reply::proceed);
    append_packet(out, protocol::Reply::reply_code, "451 4.3.0 x\0y"s);
    append_packet(out, protocol::Reply::add_rcpt_with_parameters, "<a@b>", "NOTIFY=NEVER");
    append_indexed(out, protocol::Reply::insert_header, 258, "A\0x"s, " b\0y"s);
    const MacroList macros[] = {{protocol::Stage::rcpt, "i {x}"}};
    append_negotiation(out, 6, 1, 2, macros);
    CHECK(out == MilterClient::packet('c', "") +
                     MilterClient::packet('y', MilterClient::strings({"451 4.3.0 x"})) +
                     MilterClient::packet('2', MilterClient::strings({"<a@b>", "NOTIFY=NEVER"})) +
                     MilterClient::packet('i', "\0\0\1\2"s + MilterClient::strings({"A", " b"})) +
                     MilterClient::packet('O', MilterClient::number(6) + MilterClient::number(1) +
                                                   MilterClient::number(2) + MilterClient::number(3) +
                                                   MilterClient::strings({"i {x}"})));
}
