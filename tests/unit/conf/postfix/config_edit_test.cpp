// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/config_edit.hpp"

#include "conf/postfix/durable_file.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
using test::PrivateInstance;
using test::slurp;
using test::spill;

namespace {

const auto set_name = [](const std::string& name) { return name == "mail_name"; };

Result<void> set_mail_name(const PrivateInstance& site, const std::string& value) {
    auto edit = ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf);
    REQUIRE(edit);
    if (auto done = edit->run_postconf({{"-e", "mail_name=" + value}}, set_name); !done) {
        return done;
    }
    return edit->commit();
}

} // namespace

TEST_CASE("mode, owner and symbolic link of main.cf stay", "[config_edit]") {
    const PrivateInstance site;
    const std::string before = slurp(site.main_cf());
    std::filesystem::create_directory(site.root() / "elsewhere");
    const std::filesystem::path real = site.root() / "elsewhere/main.cf";
    std::filesystem::rename(site.main_cf(), real);
    std::filesystem::create_symlink("../elsewhere/main.cf", site.main_cf());
    REQUIRE(chmod(real.c_str(), 0640) == 0);
    const bool other_owner = geteuid() == 0 && chown(real.c_str(), 65534, 65534) == 0;

    REQUIRE(set_mail_name(site, "Other"));
    CHECK(slurp(real) == before + "mail_name = Other\n");
    CHECK(std::filesystem::read_symlink(site.main_cf()) == "../elsewhere/main.cf");
    struct stat status {};
    REQUIRE(stat(real.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0640);
    if (other_owner) {
        CHECK(status.st_uid == 65534);
        CHECK(status.st_gid == 65534);
    }
    CHECK(!std::filesystem::exists(site.main_cf().string() + ".tmp"));
}

TEST_CASE("what is appended to a last line without a newline starts a line of its own", "[config_edit]") {
    const PrivateInstance site("mydestination = a,\n  b");
    const std::string before = slurp(site.main_cf());
    REQUIRE(set_mail_name(site, "Other"));
    CHECK(slurp(site.main_cf()) == before + "\nmail_name = Other\n");
    auto instance = site.open();
    REQUIRE(instance.edit_services({{"sc-x", "sc-x unix - - - - - smtp"}}));
    CHECK(instance.connector_services()->size() == 1);
}

TEST_CASE("an edit that is not committed changes nothing", "[config_edit]") {
    const PrivateInstance site;
    const std::string before = site.everything();
    {
        auto edit = ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf);
        REQUIRE(edit);
        REQUIRE(edit->run_postconf({{"-e", "mail_name=x"}}, set_name));
        CHECK(edit->text() != edit->before());
    }
    CHECK(site.everything() == before);
}

TEST_CASE("more than was asked for is refused", "[config_edit]") {
    const PrivateInstance site;
    const std::string before = site.everything();
    {
        auto edit = ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf);
        REQUIRE(edit);
        CHECK(!edit->run_postconf({{"-e", "myhostname=evil.example"}}, set_name));
        CHECK(!edit->run_postconf({{"-e", "mail_name=x"}, {"-X", "myhostname"}}, set_name));
        CHECK(!edit->run_postconf({{"-e", "mail_name=a\nmyhostname=b"}}, set_name));
        CHECK(edit->text() == edit->before());
        REQUIRE(edit->commit());
    }
    CHECK(site.everything() == before);
}

TEST_CASE("a master.cf that master(8) would die of is refused", "[config_edit]") {
    const PrivateInstance site;
    auto instance = site.open();
    const std::string before = site.everything();
    for (const char* entry : {"sc-x unix - - - -", "sc-x unix - - q - - smtp", "sc-x nonsense - - - - - smtp",
                              "sc-x unix - - - - - smtp\nevil unix - - - - - pipe"}) {
        CAPTURE(entry);
        CHECK(!instance.edit_services({{"sc-x", entry}}));
    }
    spill(site.master_cf(), slurp(site.master_cf()) + "broken unix - -\n");
    CHECK(!instance.edit_services({{"sc-x", "sc-x unix - - - - - smtp"}}));
    spill(site.master_cf(), slurp("/usr/share/postfix/master.cf.dist"));
    CHECK(site.everything() == before);
}

