// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attach.hpp"

#include "conf/postfix/apply.hpp"
#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/main_cf_text.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::connector;
using test::PrivateInstance;
using test::slurp;
using test::spill;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view our_milter = "{ unix:sendconnector/milter, default_action=tempfail }";
constexpr std::string_view our_lookup = "socketmap:unix:sendconnector/lookup:transport";

struct Nasty {
    std::string what;
    std::string main_cf;
};

const std::vector<Nasty> nasty = {
    {"nothing", ""},
    {"no newline at the end", "mail_name = X"},
    {"a comment without a newline at the end", "mail_name = X\n# last words"},
    {"our parameter without a newline at the end", "smtpd_milters = inet:127.0.0.1:9"},
    {"a continued last line without a newline", "smtpd_milters = inet:127.0.0.1:9,\n   unix:/a"},
    {"other milters", "smtpd_milters = inet:127.0.0.1:9, unix:/a\nnon_smtpd_milters = inet:127.0.0.1:9\n"},
    {"one in terms of the other", "smtpd_milters = unix:/a\nnon_smtpd_milters = $smtpd_milters\n"},
    {"in terms of a third", "own = unix:/a\nsmtpd_milters = ${own}\nnon_smtpd_milters = $(own)\n"},
    {"empty", "smtpd_milters =\nnon_smtpd_milters=\nmilter_header_checks   =   "
              "\nsender_dependent_default_transport_maps =\n"},
    {"odd spacing", "smtpd_milters=unix:/a\nnon_smtpd_milters\t=\t unix:/a  \n\n\n   \nmilter_header_checks "
                    "=regexp:/b   \n"},
    {"comments inside",
     "smtpd_milters =\n    # scanner\n    unix:/a,\n# left\n\tunix:/b\n    # after\n\n   \nmail_name = X\n"},
    {"our parameters last, comments after", "smtpd_milters = unix:/a\n  unix:/b\n\n# end\n\n"},
    {"twice", "smtpd_milters = unix:/a\nmail_name = X\nsmtpd_milters = unix:/b\n"},
    {"commented out", "#smtpd_milters = unix:/a\n # non_smtpd_milters = unix:/a\n"},
    {"braces", "smtpd_milters = { unix:/a, connect_timeout=1s,default_action=accept },\n {unix:/b}\n"},
    {"CRLF", "smtpd_milters = unix:/a\r\nmail_name = X\r\nnon_smtpd_milters =\r\n   unix:/b\r\n"},
    {"other octets", "smtpd_milters = unix:/a\n# caf\xe9 \xff\nmail_name = \xc3\xbc\n"},
    {"maps", "sender_dependent_default_transport_maps = texthash:/a, inline:{ {a@b = smtp:[c]}, d=e }\n"
             "milter_header_checks = pcre:{{/^X: (a b)/ PREPEND Y: $$1}}\n"},
    {"names that start alike", "smtpd_milters_extra = x\nnon_smtpd_milters_2 = y\n"},
};

AttachReport enable_on(const PrivateInstance& site,
                       std::vector<policy::SendConnector> connectors = {connector("Alpha")}) {
    Instance instance = site.open();
    auto report = enable(site.configuration(std::move(connectors)), instance);
    REQUIRE(report);
    fs::last_write_time(site.main_cf(), fs::file_time_type::clock::now() - std::chrono::minutes(1));
    return *report;
}

AttachReport disable_on(const PrivateInstance& site) {
    Instance instance = site.open();
    auto report = disable(site.configuration({connector("Alpha")}), instance);
    REQUIRE(report);
    fs::last_write_time(site.main_cf(), fs::file_time_type::clock::now() - std::chrono::minutes(1));
    return *report;
}

void apply_on(const PrivateInstance& site) {
    Instance instance = site.open();
    REQUIRE(apply(site.configuration({connector("Alpha")}), instance, {}));
}

Attachment state_of(const PrivateInstance& site) {
    return attachment(site.configuration({connector("Alpha")}), site.open()).value();
}

Values effective(const PrivateInstance& site) {
    return site.open()
        .parameters({"smtpd_milters", "non_smtpd_milters", "milter_header_checks",
                     "sender_dependent_default_transport_maps"})
        .value();
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
        ++found;
    }
    return found;
}

} // namespace

