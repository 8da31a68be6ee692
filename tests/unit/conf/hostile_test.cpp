// SPDX-License-Identifier: Apache-2.0
// The loader against what nobody means to write: it answers with findings, in bounded time and space.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <fmt/format.h>
#include <random>

namespace sendconnector::conf {

using namespace testing;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

// Never throws, never both or neither of configuration and refusal, and no message that floods the terminal.
void check_loads(const TemporaryFolder& folder, std::string_view text) {
    Loaded loaded;
    REQUIRE_NOTHROW(loaded = folder.load(text));
    const bool consistent = loaded.configuration.has_value() == !refuses(loaded.findings);
    CHECK(consistent);
    for (const Finding& finding : loaded.findings) {
        if (to_string(finding).size() > 4096) {
            FAIL_CHECK("a message of " << to_string(finding).size() << " octets");
        }
    }
}

std::string senders(std::size_t count, std::string_view form) {
    std::string list = "senders = [\n";
    for (std::size_t i = 0; i < count; ++i) {
        list += fmt::format(fmt::runtime(form), i);
    }
    return list + "]\n";
}

} // namespace

TEST_CASE("nesting and length") {
    const TemporaryFolder folder;
    check_loads(folder, repeated("[", 100'000));
    check_loads(folder, "a = " + repeated("[", 100'000) + repeated("]", 100'000));
    check_loads(folder, "a = " + repeated("[", 100) + repeated("]", 100));
    check_loads(folder, "a = " + repeated("{ a = ", 100'000));
    check_loads(folder, "a = " + repeated("{ a = ", 99) + "1" + repeated(" }", 99));
    check_loads(folder, repeated("a.", 100'000) + "a = 1");
    check_loads(folder, "[" + repeated("a.", 100'000) + "a]");
    check_loads(folder, repeated("\"a\" . ", 100'000) + "a = 1");
    check_loads(folder, "a = \"" + std::string(1'000'000, 'x') + "\"");
    check_loads(folder, connector("comment = \"" + std::string(1'000'000, 'x') + "\""));
    check_loads(folder, connector("senders = [\"" + std::string(1'000'000, 'x') + "\"]"));
    check_loads(folder, "[[connector]]\nname = \"" + std::string(1'000'000, 'x') + "\"\n");
    check_loads(folder, "[[connector]]\n" + std::string(100'000, 'x') + " = 1\n");
    check_loads(folder, "[" + std::string(100'000, 'x') + "]\n");
    check_loads(folder, std::string(100'000, '\n'));
    check_loads(folder, connector("port = 999999999999999999999999999999"));
    check_loads(folder, connector("port = -9223372036854775808"));
    check_loads(folder, connector("port = nan"));
}

TEST_CASE("large lists") {
    const TemporaryFolder folder;
    check_loads(folder, connector("senders = [" + repeated("1,", 10'000) + "]"));
    check_loads(folder, connector("senders = [" + repeated("\"a@b.example\",", 10'000) + "]"));
    check_loads(folder, connector("address_spaces = []\nsmart_hosts = [" + repeated("[],", 10'000) + "]"));
    check_loads(folder, repeated("[[connector]]\n", 2'000));
    check_loads(folder, repeated(connector(), 2'000));
    check_loads(folder, repeated("[[connecter]]\n", 2'000));
}

TEST_CASE("a hundred thousand senders load") {
    const TemporaryFolder folder;
    const auto loaded =
        folder.load("[[connector]]\nname = \"A\"\naddress_spaces = [\"*\"]\nmax_message_size = \"1MB\"\n" +
                    senders(50'000, "\"user{}@mail.contoso.example\",\n") +
                    "[[connector]]\nname = \"B\"\naddress_spaces = [\"*\"]\nmax_message_size = \"1MB\"\n" +
                    senders(50'000, "\"*.d{}.contoso.example\",\n"));
    CHECK(lines_of(loaded.findings, folder.path()) == "");
    REQUIRE(loaded.configuration);
    CHECK(loaded.configuration->policy->connectors()[1].senders.size() == 50'000);
}

// Deterministic: the same inputs in every run. A failure shows the input.
TEST_CASE("damaged configurations never throw") {
    const TemporaryFolder folder;
    std::vector<std::string> originals;
    for (const char* name : {"every_key.toml", "defaults.toml", "in_parts/sendconnector.toml"}) {
        originals.push_back(read_text(fixture_folder() / "good" / name));
    }
    const std::vector<std::string> fragments = {"[",
                                                "]",
                                                "[[",
                                                "]]",
                                                "{",
                                                "}",
                                                "\"",
                                                "\"\"\"",
                                                "'''",
                                                "=",
                                                ",",
                                                ".",
                                                "\n",
                                                "\\",
                                                "\\u0000",
                                                "\\uD800",
                                                "#",
                                                "-",
                                                "1e999",
                                                "0x",
                                                "inf",
                                                "1979-05-27T07:32:00Z",
                                                "true",
                                                "\xff",
                                                "\xc3",
                                                std::string(1, '\0'),
                                                "\r",
                                                "\t",
                                                "[connector]\n",
                                                "[[connector]]\n",
                                                "connector = []\n",
                                                "name = \"Contoso\"\n",
                                                "senders = []\n",
                                                "a.b.c = 1\n",
                                                "\"*\"",
                                                "\"<>\"",
                                                "\"@\"",
                                                "\"*.\"",
                                                "\"[::1]:0;0\"",
                                                "99999999999",
                                                "\xf0\x9f\x93\xa7"};
    std::mt19937 random(20240501); // NOLINT: a fixed seed is the point
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
    for (int round = 0; round < 2000; ++round) {
        std::string text = originals[below(originals.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t at = below(text.size() + 1);
            switch (below(5)) {
            case 0:
                text.resize(at);
                break;
            case 1:
                text.insert(at, fragments[below(fragments.size())]);
                break;
            case 2:
                text.erase(at, 1 + below(20));
                break;
            case 3:
                if (at < text.size()) {
                    text[at] = static_cast<char>(below(256));
                }
                break;
            default:
                text += text.substr(at, below(200));
                break;
            }
        }
        Loaded loaded;
        try {
            loaded = folder.load(text);
        } catch (const std::exception& error) {
            FAIL("round " << round << ": " << error.what() << "\n" << text);
        }
        if (loaded.configuration.has_value() == refuses(loaded.findings)) {
            FAIL("round " << round << ": configuration and findings contradict each other\n" << text);
        }
    }
}

TEST_CASE("a good configuration that is cut somewhere is answered") {
    const TemporaryFolder folder;
    const std::string text = read_text(fixture_folder() / "good/every_key.toml");
    for (std::size_t length = 0; length < text.size(); length += 3) {
        Loaded loaded;
        try {
            loaded = folder.load(std::string_view(text).substr(0, length));
        } catch (const std::exception& error) {
            FAIL("cut at " << length << ": " << error.what());
        }
        if (loaded.configuration.has_value() == refuses(loaded.findings)) {
            FAIL("cut at " << length);
        }
    }
}

TEST_CASE("random octets never throw") {
    const TemporaryFolder folder;
    std::mt19937 random(4711); // NOLINT: a fixed seed is the point
    for (int round = 0; round < 1000; ++round) {
        std::string text(random() % 400, '\0');
        for (char& c : text) {
            // Mostly what TOML consists of, so that some of it gets past the first line.
            constexpr std::string_view common = "[]{}=\"'.,#\n ab_-01\\utrue";
            c = random() % 20 == 0 ? static_cast<char>(random() % 256) : common[random() % common.size()];
        }
        try {
            folder.load(text);
        } catch (const std::exception& error) {
            FAIL("round " << round << ": " << error.what() << "\n" << text);
        }
    }
}

} // namespace sendconnector::conf
