// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/netstring.hpp"

#include "tests/unit/catch.hpp"

#include <string>
#include <vector>

using namespace sendconnector::lookup;
using Problem = NetstringParser::Problem;
using State = NetstringParser::State;

namespace {

// Everything that comes out of `pieces`, and "!" and the problem at the end if it breaks there.
std::vector<std::string> parse(const std::vector<std::string>& pieces, std::size_t limit = 8192) {
    NetstringParser parser(limit);
    std::vector<std::string> out;
    for (const auto& piece : pieces) {
        std::string_view input = piece;
        while (!input.empty()) {
            switch (parser.take(input)) {
            case State::more:
                break;
            case State::complete:
                out.emplace_back(parser.payload());
                break;
            case State::broken:
                out.push_back("! " + std::string(to_string(parser.problem())));
                return out;
            }
        }
    }
    if (parser.in_progress()) {
        out.emplace_back("...");
    }
    return out;
}

using List = std::vector<std::string>;

} // namespace

TEST_CASE("netstrings, well-formed and not") {
    struct Case {
        std::string text;
        List want;
    };
    const Case cases[] = {
        {"3:abc,", {"abc"}},
        {"0:,", {""}},
        {"3:abc,2:de,", {"abc", "de"}},
        {"5:a,b:c,", {"a,b:c"}},
        {std::string("3:\0\r\n,", 6), {std::string("\0\r\n", 3)}},
        {"27:transport alice@contoso.net,", {"transport alice@contoso.net"}},
        {"10:0123456789,", {"0123456789"}},
        {"", {}},
        {"3:ab", {"..."}},
        {"3", {"..."}},
        {"3:abc", {"..."}},
        {":abc,", {"! the length is not a number"}},
        {"-1:a,", {"! the length is not a number"}},
        {"+3:abc,", {"! the length is not a number"}},
        {" 3:abc,", {"! the length is not a number"}},
        {"3 :abc,", {"! the length is not a number"}},
        {"0x3:abc,", {"! the length is not a number"}},
        {"3:abc,\n", {"abc", "! the length is not a number"}},
        {"GET / HTTP/1.1\r\n", {"! the length is not a number"}},
        {std::string("\0\0\0\r", 4), {"! the length is not a number"}},
        {"03:abc,", {"! the length has leading zeros"}},
        {"00:,", {"! the length has leading zeros"}},
        {"01", {"! the length has leading zeros"}},
        {"8193:", {"! the request is too long"}},
        {"99999999999999999999999999999999:", {"! the request is too long"}},
        {"18446744073709551617:", {"! the request is too long"}},
        {"3:abcd,", {"! no comma after the announced length"}},
        {"3:abc;", {"! no comma after the announced length"}},
        {"0:x", {"! no comma after the announced length"}},
    };
    for (const auto& c : cases) {
        CAPTURE(c.text);
        CHECK(parse({c.text}) == c.want);
    }
}

TEST_CASE("a stream of netstrings means the same wherever it is cut") {
    const std::string text = "3:abc,0:,12:hello, world,27:transport alice@contoso.net,";
    const List want = {"abc", "", "hello, world", "transport alice@contoso.net"};
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CAPTURE(cut);
        CHECK(parse({text.substr(0, cut), text.substr(cut)}) == want);
    }
    List octets;
    for (const char c : text) {
        octets.emplace_back(1, c);
    }
    CHECK(parse(octets) == want);
    // So does garbage.
    const std::string bad = "3:abc,3:abc;";
    for (std::size_t cut = 0; cut <= bad.size(); ++cut) {
        CAPTURE(cut);
        CHECK(parse({bad.substr(0, cut), bad.substr(cut)}) ==
              List{"abc", "! no comma after the announced length"});
    }
}

TEST_CASE("a netstring of exactly the limit passes, one more does not") {
    const std::string most(8192, 'x');
    CHECK(parse({"8192:" + most + ","}) == List{most});
    CHECK(parse({"8193:" + most + "x,"}) == List{"! the request is too long"});
    CHECK(parse({"4:abcd,"}, 4) == List{"abcd"});
    CHECK(parse({"5:abcde,"}, 4) == List{"! the request is too long"});
}

TEST_CASE("what comes in one piece is not copied") {
    NetstringParser parser;
    const std::string text = "3:abc,0:,27:transport alice@contoso.net,5:he";
    std::string_view input = text;
    const auto lies_in_the_input = [&](std::string_view part) {
        return part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size();
    };
    for (const std::string_view want : {"abc", "", "transport alice@contoso.net"}) {
        REQUIRE(parser.take(input) == State::complete);
        CHECK(parser.payload() == want);
        CHECK(lies_in_the_input(parser.payload()));
        CHECK_FALSE(parser.in_progress());
    }
    REQUIRE(parser.take(input) == State::more);
    CHECK(parser.in_progress());
    input = "llo,1:x,";
    REQUIRE(parser.take(input) == State::complete);
    CHECK(parser.payload() == "hello");
    REQUIRE(parser.take(input) == State::complete);
    CHECK(parser.payload() == "x");
}

TEST_CASE("what is broken stays broken") {
    NetstringParser parser;
    std::string_view input = "x3:abc,";
    CHECK(parser.take(input) == State::broken);
    input = "3:abc,";
    CHECK(parser.take(input) == State::broken);
    CHECK(parser.problem() == Problem::not_a_number);
}

TEST_CASE("the log line about garbage shows it, escaped and short") {
    struct Case {
        std::string text;
        std::string want;
    };
    const Case cases[] = {
        {"GET / HTTP/1.1\r\n", R"(the length is not a number: "GET / HTTP/1.1\x0d\x0a")"},
        {"12x:", R"(the length is not a number: "12x:")"},
        {"007:", R"(the length has leading zeros: "007:")"},
        {"3:abcd,", R"(no comma after the announced length: "3:abcd,")"},
        {"99999:", R"(the request is too long: "99999:")"},
    };
    for (const auto& c : cases) {
        NetstringFraming framing;
        std::string_view input = c.text;
        CHECK(framing.take(input) == sendconnector::endpoint::Framing::Step::broken);
        CHECK(framing.problem() == "not a socketmap client: " + c.want);
    }
    NetstringFraming framing;
    const std::string noise(100'000, '\1');
    std::string_view input = noise;
    CHECK(framing.take(input) == sendconnector::endpoint::Framing::Step::broken);
    CHECK(framing.problem().size() < 500);
}

TEST_CASE("a reply is one netstring") {
    std::string out = "1:x,";
    append_netstring(out, "OK sc-contoso:[smtp.example]:587");
    append_netstring(out, "");
    CHECK(out == "1:x,32:OK sc-contoso:[smtp.example]:587,0:,");
}