TEST_CASE("enable, apply and disable leave every octet as it was", "[attach]") {
    for (const Nasty& row : nasty) {
        CAPTURE(row.what);
        const PrivateInstance site(row.main_cf, "# odd\nscan unix - - n\t- 10 smtp\n\n -o a=b\n# no newline");
        REQUIRE(chmod(site.main_cf().c_str(), 0640) == 0);
        const std::string before = site.everything();
        const Values effective_before = effective(site);

        const bool apply_first = &row - nasty.data() < 4;
        if (apply_first) {
            apply_on(site);
        }
        enable_on(site);
        CHECK(state_of(site) == Attachment::attached);
        const Values now = effective(site);
        for (const char* name : {"smtpd_milters", "non_smtpd_milters"}) {
            CHECK(count(now.at(name), "sendconnector/milter") == 1);
            CHECK(now.at(name).ends_with(our_milter));
            CHECK(now.at(name).starts_with(effective_before.at(name)));
        }
        CHECK(now.at("sender_dependent_default_transport_maps").starts_with(our_lookup));
        CHECK(now.at("sender_dependent_default_transport_maps")
                  .ends_with(effective_before.at("sender_dependent_default_transport_maps")));
        CHECK(
            now.at("milter_header_checks").starts_with("regexp:" + (site.files() / "route_checks").string()));
        CHECK(fs::exists(site.files() / "route_checks"));
        if (!apply_first) {
            apply_on(site);
        }

        const std::string enabled = site.everything();
        CHECK(enable_on(site).changed.empty());
        CHECK(site.everything() == enabled);

        CHECK(!disable_on(site).changed.empty());
        CHECK(site.everything() == before);
        CHECK(state_of(site) == Attachment::detached);
        CHECK(disable_on(site).changed.empty());
        CHECK(site.everything() == before);
    }
}

TEST_CASE("however many parameters enable sets, postconf is asked once for all of them", "[attach]") {
    PrivateInstance site;
    Instance instance = site.open();
    const auto configuration = site.configuration({connector("Alpha")});
    site.count_postconf();
    REQUIRE(enable(configuration, instance)->changed.size() == 4);
    // The largest message, services of the site's own, the site's route; what there is of the parameters as
    // it is written and as it comes out, and the change.
    CHECK(site.postconf_starts() == 6);
}

TEST_CASE("what the site changes while enabled stays when disabled", "[attach]") {
    const PrivateInstance site("smtpd_milters =\n   unix:/a\nmail_name = X");
    enable_on(site);
    SECTION("other parameters, and their places") {
        std::string text = slurp(site.main_cf());
        text = "# new first line\n" + text + "# new last line\nbiff = no\n";
        text.replace(text.find("mail_name = X"), 13, "mail_name = Y");
        spill(site.main_cf(), text);
        disable_on(site);
        const std::string after = slurp(site.main_cf());
        CHECK(after.starts_with("# new first line\n"));
        CHECK(after.ends_with("smtpd_milters =\n   unix:/a\nmail_name = Y\n# new last line\nbiff = no\n"));
    }
    SECTION("a parameter of ours") {
        std::string text = slurp(site.main_cf());
        const std::string ours = fmt::format("smtpd_milters = unix:/a, {}", our_milter);
        REQUIRE(text.find("\n" + ours + "\n") != std::string::npos);
        text.replace(text.find("\n" + ours) + 1, ours.size(),
                     fmt::format("smtpd_milters = unix:/b, {},\n  unix:/c", our_milter));
        spill(site.main_cf(), text);
        disable_on(site);
        CHECK(slurp(site.main_cf()).find("\nsmtpd_milters = unix:/b, unix:/c\n") != std::string::npos);
        CHECK(effective(site).at("non_smtpd_milters").empty());
        CHECK(slurp(site.main_cf()).find("non_smtpd_milters") == std::string::npos);
    }
    SECTION("all of it removed by hand") {
        const std::string own = slurp(site.main_cf());
        spill(site.main_cf(), own.substr(0, own.find("smtpd_milters")));
        const std::string removed = slurp(site.main_cf());
        CHECK(state_of(site) == Attachment::detached);
        disable_on(site);
        CHECK(slurp(site.main_cf()) == removed);
    }
    CHECK(state_of(site) == Attachment::detached);
    CHECK(!fs::exists(site.files()));
}

TEST_CASE("a half-way state is completed, and taken back whole", "[attach]") {
    const PrivateInstance site("smtpd_milters = unix:/a\n");
    const std::string before = site.everything();
    enable_on(site);
    const std::string enabled = slurp(site.main_cf());
    const std::size_t line = enabled.find("non_smtpd_milters");
    spill(site.main_cf(), std::string(enabled).erase(line, enabled.find('\n', line) + 1 - line));
    CHECK(state_of(site) == Attachment::partly);
    CHECK(enable_on(site).changed.size() == 1);
    CHECK(state_of(site) == Attachment::attached);
    disable_on(site);
    CHECK(site.everything() == before);
}