TEST_CASE("a NUL in main.cf is refused", "[config_edit]") {
    const PrivateInstance site(std::string_view("a = b\0c\n", 8));
    CHECK(!ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf));
}

TEST_CASE("postconf and an edit exclude each other", "[config_edit]") {
    const PrivateInstance site;
    // As postconf -e holds it while it writes.
    const std::string lock = site.main_cf().string() + ".tmp";
    FileDescriptor held(open(lock.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(flock(held.get(), LOCK_EX) == 0);
    std::atomic<bool> released = false;
    std::thread writer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        spill(lock, slurp(site.main_cf()) + "mail_name = Theirs\n");
        released = true;
        std::filesystem::rename(lock, site.main_cf());
        held.close();
    });
    auto edit = ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf);
    CHECK(released);
    writer.join();
    REQUIRE(edit);
    CHECK(edit->text().ends_with("mail_name = Theirs\n"));
}

TEST_CASE("a leftover of a crash does not stand in the way", "[config_edit]") {
    const PrivateInstance site;
    spill(site.main_cf().string() + ".tmp", "half a fi");
    REQUIRE(set_mail_name(site, "Other"));
    CHECK(slurp(site.main_cf()).ends_with("\nmail_name = Other\n"));
    CHECK(!std::filesystem::exists(site.main_cf().string() + ".tmp"));
}

