// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/identity_key.hpp"

#include "conf/postfix/apply.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/other_user.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <sys/stat.h>

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

bool has_text(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string good = "0123456789abcdefghijklmnopqrstuv";

} // namespace

TEST_CASE("the identity key is made once, for the daemon's group to read", "[identity_key]") {
    const test::TemporaryFolder folder;
    const bool is_root = geteuid() == 0;
    if (is_root) {
        REQUIRE(chown(folder.path().c_str(), 0, 65534) == 0);
    }
    const mode_t before = umask(0077);
    const auto made = make_identity_key(folder.path());
    umask(before);
    REQUIRE(made);
    CHECK(*made);
    const auto file = identity_key_file(folder.path());
    CHECK(file == folder.path() / "identity.key");
    CHECK(mode_of(file) == 0640);
    struct stat status {};
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK(status.st_uid == geteuid());
    CHECK(status.st_gid == (is_root ? 65534 : getegid()));

    const auto key = read_identity_key(folder.path());
    REQUIRE(key);
    CHECK(key->size() == 32);
    CHECK(test::slurp(file) == *key);
    const auto again = make_identity_key(folder.path());
    REQUIRE(again);
    CHECK_FALSE(*again);
    CHECK(test::slurp(file) == *key);

    const test::TemporaryFolder other;
    REQUIRE(make_identity_key(other.path()));
    CHECK(read_identity_key(other.path()).value() != *key);
    CHECK(std::distance(fs::directory_iterator(other.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("no identity key, and no folder for one", "[identity_key]") {
    const test::TemporaryFolder folder;
    const auto read = read_identity_key(folder.path());
    REQUIRE_FALSE(read);
    CHECK(has_text(to_string(read.error()), "there is no"));
    CHECK(has_text(to_string(read.error()), "run sendconnectorctl apply"));
    CHECK_FALSE(make_identity_key(folder.path() / "missing"));
}

TEST_CASE("an identity key that is damaged or was open to others is refused and not replaced",
          "[identity_key]") {
    struct Case {
        std::string content;
        mode_t mode;
        const char* want;
    };
    const Case cases[] = {
        {"", 0640, "has 0 octets, not 32"},
        {good.substr(1), 0640, "has 31 octets, not 32"},
        {good + "\n", 0640, "is larger than 32 octets"},
        {std::string(32, '\0'), 0640, "one octet over and over"},
        {std::string(32, '\xff'), 0640, "one octet over and over"},
        {good, 0644, "has mode 0644"},
        {good, 0641, "has mode 0641"},
        {good, 0642, "has mode 0642"},
        {good, 0660, "has mode 0660"},
        {good, 0640, ""},
        {good, 0600, ""},
        {good, 0400, ""},
    };
    for (const auto& c : cases) {
        const test::TemporaryFolder folder;
        const auto file = identity_key_file(folder.path());
        test::spill(file, c.content);
        REQUIRE(chmod(file.c_str(), c.mode) == 0);
        CAPTURE(c.content, c.mode, c.want);
        const auto read = read_identity_key(folder.path());
        const auto made = make_identity_key(folder.path());
        if (*c.want == '\0') {
            REQUIRE(read);
            CHECK(*read == good);
            REQUIRE(made);
            CHECK_FALSE(*made);
        } else {
            REQUIRE_FALSE(read);
            CHECK(has_text(read.error().text, c.want));
            CHECK(has_text(read.error().text, file.string()));
            CHECK(has_text(read.error().hint, "remove it and run sendconnectorctl apply"));
            REQUIRE_FALSE(made);
            CHECK(made.error().text == read.error().text);
        }
        CHECK(test::slurp(file) == c.content);
        CHECK(mode_of(file) == c.mode);
    }
}

TEST_CASE("an identity key is a file of root's or the daemon's", "[identity_key]") {
    const test::TemporaryFolder folder;
    const auto file = identity_key_file(folder.path());
    SECTION("no symbolic link") {
        test::spill(folder.path() / "elsewhere", good);
        REQUIRE(chmod((folder.path() / "elsewhere").c_str(), 0600) == 0);
        fs::create_symlink("elsewhere", file);
        CHECK_FALSE(read_identity_key(folder.path()));
        CHECK_FALSE(make_identity_key(folder.path()));
    }
    SECTION("no dangling one") {
        fs::create_symlink("elsewhere", file);
        CHECK_FALSE(make_identity_key(folder.path()));
        CHECK(fs::is_symlink(file));
    }
    SECTION("no folder") {
        fs::create_directory(file);
        CHECK_FALSE(read_identity_key(folder.path()));
        CHECK_FALSE(make_identity_key(folder.path()));
    }
    SECTION("nobody else's") {
        if (geteuid() != 0) {
            return;
        }
        test::spill(file, good);
        REQUIRE(chmod(file.c_str(), 0640) == 0);
        REQUIRE(chown(file.c_str(), 4711, 65534) == 0);
        const auto read = read_identity_key(folder.path());
        REQUIRE_FALSE(read);
        CHECK(has_text(read.error().text, "belongs to user 4711"));
    }
    SECTION("nothing to read for others") {
        if (geteuid() != 0) {
            return;
        }
        REQUIRE(make_identity_key(folder.path()));
        REQUIRE(chmod(file.c_str(), 0600) == 0);
        REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
        const conf::testing::OtherUser other;
        const auto read = read_identity_key(folder.path());
        REQUIRE_FALSE(read);
        CHECK(has_text(read.error().text, "Permission denied"));
    }
}

TEST_CASE("apply makes the identity key and keeps it", "[identity_key][apply]") {
    const test::PrivateInstance site;
    auto instance = site.open();
    const auto configuration = site.configuration({test::connector("Alpha")});
    REQUIRE(apply(configuration, instance, {}));
    const auto key = read_identity_key(site.state());
    REQUIRE(key);
    REQUIRE(apply(configuration, instance, {}));
    CHECK(read_identity_key(site.state()).value() == *key);

    // One that was lost comes back, even where there is nothing else to do; a damaged one is left to a
    // person.
    fs::remove(identity_key_file(site.state()));
    REQUIRE(apply(configuration, instance, {}));
    CHECK(read_identity_key(site.state()).value() != *key);
    test::spill(identity_key_file(site.state()), "short");
    const auto refused = apply(site.configuration({test::connector("Beta")}), instance, {});
    REQUIRE_FALSE(refused);
    CHECK(has_text(refused.error().text, "is damaged"));
    CHECK(test::slurp(site.master_cf()).find("sc-beta") == std::string::npos);
}
