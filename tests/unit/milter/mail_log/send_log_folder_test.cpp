// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/send_log_folder.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <fstream>
#include <iterator>

using namespace sendconnector::mail_log;
using sendconnector::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

SendLogRow row(const char* time, std::uint64_t number) {
    return {
        *StampReader(Time()).read(time), "C", "08DE2AC1B5E6EE1C", number, "", "192.0.2.1:25", '>', "NOOP"};
}

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names(const TemporaryDirectory& folder) {
    std::vector<std::string> list;
    for (const fs::path& path : send_log_files(folder / ""))
        list.push_back(path.filename());
    return list;
}

// The numbers of all rows, in their order.
std::vector<std::uint64_t> numbers(const TemporaryDirectory& folder) {
    std::vector<std::uint64_t> list;
    for (const fs::path& path : send_log_files(folder / "")) {
        std::ifstream file(path, std::ios::binary);
        for (std::string line; std::getline(file, line);)
            if (const auto parsed = parse_csv(line))
                list.push_back(parsed->sequence);
    }
    return list;
}

} // namespace

TEST_CASE("protocol log folder: a file a day of UTC, with the five lines at its head") {
    const TemporaryDirectory folder;
    SendLogFolder log(folder / "");
    CHECK(log.flush());
    CHECK(names(folder).empty());
    log.add(row("2026-11-23T23:59:59.999Z", 1));
    log.add(row("2026-11-24T01:00:00+02:00", 2)); // still the 23rd
    log.add(row("2026-11-24T00:00:00Z", 3));
    log.add(row("2026-11-23T23:59:59Z", 4)); // late
    REQUIRE(log.flush());
    CHECK(names(folder) == std::vector<std::string>{"SEND20261123-1.log", "SEND20261124-1.log"});
    CHECK(numbers(folder) == std::vector<std::uint64_t>{1, 2, 3, 4});
    const std::string text = content(folder / "SEND20261123-1.log");
    CHECK(text.starts_with("#Software: sendconnector\r\n#Version: " SENDCONNECTOR_VERSION
                           "\r\n#Log-Type: SMTP Send Protocol Log\r\n#Date: 2"));
    CHECK(
        text.find(
            "Z\r\n#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
            "event,data,context\r\n2026-11-23T23:59:59.999Z,C,") != std::string::npos);
}

TEST_CASE("protocol log folder: the last file is gone on with, a line cut off closed") {
    const TemporaryDirectory folder;
    for (std::uint64_t i = 0; i < 3; ++i) {
        SendLogFolder log(folder / "");
        log.add(row("2026-11-23T10:00:00Z", i));
        REQUIRE(log.flush());
    }
    CHECK(names(folder) == std::vector<std::string>{"SEND20261123-1.log"});
    CHECK(numbers(folder) == std::vector<std::uint64_t>{0, 1, 2});
    std::ofstream(folder / "SEND20261123-1.log", std::ios::app) << "2026-11-23T10:00:00Z,C,08DE";
    SendLogFolder log(folder / "");
    log.add(row("2026-11-23T10:00:00Z", 3));
    REQUIRE(log.flush());
    CHECK(numbers(folder) == std::vector<std::uint64_t>{0, 1, 2, 3});
}

TEST_CASE("protocol log folder: no file grows beyond its limit, and the oldest go when all are too much") {
    const TemporaryDirectory folder;
    const SendLogLimits limits{.file = 2000, .folder = 11000, .age = std::chrono::hours(24) * 36500};
    std::ofstream(folder / "other.log") << "x";
    std::ofstream(folder / "SEND20261123-x.log") << "x";
    SendLogFolder log(folder / "", limits);
    for (std::uint64_t i = 0; i < 500; ++i) {
        log.add(row("2026-11-23T10:00:00Z", i));
        if (i % 7 == 0)
            REQUIRE(log.flush());
    }
    REQUIRE(log.flush());
    std::uintmax_t all = 0;
    const std::vector<std::string> kept = names(folder);
    for (const std::string& name : kept) {
        CHECK(fs::file_size(folder / name) <= limits.file);
        all += fs::file_size(folder / name);
    }
    CHECK(all <= limits.folder);
    CHECK(kept.size() >= 5);
    const std::vector<std::uint64_t> left = numbers(folder);
    REQUIRE(left.size() > 50);
    for (std::size_t i = 0; i < left.size(); ++i)
        CHECK(left[i] == 500 - left.size() + i); // the last ones, none twice, none left out
    CHECK(fs::exists(folder / "other.log"));
    CHECK(fs::exists(folder / "SEND20261123-x.log"));
}

TEST_CASE("protocol log folder: after thirty days a file goes") {
    const TemporaryDirectory folder;
    const Time now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto name = [&](int days) {
        const std::string day = utc_text(now - std::chrono::hours(24) * days);
        return fmt::format("SEND{}{}{}-1.log", day.substr(0, 4), day.substr(5, 2), day.substr(8, 2));
    };
    for (const int days : {1, 29, 30, 31, 400})
        std::ofstream(folder / name(days)) << "x\n";
    SendLogFolder(folder / "").tidy();
    CHECK(names(folder) == std::vector<std::string>{name(30), name(29), name(1)});
}

TEST_CASE("protocol log folder: what cannot be written now is written later, none twice") {
    const TemporaryDirectory folder;
    SendLogFolder log(folder / "later");
    log.add(row("2026-11-23T10:00:00Z", 1));
    CHECK_FALSE(log.flush());
    log.add(row("2026-11-23T10:00:00Z", 2));
    CHECK_FALSE(log.flush());
    fs::create_directory(folder / "later");
    REQUIRE(log.flush());
    REQUIRE(log.flush());
    std::size_t count = 0;
    std::ifstream file(folder / "later/SEND20261123-1.log");
    for (std::string line; std::getline(file, line);)
        count += parse_csv(line) ? 1U : 0U;
    CHECK(count == 2);
    CHECK(log.dropped() == 0);
}