TEST_CASE("an entry that lost its place or its default_action gets it back", "[attach]") {
    for (const std::string& text :
         {fmt::format("sender_dependent_default_transport_maps = texthash:/a {}\n", our_lookup),
          std::string("smtpd_milters = unix:sendconnector/milter, unix:/a\n")}) {
        const PrivateInstance site(text);
        CHECK(state_of(site) == Attachment::partly);
        enable_on(site);
        CHECK(state_of(site) == Attachment::attached);
        CHECK(count(effective(site).at("smtpd_milters"), "sendconnector/milter") == 1);
        CHECK(count(effective(site).at("sender_dependent_default_transport_maps"), our_lookup) == 1);
        disable_on(site);
        CHECK(slurp(site.main_cf()).ends_with(text));
    }
}

TEST_CASE("a socket that moved is followed", "[attach]") {
    const PrivateInstance site("smtpd_milters = unix:/a\n");
    const std::string before = site.everything();
    enable_on(site);
    auto moved = site.configuration({connector("Alpha")});
    moved.daemon.milter_socket = site.root() / "queue/sendconnector/other";
    Instance instance = site.open();
    REQUIRE(enable(moved, instance));
    CHECK(effective(site).at("smtpd_milters") ==
          "unix:/a, { unix:sendconnector/other, default_action=tempfail }");
    CHECK(effective(site).at("non_smtpd_milters") == "{ unix:sendconnector/other, default_action=tempfail }");
    REQUIRE(disable(moved, instance));
    CHECK(site.everything() == before);
}

TEST_CASE("disable removes by value when the record is lost", "[attach]") {
    const PrivateInstance site("smtpd_milters = unix:/a\nmilter_header_checks = regexp:/b\n");
    enable_on(site);
    fs::remove(site.state() / "attached.json");
    disable_on(site);
    CHECK(state_of(site) == Attachment::detached);
    CHECK(effective(site).at("smtpd_milters") == "unix:/a");
    CHECK(effective(site).at("milter_header_checks") == "regexp:/b");
    CHECK(slurp(site.main_cf()).find("non_smtpd_milters") == std::string::npos);
}

TEST_CASE("enable that fails leaves everything as it was", "[attach]") {
    PrivateInstance site("smtpd_milters = unix:/a");
    auto configuration = site.configuration({connector("Alpha")});
    std::string text;
    SECTION("Postfix does not reload") {
        site.pretend_to_run(1);
        text = "reload failed";
    }
    SECTION("the record cannot be written") {
        fs::create_directories(site.state() / "attached.json/in the way");
        text = "is not a regular file";
    }
    SECTION("a socket outside the queue directory") {
        configuration.daemon.milter_socket = "/run/milter";
        text = "milter_socket /run/milter is not below";
    }
    SECTION("the folder for files is not ours") {
        fs::create_directory(site.files());
        fs::permissions(site.files(), fs::perms::all);
        text = "others than its owner could change";
    }
    const std::string before = site.everything();
    Instance instance = site.open();
    const auto report = enable(configuration, instance);
    REQUIRE(!report);
    CAPTURE(report.error().text);
    CHECK(report.error().text.find(text) != std::string::npos);
    CHECK(site.everything() == before);
}

TEST_CASE("a running Postfix is reloaded before services go", "[attach]") {
    PrivateInstance site;
    apply_on(site);
    site.pretend_to_run();
    CHECK(enable_on(site).postfix_reloaded);
    CHECK(!enable_on(site).postfix_reloaded);
    CHECK(site.postfix_log() == "reload\n");
    CHECK(disable_on(site).postfix_reloaded);
    CHECK(site.postfix_log() == "reload\nreload\nreload\n");
}

TEST_CASE("what the administrator should know", "[attach]") {
    const PrivateInstance site(
        "",
        "127.0.0.1:10025 inet n - n - - smtpd\n -o smtpd_milters=\n"
        "127.0.0.1:10026 inet n - n - - smtpd -o receive_override_options=no_address_mappings,no_milters\n");
    const auto notes = enable_on(site).notes;
    REQUIRE(notes.size() == 3);
    CHECK(notes[0].starts_with("master.cf: 127.0.0.1:10025/inet sets smtpd_milters ="));
    CHECK(notes[1].starts_with("master.cf: 127.0.0.1:10026/inet sets no_milters"));
    CHECK(notes[2] ==
          "connector \"Alpha\" is not applied: mail of its senders waits; run sendconnectorctl apply");
}

