// SPDX-License-Identifier: Apache-2.0
// senders_file and [sender_tables] as parts of a configuration.
#include "conf/find_listed_sender.hpp"
#include "conf/load_senders.hpp"
#include "conf/read_file.hpp"
#include "conf/secrets.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"
#include "tests/unit/conf/other_user.hpp"

#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sendconnector::conf {

using namespace testing;
namespace fs = std::filesystem;

namespace {

std::string connector_of(const Configuration& configuration, std::string_view sender) {
    const policy::Policy& policy = *configuration.policy;
    std::string names;
    const auto pattern = *policy::SenderPattern::parse(sender);
    policy.senders().each(policy::key_of(pattern), [&](const policy::ListedSender& listed) {
        names += (names.empty() ? "" : ", ") + policy.connectors()[listed.connector].name;
    });
    return names;
}

// Two connectors, and who is whose in files.
struct Site {
    Site() {
        write_text(folder / "contoso", "contoso.com\n*.contoso.net\n");
        write_text(folder / "table", "ceo@contoso.com Fabrikam\nfabrikam.com fabrikam\n");
    }
    std::string toml() const {
        return fmt::format("[sender_tables]\nfiles = [\"{0}/table\"]\n"
                           "[[connector]]\nname = \"Contoso\"\naddress_spaces = [\"*\"]\n"
                           "senders_file = \"{0}/contoso\"\n"
                           "[[connector]]\nname = \"Fabrikam\"\naddress_spaces = [\"*\"]\n"
                           "senders = [\"fabrikam.net\"]\n",
                           folder.path().string());
    }
    Configuration load() const {
        auto loaded = folder.load(toml());
        CHECK(lines_of(loaded.findings, folder.path()) == "");
        REQUIRE(loaded.configuration);
        return std::move(*loaded.configuration);
    }
    TemporaryFolder folder;
};

} // namespace

TEST_CASE("listed senders are those of their connectors") {
    const Site site;
    const Configuration configuration = site.load();
    CHECK(connector_of(configuration, "contoso.com") == "Contoso");
    CHECK(connector_of(configuration, "*.contoso.net") == "Contoso");
    CHECK(connector_of(configuration, "ceo@contoso.com") == "Fabrikam");
    CHECK(connector_of(configuration, "fabrikam.com") == "Fabrikam");
    CHECK(connector_of(configuration, "fabrikam.net") == "Fabrikam");
    CHECK(connector_of(configuration, "*") == "");
    CHECK(configuration.policy->sender_count(0) == 2);
    CHECK(configuration.policy->sender_count(1) == 3);
}

// A table that loses its lines must not make a connector everybody's.
TEST_CASE("a connector with an empty file is for nobody") {
    const Site site;
    write_text(site.folder / "contoso", "");
    const auto loaded = site.folder.load(site.toml());
    REQUIRE(loaded.configuration);
    CHECK(loaded.configuration->policy->connectors()[0].senders.empty());
    CHECK(loaded.configuration->policy->sender_count(0) == 0);
    CHECK(connector_of(*loaded.configuration, "*") == "");
}

TEST_CASE("where a sender is listed") {
    const Site site;
    const Configuration configuration = site.load();
    const auto place = [&](std::string_view connector, std::string_view sender) {
        const auto pattern = *policy::SenderPattern::parse(sender);
        const auto found = find_listed_sender(configuration, *configuration.policy->find(connector),
                                              policy::key_of(pattern));
        return found ? fmt::format("{}:{}", fs::path(found->file).filename().string(), found->at.line) : "";
    };
    CHECK(place("Contoso", "contoso.com") == "contoso:1");
    CHECK(place("Contoso", "*.contoso.net") == "contoso:2");
    CHECK(place("Fabrikam", "fabrikam.com") == "table:2");
    CHECK(place("Fabrikam", "fabrikam.net") == "");
    CHECK(place("Fabrikam", "contoso.com") == "");
    fs::remove(site.folder / "table");
    CHECK(place("Fabrikam", "fabrikam.com") == "");
}

TEST_CASE("the digest of listed senders is that of the files") {
    const Site site;
    const std::uint64_t before = site.load().listed_digest;
    CHECK(before != 0);
    CHECK(site.load().listed_digest == before);
    write_text(site.folder / "contoso", "contoso.com\n*.contoso.org\n");
    CHECK(site.load().listed_digest != before);
    CHECK(site.folder.load("").configuration->listed_digest == 0);
}

TEST_CASE("what is no file of senders") {
    const Site site;
    const fs::path file = site.folder / "contoso";
    fs::remove(file);
    std::string wanted;
    SECTION("a FIFO, without waiting for a writer") {
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        wanted = "contoso is not a regular file; put a regular file there\n";
    }
    SECTION("a device") {
        fs::create_symlink("/dev/zero", file);
        wanted = "contoso is not a regular file; put a regular file there\n";
    }
    SECTION("a link to itself") {
        fs::create_symlink(file, file);
        wanted =
            "contoso cannot be read: Too many levels of symbolic links; put the file itself there, not a "
            "symbolic link\n";
    }
    SECTION("too large") {
        write_text(file, "");
        fs::resize_file(file, std::uintmax_t{1} << 32U);
        wanted = "contoso is larger than 4294901760 octets; check that this is the right file\n";
    }
    const auto loaded = site.folder.load(site.toml());
    CHECK(lines_of(loaded.findings, site.folder.path()) ==
          "sendconnector.toml:6:16: connector \"Contoso\": senders_file: " + wanted);
    CHECK_FALSE(loaded.configuration);
    CHECK(loaded.places); // what is wrong is elsewhere
}

