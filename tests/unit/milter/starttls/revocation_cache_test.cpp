// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_cache.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/starttls/has_text.hpp"
#include "tests/unit/milter/starttls/http_server.hpp"
#include "tests/unit/milter/starttls/store_fixture.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"
#include "tests/unit/milter/support/wait.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sendconnector::starttls {

namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::http_ok;
using test::http_status;
using test::HttpServer;
using test::TemporaryDirectory;

RevocationStoreSettings kept_in(const std::string& directory) {
    auto settings = quick_settings();
    settings.directory = directory;
    return settings;
}

std::vector<std::string> files(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        names.push_back(entry.path().string());
    }
    return names;
}

// A directory that holds one answer, as a store left it.
struct OneAnswer {
    OneAnswer() {
        server.set("/ca.crl", http_ok(list));
        StoreFixture store(kept_in(directory));
        REQUIRE(store.collect(source).octets == list);
        REQUIRE(eventually([&] {
            const auto names = files(directory);
            return names.size() == 1 && names[0].find(".answer") != std::string::npos;
        }));
        server.set("/ca.crl", http_status(503));
        file = files(directory)[0];
    }

    TemporaryDirectory folder;
    const std::string directory = folder / "revocation";
    HttpServer server;
    const std::string list = list_for(1h);
    const policy::RevocationSource source = list_at(server.url("/ca.crl"));
    std::string file;
};

std::string content_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::string& file, const std::string& content) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

} // namespace

TEST_CASE("What was fetched survives a restart", "[store][cache]") {
    OneAnswer kept;
    StoreFixture store(kept_in(kept.directory));
    CHECK(store.at_hand(kept.source).octets == kept.list);
    CHECK(store.collect(kept.source).octets == kept.list);
    CHECK(kept.server.count("/ca.crl") == 1);
    CHECK(store.log->lines().empty());
}

