// SPDX-License-Identifier: Apache-2.0
// What stands where a configuration file should be. What git cannot hold is made here.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"
#include "tests/unit/conf/other_user.hpp"

#include <sys/stat.h>

namespace sendconnector::conf {

using namespace testing;
namespace fs = std::filesystem;

namespace {

std::string lines_from(const TemporaryFolder& folder) {
    const auto loaded = load_configuration(folder / "sendconnector.toml");
    CHECK(loaded.configuration.has_value() == !refuses(loaded.findings));
    return lines_of(loaded.findings, folder.path());
}

} // namespace

TEST_CASE("sendconnector.toml that cannot be read") {
    const TemporaryFolder folder;
    const fs::path file = folder / "sendconnector.toml";
    SECTION("missing") {
        CHECK(lines_from(folder) == "sendconnector.toml: cannot be read: No such file or directory; check "
                                    "the path and its permissions\n");
    }
    SECTION("a folder") {
        fs::create_directory(file);
        CHECK(lines_from(folder) ==
              "sendconnector.toml: is a folder, and a file is needed; check the path\n");
    }
    SECTION("a FIFO, without waiting for a writer") {
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        CHECK(lines_from(folder) == "sendconnector.toml: is not a regular file; put a regular file there\n");
    }
    SECTION("a device") {
        fs::create_symlink("/dev/zero", file);
        CHECK(lines_from(folder) == "sendconnector.toml: is not a regular file; put a regular file there\n");
    }
    SECTION("a link to nothing") {
        fs::create_symlink("nowhere", file);
        CHECK(lines_from(folder) == "sendconnector.toml: cannot be read: No such file or directory; check "
                                    "the path and its permissions\n");
    }
    SECTION("a link to itself") {
        fs::create_symlink("sendconnector.toml", file);
        CHECK(lines_from(folder) ==
              "sendconnector.toml: cannot be read: Too many levels of symbolic links; put the "
              "file itself there, not a symbolic link\n");
    }
    SECTION("larger than 64 MiB") {
        write_text(file, "");
        fs::resize_file(file, (64U << 20U) + 1);
        CHECK(lines_from(folder) ==
              "sendconnector.toml: is larger than 67108864 octets; check that this is the right file\n");
    }
    SECTION("64 MiB of nothing") {
        write_text(file, "");
        fs::resize_file(file, 64U << 20U);
        CHECK(lines_from(folder) ==
              "sendconnector.toml:1:1: there is a NUL octet here; check that this is a text "
              "file, saved in UTF-8\n");
    }
    SECTION("not for this user") {
        write_text(file, "");
        fs::permissions(file, fs::perms::none);
        fs::permissions(folder.path(), fs::perms::all);
        const OtherUser nobody;
        CHECK(lines_from(folder) ==
              "sendconnector.toml: cannot be read: Permission denied; check its permissions and "
              "those of the folders above it, or run this as root\n");
    }
    SECTION("a link to a file is fine") {
        write_text(folder / "elsewhere", connector());
        fs::create_symlink("elsewhere", file);
        CHECK(lines_from(folder) == "");
    }
    SECTION("a byte order mark is fine") {
        write_text(file, "\xef\xbb\xbf" + connector());
        CHECK(lines_from(folder) == "");
    }
    SECTION("CRLF is fine") {
        write_text(file, replaced(connector(), "\n", "\r\n"));
        CHECK(lines_from(folder) == "");
    }
}

TEST_CASE("no file name at all") {
    const auto loaded = load_configuration("");
    CHECK(refuses(loaded.findings));
}

TEST_CASE("conf.d that cannot be read") {
    const TemporaryFolder folder;
    write_text(folder / "sendconnector.toml", "");
    const fs::path parts = folder / "conf.d";
    SECTION("missing: fine") {
        CHECK(lines_from(folder) == "");
    }
    SECTION("empty: fine") {
        fs::create_directory(parts);
        CHECK(lines_from(folder) == "");
    }
    SECTION("a file") {
        write_text(parts, "");
        CHECK(lines_from(folder) ==
              "conf.d: cannot be listed: Not a directory; make it a folder that can be read, or remove it\n");
    }
    SECTION("a link to nothing") {
        fs::create_symlink("nowhere", parts);
        CHECK(lines_from(folder) == "conf.d: cannot be listed: No such file or directory; make it a folder "
                                    "that can be read, or remove it\n");
    }
    SECTION("not for this user") {
        fs::create_directory(parts);
        fs::permissions(parts, fs::perms::none);
        fs::permissions(folder.path(), fs::perms::all);
        const OtherUser nobody;
        CHECK(
            lines_from(folder) ==
            "conf.d: cannot be listed: Permission denied; make it a folder that can be read, or remove it\n");
    }
    SECTION("entries of every kind") {
        fs::create_directory(parts);
        fs::create_symlink("nowhere", parts / "dangling.toml");
        fs::create_directory(parts / "folder.toml");
        REQUIRE(::mkfifo((parts / "fifo.toml").c_str(), 0600) == 0);
        fs::create_symlink("nowhere", parts / ".#editor.toml");
        write_text(parts / ".toml", "not read");
        write_text(parts / "good.toml", connector("enabled = 1"));
        write_text(parts / "odd\x1b.toml", "x");
        CHECK(lines_from(folder) ==
              "conf.d/dangling.toml: cannot be read: No such file or directory; check the path and its "
              "permissions\n"
              "conf.d/fifo.toml: is not a regular file; put a regular file there\n"
              "conf.d/folder.toml: is a folder, and a file is needed; check the path\n"
              "conf.d/good.toml:4:11: connector \"Contoso\": enabled must be true or false, and here it is a "
              "whole "
              "number; write enabled = true or enabled = false, without quotation marks\n"
              "conf.d/odd\\x1b.toml:1:2: not valid TOML: Error while parsing key-value pair: encountered "
              "end-of-file; "
              "correct the line; the file is not read any further\n");
    }
}

TEST_CASE("conf.d is read although sendconnector.toml is missing") {
    const TemporaryFolder folder;
    fs::create_directory(folder / "conf.d");
    write_text(folder / "conf.d/a.toml", connector("colour = 1"));
    const std::string lines = lines_from(folder);
    CHECK(lines.find("sendconnector.toml: cannot be read") == 0);
    CHECK(lines.find("conf.d/a.toml:4:1: connector \"Contoso\": unknown key \"colour\"") !=
          std::string::npos);
}

} // namespace sendconnector::conf
