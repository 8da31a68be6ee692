// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/facts.hpp"

#include "conf/postfix/applied.hpp"
#include "conf/postfix/apply.hpp"
#include "conf/postfix/attach.hpp"
#include "conf/postfix/facts_watch.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mutex>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::connector;
using test::PrivateInstance;
using test::slurp;
using test::spill;
using State = FactsWatch::State;

namespace {

Facts facts_of(const PrivateInstance& site) {
    auto facts = read_facts(site.configuration({connector("All")}), site.open());
    REQUIRE(facts);
    return *facts;
}

std::string joined(const std::vector<std::string>& list) {
    return fmt::format("{}", fmt::join(list, " | "));
}

// A main.cf that looks old enough for postconf(1) not to wait.
void write_main_cf(const PrivateInstance& site, const std::string& text) {
    spill(site.main_cf(), text);
    std::filesystem::last_write_time(site.main_cf(),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1));
}

FactsWatch::Report settled(FactsWatch& watch) {
    FactsWatch::Report report = watch.report();
    for (int i = 0; i < 2000 && report.state == State::reading; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        report = watch.report();
    }
    return report;
}

} // namespace

TEST_CASE("what may change recipients, senders and routes is known", "[facts]") {
    struct Row {
        std::string main_cf;
        std::string master_cf;
        std::string expansions;
        std::string sender_rewriting;
        std::string filters;
    };
    for (const Row& row : std::vector<Row>{
             {"", "", "", "", ""},
             {"virtual_maps = hash:/v\n", "", "virtual_alias_maps = hash:/v", "", ""},
             {"always_bcc = a@b.example\n", "", "always_bcc = a@b.example", "", ""},
             {"sender_bcc_maps = hash:/s\nrecipient_bcc_maps = hash:/r\n", "",
              "recipient_bcc_maps = hash:/r | sender_bcc_maps = hash:/s", "", ""},
             {"canonical_maps = hash:/c\n", "", "canonical_maps = hash:/c", "canonical_maps = hash:/c", ""},
             {"canonical_maps = hash:/c\ncanonical_classes = header_sender\n", "", "", "", ""},
             {"canonical_maps = hash:/c\ncanonical_classes = envelope_recipient\n", "",
              "canonical_maps = hash:/c", "", ""},
             {"sender_canonical_maps = hash:/c\n", "", "", "sender_canonical_maps = hash:/c", ""},
             {"sender_canonical_maps = hash:/c\nsender_canonical_classes = header_sender\n", "", "", "", ""},
             {"masquerade_domains = x.example\n", "", "", "masquerade_domains = x.example", ""},
             {"header_checks = regexp:/h\n", "", "header_checks = regexp:/h", "", ""},
             {"milter_header_checks = regexp:/h\n", "", "milter_header_checks = regexp:/h", "", ""},
             {"smtpd_milters = inet:127.0.0.1:9\n", "", "smtpd_milters = inet:127.0.0.1:9",
              "smtpd_milters = inet:127.0.0.1:9", ""},
             {"smtpd_milters = { unix:sendconnector/milter, default_action=tempfail }\n", "", "", "", ""},
             {"smtpd_recipient_restrictions = permit_mynetworks, reject\n", "", "", "", ""},
             {"smtpd_recipient_restrictions = check_policy_service unix:/p, reject\n", "",
              "smtpd_recipient_restrictions = check_policy_service unix:/p, reject", "", ""},
             {"smtpd_sender_restrictions = check_sender_access hash:/a\n", "",
              "smtpd_sender_restrictions = check_sender_access hash:/a", "", ""},
             {"content_filter = scan:[127.0.0.1]:9\n", "", "", "", "content_filter = scan:[127.0.0.1]:9"},
             {"", "smtpd pass - - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:9 -o content_filter=\n", "", "",
              "smtpd/pass: smtpd_proxy_filter = 127.0.0.1:9"},
             {"own = a@b.example\n", "pre unix n - y - 0 cleanup -o always_bcc=$own -o virtual_alias_maps=\n",
              "pre/unix: always_bcc = a@b.example", "", ""},
             {"", "sc-contoso unix - - n - - smtp -o always_bcc=a@b.example\n", "", "", ""}}) {
        CAPTURE(row.main_cf, row.master_cf);
        const PrivateInstance site(row.main_cf, row.master_cf);
        const Facts facts = facts_of(site);
        CHECK(joined(facts.expansions) == row.expansions);
        CHECK(joined(facts.sender_rewriting) == row.sender_rewriting);
        CHECK(joined(facts.filters) == row.filters);
    }
}