TEST_CASE("list values", "[attach]") {
    const AttachmentPart last{"smtpd_milters", std::string(our_milter), AttachmentPart::Place::last};
    const AttachmentPart first{"maps", std::string(our_lookup), AttachmentPart::Place::first};
    struct Row {
        std::string value;
        Presence want;
        std::string with;
        std::string without;
    };
    for (const Row& row : std::vector<Row>{
             {"", Presence::absent, std::string(our_milter), ""},
             {"unix:/a", Presence::absent, fmt::format("unix:/a, {}", our_milter), "unix:/a"},
             {"{unix:sendconnector/milter,default_action=tempfail}", Presence::present,
              std::string(our_milter), ""},
             {"unix:sendconnector/milter", Presence::misplaced, std::string(our_milter), ""},
             {"unix:sendconnector/milter2 unix:sendconnector/milter", Presence::misplaced,
              fmt::format("unix:sendconnector/milter2, {}", our_milter), "unix:sendconnector/milter2"},
             {fmt::format("a, {}, b", our_milter), Presence::present, fmt::format("a, b, {}", our_milter),
              "a, b"},
             {fmt::format("{}, b c", our_milter), Presence::present, fmt::format("b c, {}", our_milter),
              "b c"}}) {
        CAPTURE(row.value);
        CHECK(presence(last, row.value) == row.want);
        CHECK(with_entry(last, row.value) == row.with);
        CHECK(without_entry(last.entry, row.value) == row.without);
    }
    CHECK(presence(first, fmt::format("texthash:/a, {}", our_lookup)) == Presence::misplaced);
    CHECK(with_entry(first, fmt::format("texthash:/a, {}", our_lookup)) ==
          fmt::format("{}, texthash:/a", our_lookup));
    CHECK(presence(first, fmt::format("{} texthash:/a", our_lookup)) == Presence::present);
}

TEST_CASE("what splitting takes is set, and a value of the site's own put back", "[attach]") {
    auto partner = connector("Partner");
    partner.address_spaces = {policy::AddressSpace::parse("partner.example").value()};
    const std::string limit = "sc-split_destination_recipient_limit";
    for (const std::string& own : std::vector<std::string>{
             "", limit + " =  20\n", limit + "=20\n# x\n  \nmail_name = X", limit + " = 1\n",
             "mail_name = X\n" + limit + " =\n   20\n" + limit + " = 30\n"}) {
        CAPTURE(own);
        const PrivateInstance site(own);
        const auto configuration = site.configuration({partner});
        const std::string before = slurp(site.main_cf());
        Instance instance = site.open();
        CHECK(attachment(configuration, instance).value() == Attachment::detached);
        REQUIRE(enable(configuration, instance));
        CHECK(last_value(slurp(site.main_cf()), limit) == "1");
        CHECK(attachment(configuration, instance).value() == Attachment::attached);
        CHECK(enable(configuration, instance)->changed.empty());
        REQUIRE(disable(configuration, instance));
        CHECK(slurp(site.main_cf()) == before);
    }
}

TEST_CASE("apply completes an attachment when the policy comes to split", "[attach]") {
    auto partner = connector("Partner");
    partner.address_spaces = {policy::AddressSpace::parse("partner.example").value()};
    const std::string limit = "sc-split_destination_recipient_limit";
    const PrivateInstance site;
    const std::string before = slurp(site.main_cf());
    Instance instance = site.open();
    REQUIRE(enable(site.configuration({connector("All")}), instance));
    CHECK(!last_value(slurp(site.main_cf()), limit));
    auto configuration = site.configuration({partner});
    configuration.postfix.split_listener.port = 47'123;
    const auto state = attachment_state(configuration, instance);
    REQUIRE(state);
    CHECK(state->attachment == Attachment::partly);
    CHECK(state->missing == std::vector<std::string>{limit});
    CHECK(diff(*plan(configuration, instance)).find("+" + limit + " = 1") != std::string::npos);
    REQUIRE(apply(configuration, instance, {}));
    CHECK(last_value(slurp(site.main_cf()), limit) == "1");
    CHECK(plan(configuration, instance)->is_empty());
    // A failure in a later step takes it back with the rest.
    REQUIRE(disable(configuration, instance));
    REQUIRE(enable(site.configuration({connector("All")}), instance));
    const std::string everything = site.everything();
    ApplyHooks hooks;
    hooks.reload_daemon = []() -> Result<bool> { return fail("no"); };
    CHECK(!apply(configuration, instance, hooks));
    CHECK(site.everything() == everything);
    // Detached, it stays so.
    REQUIRE(disable(configuration, instance));
    REQUIRE(apply(configuration, instance, {}));
    CHECK(slurp(site.main_cf()) == before);
}