TEST_CASE("a link to a file of senders is followed") {
    const Site site;
    fs::rename(site.folder / "contoso", site.folder / "of today");
    fs::create_symlink(site.folder / "of today", site.folder / "contoso");
    CHECK(connector_of(site.load(), "contoso.com") == "Contoso");
}

TEST_CASE("a file of senders that the user may not read says whom to let") {
    if (::geteuid() != 0) {
        return;
    }
    const Site site;
    fs::permissions(site.folder.path(), fs::perms::all);
    ::chmod((site.folder / "table").c_str(), 0600);
    write_text(site.folder / "sendconnector.toml", site.toml());
    std::string lines;
    {
        const OtherUser user;
        lines = lines_of(load_configuration(site.folder / "sendconnector.toml").findings, site.folder.path());
    }
    CHECK(lines ==
          "sendconnector.toml:2:10: files: table cannot be read: Permission denied; let the user that "
          "sendconnectord runs as read it, and search the folders above it: chgrp sendconnector and "
          "chmod 0640 do for most\n");
}

TEST_CASE("files of senders that the running daemon may not read") {
    if (::geteuid() != 0) {
        return;
    }
    const Site site;
    const fs::path socket = site.folder / "control";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.c_str(), socket.string().size());
    const OwnedDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    fs::permissions(site.folder.path(), fs::perms(0711));
    ::chmod((site.folder / "table").c_str(), 0600);
    ::chmod((site.folder / "contoso").c_str(), 0644);
    Configuration configuration = site.load();
    configuration.daemon.control_socket = socket.string();
    const auto lines = [&] { return lines_of(check_files(configuration), site.folder.path()); };

    CHECK(lines() == ""); // it runs as root
    REQUIRE(::chown(socket.c_str(), 65534, 65534) == 0);
    CHECK(lines() ==
          "sendconnector.toml: warning: files: table cannot be read by nobody, as which "
          "sendconnectord runs; let that user read it: chgrp sendconnector and chmod 0640 do for most\n");
    ::chmod((site.folder / "table").c_str(), 0640);
    REQUIRE(::chown((site.folder / "table").c_str(), 0, 65534) == 0);
    CHECK(lines() == "");
    fs::permissions(site.folder.path(), fs::perms(0700));
    CHECK(lines().find("connector \"Contoso\": warning: senders_file: " + site.folder.path().string() +
                       " keeps nobody, as which sendconnectord runs, from contoso; let that user search") !=
          std::string::npos);
}

TEST_CASE("files are not looked at where the configuration is wrong anyway") {
    const Site site;
    fs::remove(site.folder / "table");
    const auto loaded = site.folder.load(site.toml() + "colour = \"blue\"\n");
    CHECK(loaded.findings.size() == 1);
}

TEST_CASE("a file that changes while it is read is refused") {
    const TemporaryFolder folder;
    const fs::path file = folder / "senders";
    const std::string text(std::size_t{9} << 20U, 'x');
    write_text(file, text);
    const auto read_while = [&](const std::function<void()>& change) {
        bool changed = false;
        return read_steady_file(file.string(), 1U << 30U, [&](std::size_t) {
            if (!std::exchange(changed, true)) {
                change();
            }
        });
    };
    const auto is_refused = [](const auto& read) {
        return !read && read.error().error.text == "changed while it was read";
    };
    CHECK(read_while([] {})->text() == text);
    CHECK(is_refused(read_while([&] { fs::resize_file(file, 100); })));
    write_text(file, text);
    CHECK(is_refused(read_while([&] { std::ofstream(file, std::ios::app) << "more"; })));
    write_text(file, text);
    CHECK(is_refused(read_while([&] {
        ::usleep(20'000); // the clock of the file system has ticks of some milliseconds
        std::ofstream out(file, std::ios::in | std::ios::out);
        out.seekp(5 << 20);
        out << "another";
    })));
    write_text(file, text);
    // As it should be done.
    CHECK(read_while([&] {
              write_text(folder / "new", "contoso.com\n");
              fs::rename(folder / "new", file);
          })->text() == text);
}

TEST_CASE("progress is told, and ends at the end") {
    const Site site;
    std::string many;
    for (int i = 0; i < 100'000; ++i) {
        many += fmt::format("contoso{}.example\n", i);
    }
    write_text(site.folder / "contoso", many);
    write_text(site.folder / "sendconnector.toml", site.toml());
    std::uint64_t last = 0;
    std::uint64_t end = 0;
    const auto loaded = load_configuration(site.folder / "sendconnector.toml", {},
                                           [&](std::uint64_t done, std::uint64_t all) {
                                               CHECK(done >= last);
                                               CHECK(done <= all);
                                               last = done;
                                               end = all;
                                           });
    REQUIRE(loaded.configuration);
    CHECK(loaded.configuration->policy->sender_count(0) == 100'000);
    CHECK(last == end);
    CHECK(end == 2 * (many.size() + read_text(site.folder / "table").size()));
}

} // namespace sendconnector::conf
