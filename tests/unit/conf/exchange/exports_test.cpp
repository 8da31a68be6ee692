// SPDX-License-Identifier: Apache-2.0
// Every file of tests/fixtures/exchange against what stands beside it.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/exchange/described_import.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <cstdlib>
#include <set>

namespace sendconnector::conf::exchange {

using namespace testing;
using conf::testing::read_text;
using conf::testing::write_text;

namespace {

std::set<std::filesystem::path> exports() {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/exchange"))
        if (const auto ending = entry.path().extension(); ending != ".expected" && ending != ".md")
            files.insert(entry.path());
    return files;
}

} // namespace

TEST_CASE("exports in every shape are read as they are meant") {
    const auto files = exports();
    CHECK(files.size() >= 15);
    for (const auto& file : files) {
        DYNAMIC_SECTION(file.filename().string()) {
            const std::string found = described_import(read_text(file));
            const std::filesystem::path expected = file.string() + ".expected";
            if (std::getenv("WRITE_EXPECTED") != nullptr)
                write_text(expected, found);
            INFO("if this is how it should be: run again with WRITE_EXPECTED=1 in the environment");
            CHECK(found == read_text(expected));
        }
    }
}

TEST_CASE("line ends and encodings make no difference") {
    const auto folder = std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/exchange";
    for (const char* name : {"clixml_names.xml", "json_ps7_array.json", "csv_semicolons.csv", "script.ps1"}) {
        CAPTURE(name);
        const std::string text = read_text(folder / name);
        const std::string expected = described_import(text);
        CHECK(described_import("\xEF\xBB\xBF" + text) == expected);
        const std::string windows = conf::testing::replaced(text, "\n", "\r\n");
        CHECK(described_import(windows) == expected);
    }
}

} // namespace sendconnector::conf::exchange