TEST_CASE("Only the owner may read and write what is kept", "[store][cache]") {
    OneAnswer kept;
    struct stat status {};
    REQUIRE(::stat(kept.file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    REQUIRE(::stat(kept.directory.c_str(), &status) == 0);
    CHECK((status.st_mode & 0027) == 0);
}

TEST_CASE("A file that is damaged is ignored, told and removed", "[store][cache]") {
    OneAnswer kept;
    const auto content = content_of(kept.file);
    SECTION("empty") {
        write(kept.file, "");
    }
    SECTION("cut off") {
        write(kept.file, content.substr(0, content.size() - 1));
    }
    SECTION("longer") {
        write(kept.file, content + "x");
    }
    SECTION("another octet in the answer") {
        auto bent = content;
        bent[bent.size() - 20] = static_cast<char>(bent[bent.size() - 20] ^ 1);
        write(kept.file, bent);
    }
    SECTION("fetched at another time") {
        auto bent = content;
        bent[bent.find("fetched ") + 9] = '9';
        write(kept.file, bent);
    }
    SECTION("garbage") {
        write(kept.file, std::string(10'000, '\xff'));
    }
    SECTION("another source's") {
        auto bent = content;
        bent.replace(bent.find("ca.crl"), 6, "cb.crl");
        write(kept.file, bent);
    }
    StoreFixture store(kept_in(kept.directory));
    CHECK(store.at_hand(kept.source).octets.empty());
    CHECK_FALSE(std::filesystem::exists(kept.file));
    CHECK(store.log->count("removed: damaged") == 1);
    CHECK(store.collect(kept.source).failure == "HTTP status 503");
}

TEST_CASE("Every octet of a file is looked at", "[store][cache]") {
    OneAnswer kept;
    const auto content = content_of(kept.file);
    RevocationCache cache(kept.directory, false, 1 << 20, 24h, nullptr);
    REQUIRE(cache.load(kept.source));
    for (std::size_t i = 0; i < content.size(); ++i) {
        auto bent = content;
        bent[i] = static_cast<char>(bent[i] ^ 0x10);
        write(kept.file, bent);
        ::chmod(kept.file.c_str(), 0600);
        RevocationCache again(kept.directory, false, 1 << 20, 24h, nullptr);
        INFO(i);
        CHECK_FALSE(again.load(kept.source));
    }
}

TEST_CASE("A file that somebody else may have written is not trusted", "[store][cache]") {
    OneAnswer kept;
    SECTION("writable by others") {
        ::chmod(kept.file.c_str(), 0620);
    }
    SECTION("a link") {
        std::filesystem::rename(kept.file, kept.folder / "elsewhere");
        std::filesystem::create_symlink(kept.folder / "elsewhere", kept.file);
    }
    SECTION("a pipe") {
        std::filesystem::remove(kept.file);
        REQUIRE(::mkfifo(kept.file.c_str(), 0600) == 0);
    }
    if (::geteuid() == 0) {
        SECTION("of another user") {
            REQUIRE(::chown(kept.file.c_str(), 12345, 12345) == 0);
        }
    }
    StoreFixture store(kept_in(kept.directory));
    CHECK(store.at_hand(kept.source).octets.empty());
    CHECK(store.log->count("removed: not a file that was written here") == 1);
    CHECK(files(kept.directory).empty());
}

TEST_CASE("Files of other names are told and left alone", "[store][cache]") {
    OneAnswer kept;
    write(kept.directory + "/README", "hello");
    write(kept.directory + "/a\nb.answer", "hello");
    StoreFixture store(kept_in(kept.directory));
    CHECK(store.log->count("README is not ours: left alone") == 1);
    CHECK(store.log->count("a\\x0ab.answer is not ours: left alone") == 1);
    CHECK(store.at_hand(kept.source).octets == kept.list);
    CHECK(files(kept.directory).size() == 3);
}

TEST_CASE("What a crash left half written goes", "[store][cache]") {
    OneAnswer kept;
    auto unfinished = kept.file;
    unfinished.replace(unfinished.size() - 7, 7, ".new");
    write(unfinished, "half");
    StoreFixture store(kept_in(kept.directory));
    CHECK_FALSE(std::filesystem::exists(unfinished));
    CHECK(store.at_hand(kept.source).octets == kept.list);
}

TEST_CASE("A file is never trusted past its next update", "[store][cache]") {
    TemporaryDirectory folder;
    HttpServer server;
    server.set("/ca.crl", http_ok(list_for(2s)));
    const auto source = list_at(server.url("/ca.crl"));
    const auto end = clock_now() + 2s;
    {
        StoreFixture store(kept_in(folder / "revocation"));
        REQUIRE(store.collect(source).failure.empty());
        REQUIRE(eventually([&] { return files(folder / "revocation").size() == 1; }));
    }
    server.set("/ca.crl", http_status(503));
    REQUIRE(eventually([&] { return clock_now() >= end; }));
    StoreFixture store(kept_in(folder / "revocation"));
    CHECK(store.at_hand(source).octets.empty());
    CHECK(files(folder / "revocation").empty());
    CHECK(store.collect(source).failure == "HTTP status 503");
}

TEST_CASE("A directory that cannot be used is told, and memory serves", "[store][cache]") {
    TemporaryDirectory folder;
    HttpServer server;
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    auto settings = quick_settings();
    std::string want;
    SECTION("below a file") {
        folder.write("file", "");
        settings.directory = folder / "file/revocation";
        want = "cannot be made: Not a directory";
    }
    SECTION("a file") {
        settings.directory = folder.write("file", "");
        want = "cannot be opened: Not a directory";
    }
    SECTION("a link") {
        std::filesystem::create_directory(folder / "elsewhere");
        std::filesystem::create_directory_symlink(folder / "elsewhere", folder / "link");
        settings.directory = folder / "link";
        want = "cannot be opened: ";
    }
    SECTION("writable by others") {
        std::filesystem::create_directory(folder / "revocation");
        REQUIRE(::chmod((folder / "revocation").c_str(), 0777) == 0);
        settings.directory = folder / "revocation";
        want = "may be written by others";
    }
    StoreFixture store(settings);
    CHECK_THAT(store.log->all(), has_text(want));
    CHECK_THAT(store.log->all(), has_text("memory only"));
    CHECK(store.collect(list_at(server.url("/ca.crl"))).octets == list);
    CHECK(store.at_hand(list_at(server.url("/ca.crl"))).octets == list);
}

TEST_CASE("A full disk is told, and memory serves", "[store][cache]") {
    TemporaryDirectory folder;
    HttpServer server;
    const auto list = list_for(1h);
    server.set("/ca.crl", http_ok(list));
    StoreFixture store(kept_in(folder / "revocation"));
    // The nearest thing to a full disk that a test can have.
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit little{100, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
    const auto got = store.collect(list_at(server.url("/ca.crl"))).octets;
    const bool told = eventually([&] { return store.log->count("cannot be written: ") == 1; });
    ::setrlimit(RLIMIT_FSIZE, &before);
    static_cast<void>(std::signal(SIGXFSZ, handler));
    CHECK(told);
    CHECK(got == list);
    CHECK(store.at_hand(list_at(server.url("/ca.crl"))).octets == list);
    CHECK(files(folder / "revocation").empty());
}

TEST_CASE("A directory that vanishes is told, and memory serves", "[store][cache]") {
    OneAnswer kept;
    kept.server.set("/other.crl", http_ok(kept.list));
    StoreFixture store(kept_in(kept.directory));
    std::filesystem::remove_all(kept.directory);
    CHECK(store.collect(list_at(kept.server.url("/other.crl"))).octets == kept.list);
    CHECK(eventually([&] { return store.log->count("cannot be written: ") == 1; }));
}

TEST_CASE("The directory is bounded, and the least used files go first", "[store][cache]") {
    TemporaryDirectory folder;
    const auto list = list_for(1h);
    const auto source = [](int i) { return list_at("http://lists.example/" + std::to_string(100 + i)); };
    RevocationCache probe(folder / "one", false, 1 << 20, 24h, nullptr);
    probe.save(source(0), list, clock_now());
    const auto one = std::filesystem::file_size(files(folder / "one").at(0));
    RevocationCache cache(folder / "revocation", false, 10 * one, 24h, nullptr);
    for (int i = 0; i < 100; ++i) {
        cache.save(source(i), list, clock_now());
        CHECK(files(folder / "revocation").size() <= 10);
        CHECK(cache.load(source(i)));
        if (i > 0) {
            CHECK(cache.load(source(0))); // in use
        }
    }
    CHECK(files(folder / "revocation").size() >= 8);
    CHECK(cache.load(source(98)));
    CHECK_FALSE(cache.load(source(50)));
    // A smaller bound holds for what is there already.
    RevocationCache smaller(folder / "revocation", false, 3 * one, 24h, nullptr);
    CHECK(files(folder / "revocation").size() <= 3);
    // What is larger than all together is not written.
    RevocationCache tiny(folder / "revocation", false, 10, 24h, nullptr);
    CHECK(files(folder / "revocation").empty());
    tiny.save(list_at("http://lists.example/1"), list, clock_now());
    CHECK(files(folder / "revocation").empty());
}

TEST_CASE("Files that nobody used for long go", "[store][cache]") {
    OneAnswer kept;
    std::filesystem::last_write_time(kept.file, std::filesystem::file_time_type::clock::now() - 48h);
    const RevocationCache cache(kept.directory, false, 1 << 20, 24h, nullptr);
    CHECK(files(kept.directory).empty());
}

TEST_CASE("Who reads only leaves everything as it is", "[store][cache]") {
    OneAnswer kept;
    const auto other = kept.directory + "/" + std::string(64, 'a') + ".answer";
    write(other, "damaged");
    ::chmod(other.c_str(), 0600);
    auto settings = kept_in(kept.directory);
    settings.read_only = true;
    {
        StoreFixture store(settings);
        kept.server.set("/other.crl", http_ok(kept.list));
        CHECK(store.at_hand(kept.source).octets == kept.list);
        CHECK(store.collect(list_at(kept.server.url("/other.crl"))).octets == kept.list);
    }
    CHECK(files(kept.directory).size() == 2);
    settings.directory = kept.folder / "missing";
    const StoreFixture store(settings);
    CHECK_FALSE(std::filesystem::exists(settings.directory));
}

} // namespace sendconnector::starttls
