// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/log_file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

#include <fstream>
#include <unistd.h>
#include <zlib.h>

using namespace sendconnector::mail_log;
namespace fs = std::filesystem;

namespace {

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

void write_gz(const std::string& path, const std::string& text) {
    gzFile file = ::gzopen(path.c_str(), "wb");
    REQUIRE(::gzwrite(file, text.data(), static_cast<unsigned>(text.size())) ==
            static_cast<int>(text.size()));
    ::gzclose(file);
}

std::vector<std::string> lines_of(const fs::path& path) {
    std::vector<std::string> lines;
    const auto file = log_file(path);
    REQUIRE(file);
    CHECK(read_lines(*file, [&](std::string_view line) { lines.emplace_back(line); }));
    return lines;
}

} // namespace

TEST_CASE("log files: lines of plain and compressed ones") {
    const sendconnector::test::TemporaryDirectory folder;
    const std::vector<std::string> want = {"one", "", "three"};
    write(folder / "plain", "one\n\nthree");
    write_gz(folder / "packed.gz", "one\n\nthree\n");
    CHECK(lines_of(folder / "plain") == want);
    CHECK(lines_of(folder / "packed.gz") == want);
    write(folder / "empty", "");
    CHECK(lines_of(folder / "empty").empty());
}

TEST_CASE("log files: lines over the edges of blocks, and one without end") {
    const sendconnector::test::TemporaryDirectory folder;
    std::string text;
    std::vector<std::string> want;
    for (int i = 0; text.size() < (3U << 20U); ++i) {
        want.push_back(std::string(static_cast<std::size_t>(i % 5000), 'x') + std::to_string(i));
        text += want.back() + "\n";
    }
    write(folder / "long", text);
    CHECK(lines_of(folder / "long") == want);
    write(folder / "endless", std::string(5U << 20U, 'y') + "\nlast\n");
    const auto found = lines_of(folder / "endless");
    REQUIRE(found.size() == 2);
    CHECK(found[0].size() == longest_line);
    CHECK(found[1] == "last");
}

TEST_CASE("log files: a damaged one gives what is before the damage") {
    const sendconnector::test::TemporaryDirectory folder;
    std::string text;
    for (int i = 0; i < 100000; ++i)
        text += "line " + std::to_string(i * 7919 % 100003) + "\n";
    write_gz(folder / "whole.gz", text);
    fs::resize_file(folder / "whole.gz", fs::file_size(folder / "whole.gz") / 2);
    std::size_t count = 0;
    const auto done = read_lines(*log_file(folder / "whole.gz"), [&](std::string_view) { ++count; });
    CHECK_FALSE(done);
    CHECK(count > 1000);
}

TEST_CASE("log files: what was rotated away, oldest first") {
    const sendconnector::test::TemporaryDirectory folder;
    int age = 0;
    for (const char* name :
         {"mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.10.gz", "mail.log-20261101",
          "mail.log.20261001-000000.gz", "mail.log.old", "mail.log.gz", "mail.logs", "other.log"}) {
        write(folder / name, "x\n");
        fs::last_write_time(folder / name, fs::file_time_type::clock::now() - std::chrono::hours(++age));
    }
    std::vector<std::string> names;
    for (const LogFile& file : rotated_files(folder / "mail.log"))
        names.push_back(file.path.filename());
    CHECK(names == std::vector<std::string>{"mail.log.20261001-000000.gz", "mail.log-20261101",
                                            "mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"});
    CHECK(rotated_files(folder / "none.log").empty());
    CHECK(rotated_files("/nowhere/at/all/mail.log").empty());
}