TEST_CASE("what Postfix does by itself is known", "[facts]") {
    const PrivateInstance site("message_size_limit = 7\nmyorigin = x.example\nrelayhost = [r.example]:25\n"
                               "maximal_queue_lifetime = 3h\nrecipient_delimiter = -\nmail_owner = root\n"
                               "default_transport = smtp:[d.example]\nsmtputf8_enable = no\n");
    const Facts facts = facts_of(site);
    CHECK(facts.message_size_limit == 7);
    CHECK(facts.myorigin == "x.example");
    CHECK(facts.relayhost == "[r.example]:25");
    CHECK(facts.default_transport == "smtp:[d.example]");
    CHECK(facts.maximal_queue_lifetime == 3 * 3600);
    CHECK(facts.recipient_delimiter == "-");
    CHECK(facts.mail_owner_uid == 0);
    CHECK(!facts.smtputf8);
    CHECK(facts.marks == config_marks(site.open().config_directory()));
    CHECK(facts_of(PrivateInstance("maximal_queue_lifetime = 2\n")).maximal_queue_lifetime == 2 * 86'400);
}

TEST_CASE("a record comes back with its facts, an older one is suspicious", "[facts]") {
    const test::TemporaryFolder folder;
    Applied applied;
    applied.facts = {{"a = \xe9"}, {"b"}, {"c"},   5,   "+",
                     true,         "o",   "smtp:", "r", "l",
                     "v",          "y",   7,       8,   {{1, 2, 3}, {4, 5, 6}}};
    applied.split_listener = "127.0.0.1:10725";
    REQUIRE(write_applied(folder.path(), applied));
    const Applied read = read_applied(folder.path()).value();
    CHECK(read.facts.same_as(applied.facts));
    CHECK(read.facts.marks == applied.facts.marks);
    CHECK(read.split_listener == applied.split_listener);
    spill(applied_file(folder.path()),
          R"({"format": 1, "config_directory": "/c", "queue_directory": "/q", "mail_version": "3.7.11",
              "message_size_limit": 9, "services": {}})");
    const Applied older = read_applied(folder.path()).value();
    CHECK(older.facts.message_size_limit == 9);
    CHECK(!older.facts.expansions.empty());
    CHECK(!older.facts.sender_rewriting.empty());
    CHECK(!older.facts.known);
    CHECK(older.split_listener.empty());
}

TEST_CASE("apply and enable keep the record in step with their own changes", "[facts]") {
    const PrivateInstance site;
    const auto configuration = site.configuration({connector("All")});
    Instance instance = site.open();
    const auto marks_are_current = [&] {
        return read_applied(site.state())->facts.marks == config_marks(instance.config_directory());
    };
    REQUIRE(apply(configuration, instance, {}));
    CHECK(marks_are_current());
    REQUIRE(enable(configuration, instance));
    CHECK(marks_are_current());
    CHECK(plan(configuration, instance)->is_empty());
    // A change that says nothing new is no plan; apply takes note of it all the same.
    write_main_cf(site, slurp(site.main_cf()) + "mail_name = Other\n");
    CHECK(!marks_are_current());
    CHECK(plan(configuration, instance)->is_empty());
    REQUIRE(apply(configuration, instance, {}));
    CHECK(marks_are_current());
    write_main_cf(site, slurp(site.main_cf()) + "always_bcc = a@b.example\n");
    CHECK(!plan(configuration, instance)->is_empty());
    // Another's change is not taken for our own.
    REQUIRE(disable(configuration, instance));
    REQUIRE(apply(configuration, instance, {}));
    write_main_cf(site, slurp(site.main_cf()) + "recipient_bcc_maps = hash:/r\n");
    REQUIRE(enable(configuration, instance));
    CHECK(!marks_are_current());
}