TEST_CASE("a full disk leaves the file as it was", "[config_edit]") {
    const PrivateInstance site;
    auto edit = ConfigEdit::begin(site.root() / "etc", ConfigKind::main_cf);
    REQUIRE(edit);
    edit->set_text(edit->text() + std::string(100'000, '#') + "\n");
    const std::string before = slurp(site.main_cf());

    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{50'000, limit.rlim_max};
    auto* handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const auto committed = edit->commit();
    const auto written = write_file(site.root() / "file", std::string(100'000, 'x'), 0600);
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);

    CHECK(!committed);
    CHECK(!written);
    CHECK(slurp(site.main_cf()) == before);
    CHECK(!std::filesystem::exists(site.root() / "file"));
    CHECK(std::distance(std::filesystem::directory_iterator(site.root() / "etc"), {}) == 3); // and the lock
}

TEST_CASE("how smtp is chrooted, as master.cf has it", "[instance]") {
    const PrivateInstance site;
    for (const auto& [text, want] :
         {std::pair("smtp inet n - y - - smtpd\nsmtp unix - - n - - smtp\n", "n"),
          std::pair("smtp unix -\n# or not\n\t- y - - smtp -o x=y\n", "y"),
          std::pair("smtp unix - - - - - smtp\nsmtp unix - - y - - smtp\n", "-"),
          std::pair("#smtp unix - - y - - smtp\nrelay unix - - y - - smtp\n", "-"), std::pair("", "-")}) {
        CAPTURE(text);
        const Instance instance = site.open();
        spill(site.master_cf(), text);
        CHECK(instance.smtp_chroot().value() == want);
    }
}

TEST_CASE("what is wrong with main.cf is told with its own path", "[instance]") {
    const PrivateInstance site;
    const Instance instance = site.open();
    spill(site.main_cf(), "myhostname = mx.relay.example\nthis is no parameter\n");
    std::filesystem::last_write_time(site.main_cf(),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1));
    const auto values = instance.parameters({"myhostname"});
    REQUIRE(!values);
    CHECK(values.error().text.find(site.main_cf().string()) != std::string::npos);
}

TEST_CASE("restore_text does not overwrite what somebody else wrote", "[config_edit]") {
    const PrivateInstance site;
    const std::string directory = site.root() / "etc";
    const std::string text = slurp(site.main_cf());
    CHECK(!restore_text(directory, ConfigKind::main_cf, text + "x", "y"));
    CHECK(slurp(site.main_cf()) == text);
    REQUIRE(restore_text(directory, ConfigKind::main_cf, text, text + "mail_name = x\n"));
    CHECK(slurp(site.main_cf()) == text + "mail_name = x\n");
}

TEST_CASE("an instance is asked", "[instance]") {
    const PrivateInstance site(
        "relayhost = [a.example]\nsmtp_helo_name = $relayhost\n# 3.7 does not know it\n",
        "sc-a inet n - - - - smtpd\nsc-b unix - - n - - smtp\n   -o x=y\n");
    const Instance instance = site.open();
    const auto effective =
        instance.parameters({"smtp_helo_name", "relayhost", "bounce_queue_lifetime", "no_such_thing"});
    REQUIRE(effective);
    CHECK(*effective == Values{{"smtp_helo_name", "[a.example]"},
                               {"relayhost", "[a.example]"},
                               {"bounce_queue_lifetime", "5d"}});
    CHECK(instance.parameters({"smtp_helo_name"}, {{"relayhost", "b c"}})->at("smtp_helo_name") == "b c");
    CHECK(*instance.main_cf_values({"smtp_helo_name", "bounce_queue_lifetime"}) ==
          Values{{"smtp_helo_name", "$relayhost"}});
    const auto services = instance.connector_services();
    REQUIRE(services);
    CHECK(services->size() == 2);
    CHECK(services->contains("sc-a/inet"));
    CHECK(services->contains("sc-b"));
    CHECK(instance.smtp_chroot().value() == "y");
    // $config_directory is the instance's own, wherever postconf was made to look.
    CHECK(instance.parameters({"relay_domains"}, {{"relay_domains", "$config_directory/x"}})
              ->at("relay_domains") == (site.root() / "etc/x").string());
    CHECK(instance.is_running().value() == false);

    CHECK(!Instance::open("relative"));
    CHECK(Instance::open(site.root()).error().text == "there is no main.cf in " + site.root().string());
    CHECK(Instance::open((site.root() / "etc").string() + "//")->config_directory() == site.root() / "etc");
    CHECK(instance.queue_directory() == site.root() / "queue");
    spill(site.master_cf(), "broken unix - -\n");
    const auto broken = Instance::open(site.root() / "etc");
    REQUIRE(!broken);
    CHECK(broken.error().text ==
          fmt::format("postconf refuses: file {}: line 1: bad field count", site.master_cf().string()));
}

TEST_CASE("postconf is started once for a question about the same text", "[instance]") {
    test::PrivateInstance site("mail_name = Contoso\n", "sc-a unix - - y - - smtp\n");
    const Instance instance = site.open();
    site.count_postconf();
    const auto ask = [](const Instance& of) {
        CHECK(of.parameters({"mail_name"})->at("mail_name") == "Contoso");
        CHECK(of.main_cf_values({"mail_name"})->at("mail_name") == "Contoso");
        CHECK(of.services()->contains("sc-a"));
        CHECK(of.site_overrides({"content_filter"})->empty());
    };
    ask(instance);
    CHECK(site.postconf_starts() == 4);
    ask(instance);
    const Instance copy = instance;
    ask(copy);
    CHECK(site.postconf_starts() == 4);
    // Each of these is another question.
    CHECK(instance.parameters({"mail_name", "mail_owner"})->size() == 2);
    CHECK(instance.parameters({"mail_name"}, {{"mail_name", "x"}})->at("mail_name") == "x");
    CHECK(site.postconf_starts() == 6);

    spill(site.main_cf(), slurp(site.main_cf()) + "mail_name = Fabrikam\n");
    CHECK(instance.parameters({"mail_name"})->at("mail_name") == "Fabrikam");
    spill(site.master_cf(), slurp(site.master_cf()) + "x unix - - y - - pipe\n  -o content_filter=y:\n");
    CHECK(instance.services()->contains("x"));
    CHECK(instance.site_overrides({"content_filter"})->at("x/unix/content_filter") == "y:");
    // What it refuses is asked again: it may not last.
    const std::size_t before = site.postconf_starts();
    spill(site.master_cf(), "broken unix - -\n");
    CHECK(!instance.services());
    CHECK(!instance.services());
    CHECK(site.postconf_starts() == before + 2);
}

TEST_CASE("versions", "[instance]") {
    for (const auto& [version, enough] :
         {std::pair("3.7.11", true), std::pair("3.6.9", false), std::pair("3.10.5", true),
          std::pair("4.0", true), std::pair("2.11.3", false), std::pair("3.11-20250101", true),
          std::pair("", false), std::pair("3", false), std::pair("x.y", false)}) {
        CAPTURE(version);
        CHECK(version_at_least(version, 3, 7) == enough);
    }
}
