// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/socket_file.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace sendconnector;
using endpoint::SocketFile;
using test::TemporaryDirectory;

namespace {

int bind_socket(const std::string& path, bool listening) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    if (listening) {
        REQUIRE(::listen(fd, 1) == 0);
    }
    return fd;
}

std::string error_of(const std::string& path) {
    const auto file = SocketFile::claim(path);
    return file ? "" : to_string(file.error());
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a socket path that cannot be used is refused with the reason") {
    const TemporaryDirectory directory;
    CHECK(has(error_of("relative/socket"), "is not absolute"));
    CHECK(has(error_of(""), "is not absolute"));
    CHECK(has(error_of(directory / std::string(100, 'x')), "the system takes at most 107"));
    CHECK(has(error_of(directory / "nowhere/socket"), "No such file or directory"));
    directory.write("file", "");
    CHECK(has(error_of(directory / "file/socket"), "not a directory"));
    CHECK(has(error_of(directory / "file"), "something else than a socket"));
    CHECK(std::filesystem::exists(directory / "file"));
    std::filesystem::create_symlink("/etc/passwd", directory / "link");
    CHECK(has(error_of(directory / "link"), "something else than a socket"));
    if (::geteuid() != 0) {
        CHECK(has(error_of("/usr/socket"), "is not writable"));
    }
    CHECK(error_of(directory / "fine").empty());
}

TEST_CASE("a stale socket is removed, a live one is not") {
    const TemporaryDirectory directory;
    const auto path = directory / "socket";
    const int live = bind_socket(path, true);
    CHECK(has(error_of(path), "is served by another process"));
    // Its backlog full, it lives all the same.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    std::vector<int> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
        (void)!::connect(waiting.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    CHECK(has(error_of(path), "is served by another process"));
    CHECK(std::filesystem::exists(path));
    for (const int fd : waiting) {
        ::close(fd);
    }
    ::close(live);
    CHECK(std::filesystem::exists(path));
    CHECK(error_of(path).empty());
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket is for owner and group, takes the directory's group, and goes with its owner only") {
    const TemporaryDirectory directory;
    const auto path = directory / "socket";
    if (::geteuid() == 0) {
        REQUIRE(::chown((directory / ".").c_str(), 0, 4242) == 0);
        REQUIRE(::chmod((directory / ".").c_str(), 02770) == 0);
    }
    auto file = SocketFile::claim(path);
    REQUIRE(file);
    const int fd = bind_socket(path, true);
    REQUIRE(file->bound());
    struct stat facts {};
    REQUIRE(::lstat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0660);
    if (::geteuid() == 0) {
        CHECK(facts.st_gid == 4242);
    }
    SECTION("removed") {
        file->remove();
        CHECK_FALSE(std::filesystem::exists(path));
    }
    SECTION("somebody else's by now") {
        std::filesystem::rename(path, path + ".old"); // keeps the inode in use
        const int other = bind_socket(path, true);
        file->remove();
        CHECK(std::filesystem::exists(path));
        ::close(other);
    }
    SECTION("never bound") {
        auto second = SocketFile::claim(directory / "second");
        REQUIRE(second);
        const int other = bind_socket(directory / "second", true);
        second->remove();
        CHECK(std::filesystem::exists(directory / "second"));
        ::close(other);
    }
    ::close(fd);
}