TEST_CASE("the watch tells what changed since apply", "[facts]") {
    const PrivateInstance site;
    const auto configuration = site.configuration({connector("All")});
    Instance instance = site.open();
    REQUIRE(apply(configuration, instance, {}));
    std::mutex mutex;
    std::vector<std::string> log;
    auto snapshot = std::make_shared<const Snapshot>(configuration, read_applied(site.state()).value());
    FactsWatch watch([&] { return snapshot; },
                     [&](bool warning, const std::string& line) {
                         const std::lock_guard lock(mutex);
                         log.push_back((warning ? "W " : "I ") + line);
                     });
    CHECK(watch.report().state == State::recorded);
    CHECK(watch.facts().get() == &snapshot->applied().facts);

    const std::string original = slurp(site.main_cf());
    write_main_cf(site, original + "mail_name = Other\n");
    // Whoever asks waits for what the files say now.
    const auto first = watch.report();
    CHECK(first.state == State::recorded);
    CHECK(first.facts->known);
    CHECK(first.facts->expansions.empty());

    write_main_cf(site, original + "always_bcc = a@b.example\nmessage_size_limit = 0\n");
    const auto changed = settled(watch);
    CHECK(changed.state == State::changed);
    CHECK(joined(changed.facts->expansions) == "always_bcc = a@b.example");
    CHECK(changed.facts->filters.empty());
    CHECK(changed.facts->message_size_limit == 0);
    CHECK(joined(changed.changes).find("now may change recipients: always_bcc = a@b.example") !=
          std::string::npos);

    write_main_cf(site, original + "always_bcc = ${nonsense\n");
    const auto broken = settled(watch);
    CHECK(broken.state == State::unreadable);
    CHECK(!broken.facts->known);
    CHECK(!broken.facts->expansions.empty());
    CHECK(broken.facts->filters.empty());

    const std::lock_guard lock(mutex);
    REQUIRE(log.size() == 3);
    CHECK(log[0].starts_with("I "));
    CHECK(log[1].starts_with("W "));
    CHECK(log[1].find("always_bcc") != std::string::npos);
    CHECK(log[1].find("run sendconnectorctl apply") != std::string::npos);
    CHECK(log[2].find("cannot be read") != std::string::npos);
}

TEST_CASE("a disk that takes long to tell puts off whoever asks first, and nobody after", "[facts]") {
    const PrivateInstance site;
    const auto configuration = site.configuration({connector("All")});
    Instance instance = site.open();
    REQUIRE(apply(configuration, instance, {}));
    auto snapshot = std::make_shared<const Snapshot>(configuration, read_applied(site.state()).value());
    const std::string path = std::getenv("PATH");
    const std::filesystem::path folder = std::filesystem::path(site.state()) / "slow";
    std::filesystem::create_directory(folder);
    spill((folder / "postconf").string(),
          fmt::format("#!/bin/sh\nPATH={}\nsleep 7\nexec postconf \"$@\"\n", path));
    std::filesystem::permissions(folder / "postconf", std::filesystem::perms::owner_all);
    FactsWatch watch([&] { return snapshot; }, [](bool, const std::string&) {});
    write_main_cf(site, slurp(site.main_cf()) + "mail_name = Other\n");
    ::setenv("PATH", (folder.string() + ":" + path).c_str(), 1);
    const auto first = watch.report();
    const auto second = watch.report(); // before it has been read
    ::setenv("PATH", path.c_str(), 1);
    CHECK(first.state == State::reading);
    CHECK(!first.facts->known);
    CHECK(second.state == State::reading);
    CHECK(settled(watch).state == State::recorded);
}

TEST_CASE("what apply or enable has put on record since is taken from there", "[facts]") {
    PrivateInstance site;
    const auto configuration = site.configuration({connector("All")});
    Instance instance = site.open();
    REQUIRE(apply(configuration, instance, {}));
    auto snapshot = std::make_shared<const Snapshot>(configuration, read_applied(site.state()).value());
    FactsWatch watch([&] { return snapshot; }, [](bool, const std::string&) {});
    REQUIRE(enable(configuration, instance));
    REQUIRE(snapshot->applied().facts.marks != config_marks(instance.config_directory()));
    site.count_postconf();
    const auto report = watch.report();
    CHECK(report.state == State::recorded);
    CHECK(report.facts->known);
    CHECK(site.postconf_starts() == 0);
    write_main_cf(site, slurp(site.main_cf()) + "mail_name = Other\n");
    CHECK(settled(watch).state == State::recorded);
    CHECK(site.postconf_starts() > 0);
}

TEST_CASE("nothing on record is suspicious, and no file is read for it", "[facts]") {
    const PrivateInstance site;
    auto snapshot = std::make_shared<const Snapshot>(site.configuration({connector("All")}), Applied());
    FactsWatch watch([&] { return snapshot; }, [](bool, const std::string&) { FAIL("logged"); });
    CHECK(watch.report().state == State::unknown);
    CHECK(!watch.facts()->expansions.empty());
    CHECK(!watch.facts()->known);
}
