// SPDX-License-Identifier: Apache-2.0
// Every header in tests/fixtures/headers/NAME.eml, and what NAME.txt says of it. With
// SENDCONNECTOR_UPDATE_GOLDEN=1 in the environment the .txt files are written anew, to be read before they
// are committed.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_header/compact.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

using namespace sendconnector::mail_header;

namespace {

const std::filesystem::path folder = SENDCONNECTOR_SOURCE_DIR "/tests/fixtures/headers";

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> headers() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".eml")
            found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

bool updates_golden() {
    const char* value = std::getenv("SENDCONNECTOR_UPDATE_GOLDEN");
    return value != nullptr && std::string_view(value) == "1";
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

} // namespace

TEST_CASE("headers from everywhere say what they say") {
    const auto all = headers();
    CHECK(all.size() >= 100);
    for (const auto& path : all) {
        auto expected = path;
        expected.replace_extension(".txt");
        const std::string found = test::compact(analyse(content(path)));
        if (updates_golden())
            std::ofstream(expected, std::ios::binary) << found;
        INFO(path.filename().string());
        CHECK(found == content(expected));
    }
}

TEST_CASE("line ends do not matter") {
    for (const auto& path : headers()) {
        const std::string text = content(path);
        // Where a carriage return or a byte order mark is the point of the fixture, nothing can be replaced.
        if (text.find('\r') != std::string::npos || text.find('\0') != std::string::npos)
            continue;
        INFO(path.filename().string());
        const std::string found = test::compact(analyse(text));
        CHECK(test::compact(analyse(replaced(text, "\n", "\r\n"))) == found);
        CHECK(test::compact(analyse(replaced(text, "\n", "\r"))) == found);
    }
}

TEST_CASE("how a paste changes blanks does not matter") {
    for (const auto& path : headers()) {
        const std::string text = content(path);
        if (text.find('\0') != std::string::npos)
            continue;
        INFO(path.filename().string());
        const std::string found = test::compact(analyse(text));
        CHECK(test::compact(analyse(replaced(text, "\n ", "\n\xC2\xA0"))) == found);
        CHECK(test::compact(analyse(replaced(text, "\n\t", "\n\xC2\xA0\xC2\xA0\xC2\xA0"))) == found);
        if (!text.starts_with("\xEF\xBB\xBF"))
            CHECK(test::compact(analyse("\xEF\xBB\xBF\n\n" + text)) == found);
    }
}
