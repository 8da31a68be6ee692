// SPDX-License-Identifier: Apache-2.0
#include "conf/credential_file.hpp"
#include "conf/secrets.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"
#include "tests/unit/conf/other_user.hpp"

#include <sys/stat.h>

namespace sendconnector::conf {

using namespace testing;
namespace fs = std::filesystem;

namespace {

constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;
constexpr const char* good = "username = \"relay-user\"\npassword = \"p:ss w\u00f6rd\\\"\"\n";

// "ok", or what is wrong, with the folder's path left out.
std::string outcome(const TemporaryFolder& folder, const std::string& name = "relay") {
    const auto credential = read_credential(folder.path(), name);
    return credential ? "ok" : replaced(to_string(credential.error()), folder.path().string() + "/", "");
}

void put(const TemporaryFolder& folder, std::string_view text) {
    write_text(folder / "relay", text);
    fs::permissions(folder / "relay", owner_only);
}

} // namespace

TEST_CASE("a credential is read as it stands") {
    const TemporaryFolder folder;
    put(folder, good);
    const auto credential = read_credential(folder.path(), "relay");
    REQUIRE(credential);
    CHECK(credential->username == "relay-user");
    CHECK(credential->password == "p:ss w\u00f6rd\"");
}

TEST_CASE("what a credential may be, before there is a file") {
    using namespace std::string_view_literals;
    CHECK(flaw_of_credential("p:ss w\u00f6rd\\\"").empty());
    CHECK(flaw_of_credential(std::string(1024, 'x')).empty());
    CHECK(flaw_of_credential("") == "is empty");
    CHECK(flaw_of_credential(std::string(1025, 'x')) == "is longer than 1024 octets");
    for (const std::string_view latin : {"p\xe4ss"sv, "p\xe4"sv, "\xc3"sv, "\xed\xa0\x80"sv})
        CHECK(flaw_of_credential(latin) == "is not UTF-8");
    for (const std::string_view control : {"p\0ss"sv, "p\x1b"sv, "\tp"sv, "p\x7f"sv, "p\xc2\x85"sv})
        CHECK(flaw_of_credential(control) == "holds a control character, which Postfix' maps cannot carry");
    for (const std::string_view blank : {" p"sv, "p "sv})
        CHECK(flaw_of_credential(blank) == "begins or ends with a blank, which Postfix' maps cannot carry");
}

TEST_CASE("what a credential file may say") {
    struct Row {
        const char* text;
        const char* outcome;
    };
    const Row table[] = {
        {"username = \"u\"\npassword = \"p\"\n", "ok"},
        {"# a comment\npassword = 'p'\nusername = 'u'", "ok"},
        {"", "relay has no username; add a line username = \"...\""},
        {"username = \"u\"\n", "relay has no password; add a line password = \"...\""},
        {"password = \"p\"\n", "relay has no username; add a line username = \"...\""},
        {"username = \"\"\npassword = \"p\"\n", "username in relay is empty; use another one"},
        {"username = \"u\"\npassword = \"\"\n", "password in relay is empty; use another one"},
        {"username = \"u:v\"\npassword = \"p\"\n",
         "username in relay holds a colon, where Postfix takes the password to begin; use another one"},
        {"username = \" u\"\npassword = \"p\"\n",
         "username in relay begins or ends with a blank, which Postfix' maps cannot carry; use another one"},
        {"username = \"u\"\npassword = \"p \"\n",
         "password in relay begins or ends with a blank, which Postfix' maps cannot carry; use another one"},
        {"username = \"u\"\npassword = \"p\\nq\"\n",
         "password in relay holds a control character, which Postfix' maps cannot carry; use another one"},
        {"username = \"u\\u0000\"\npassword = \"p\"\n",
         "username in relay holds a control character, which Postfix' maps cannot carry; use another one"},
        {"username = \"u\"\npassword = 5\n", "password in relay is not a string; put it in quotation marks"},
        {"username = [\"u\"]\npassword = \"p\"\n",
         "username in relay is not a string; put it in quotation marks"},
        {"username = \"u\"\npassword = \"p\"\nhost = \"h\"\n",
         "relay holds something other than username and password; keep these two lines only"},
        {"username = \"u\"\npassword = sesame\n",
         "relay:2:12 is not valid TOML; write two lines: username = \"...\" and password = \"...\""},
        {"u:p\n", "relay:1:2 is not valid TOML; write two lines: username = \"...\" and password = \"...\""},
        {"username = \"\xff\"\n",
         "relay:1:13 is not valid TOML; write two lines: username = \"...\" and password = \"...\""},
    };
    const TemporaryFolder folder;
    for (const Row& row : table) {
        CAPTURE(row.text);
        put(folder, row.text);
        CHECK(outcome(folder) == row.outcome);
    }
    put(folder, "username = \"u\"\npassword = \"" + std::string(1025, 'p') + "\"\n");
    CHECK(outcome(folder) == "password in relay is longer than 1024 octets; use another one");
    put(folder, "# " + std::string(70'000, 'x'));
    CHECK(outcome(folder) == "relay is larger than 65536 octets; check that this is the right file");
}

TEST_CASE("no message gives a password away") {
    const TemporaryFolder folder;
    for (const char* text :
         {"username = \"u\"\npassword = sesame\n", "username = \"u\"\npassword = \"sesame\n",
          "username = \"u\"\npassword = \"sesame\\q\"\n", "sesame\n", "username = \"u\"\nsesame = 1\n",
          "username = \"u\"\npassword = \"sesame \"\n", "\"u\" = \"sesame\"\n"}) {
        put(folder, text);
        CAPTURE(text);
        const std::string said = outcome(folder);
        CHECK(said != "ok");
        CHECK(said.find("sesame") == std::string::npos);
    }
}

TEST_CASE("what a credential file may be") {
    const TemporaryFolder folder;
    put(folder, good);
    const fs::path file = folder / "relay";
    SECTION("sound") {
        CHECK(outcome(folder) == "ok");
    }
    SECTION("read-only for its owner") {
        fs::permissions(file, fs::perms::owner_read);
        CHECK(outcome(folder) == "ok");
    }
    SECTION("for the group") {
        fs::permissions(file, owner_only | fs::perms::group_read);
        CHECK(outcome(folder) ==
              "relay may be used by others (mode 0640); chmod 0600 relay, and change the password "
              "if others could have seen it");
    }
    SECTION("for all") {
        fs::permissions(file, owner_only | fs::perms::others_read);
        CHECK(outcome(folder).find("relay may be used by others (mode 0604)") == 0);
    }
    SECTION("writable by all") {
        fs::permissions(file, owner_only | fs::perms::others_write);
        CHECK(outcome(folder).find("relay may be used by others (mode 0602)") == 0);
    }
    SECTION("somebody else's") {
        if (::geteuid() == 0) {
            REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
            CHECK(outcome(folder) == "relay belongs to another user; chown root relay");
        }
    }
    SECTION("a symbolic link") {
        fs::rename(file, folder / "elsewhere");
        fs::create_symlink("elsewhere", file);
        CHECK(outcome(folder) ==
              "relay cannot be read: Too many levels of symbolic links; put the file itself there, "
              "not a symbolic link");
    }
    SECTION("a folder") {
        fs::remove(file);
        fs::create_directory(file);
        CHECK(outcome(folder) == "relay is a folder, and a file is needed; check the path");
    }
    SECTION("a FIFO") {
        fs::remove(file);
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        CHECK(outcome(folder) == "relay is not a regular file; put a regular file there");
    }
    SECTION("missing") {
        fs::remove(file);
        CHECK(outcome(folder) ==
              "relay cannot be read: No such file or directory; check the path and its permissions");
    }
    SECTION("in a folder that others may change") {
        fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::group_all);
        CHECK(outcome(folder).find("others may replace the files in ") == 0);
    }
    SECTION("names that lead elsewhere") {
        for (const char* name : {"", ".", "..", ".relay", "../relay", "a/relay", "/etc/passwd", "re\nlay"}) {
            CAPTURE(name);
            CHECK(outcome(folder, name).find("is not the name of a file in credentials.d") !=
                  std::string::npos);
        }
    }
}

TEST_CASE("no credentials.d") {
    const auto credential = read_credential("/nonexistent/credentials.d", "relay");
    REQUIRE_FALSE(credential);
    CHECK(to_string(credential.error()) == "/nonexistent/credentials.d/relay cannot be read: No such file or "
                                           "directory; make the folder and put the file into it");
}

} // namespace sendconnector::conf
