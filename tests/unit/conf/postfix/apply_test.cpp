// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/apply.hpp"

#include "conf/postfix/applied.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::connector;
using test::PrivateInstance;
using test::slurp;
using test::spill;
namespace fs = std::filesystem;

namespace {

policy::SendConnector with_password(std::string name) {
    auto one = connector(std::move(name), {"[smtp.example]:587"});
    one.require_tls = true;
    one.auth_mechanism = policy::AuthMechanism::basic_auth_require_tls;
    one.authentication_credential = "login";
    return one;
}

Result<ApplyReport> apply_to(const PrivateInstance& site, std::vector<policy::SendConnector> connectors,
                             const ApplyHooks& hooks = {}) {
    Instance instance = site.open();
    return apply(site.configuration(std::move(connectors)), instance, hooks);
}

Plan plan_of(const PrivateInstance& site, std::vector<policy::SendConnector> connectors) {
    auto made = plan(site.configuration(std::move(connectors)), site.open());
    REQUIRE(made);
    return *made;
}

std::vector<std::string> errors(const Plan& plan) {
    std::vector<std::string> texts;
    for (const Finding& finding : plan.findings) {
        if (finding.severity != Severity::warning) {
            texts.push_back(finding.text);
        }
    }
    return texts;
}

std::vector<std::string> names(const PrivateInstance& site) {
    std::vector<std::string> list;
    const Values services = site.open().connector_services().value();
    for (const auto& [name, entry] : services) {
        list.push_back(name);
    }
    return list;
}

} // namespace

TEST_CASE("apply makes services, files and a record; a second run changes nothing", "[apply]") {
    const PrivateInstance site("", "# the site's own last words, no newline");
    site.write_credential("login", "user", "secret");
    const std::string main_cf = slurp(site.main_cf());
    const std::string master_cf = slurp(site.master_cf());
    const std::vector<policy::SendConnector> both{connector("Alpha"), with_password("Beta")};

    const auto report = apply_to(site, both);
    REQUIRE(report);
    CHECK(!report->postfix_reloaded);
    CHECK(names(site) == std::vector<std::string>{"sc-alpha", "sc-beta"});
    CHECK(slurp(site.files() / "beta.sasl").ends_with("[smtp.example]:587\tuser:secret\n"));
    CHECK(fs::status(site.files() / "beta.sasl").permissions() == static_cast<fs::perms>(0600));
    CHECK(fs::status(site.files() / "header_firewall").permissions() == static_cast<fs::perms>(0644));
    CHECK(fs::status(site.files()).permissions() == static_cast<fs::perms>(0755));
    CHECK(slurp(site.main_cf()) == main_cf);
    CHECK(slurp(site.master_cf()).starts_with(master_cf + "\nsc-alpha "));
    const auto applied = read_applied(site.state());
    REQUIRE(applied);
    CHECK(is_applied(*applied, both[0]));
    CHECK(is_applied(*applied, both[1]));
    CHECK(applied->pending.empty());
    CHECK(applied->queue_directory == site.root() / "queue");
    CHECK(slurp(applied_file(site.state())).find("secret") == std::string::npos);

    const std::string before = site.everything();
    const auto again = apply_to(site, both);
    REQUIRE(again);
    CHECK(again->changes.empty());
    CHECK(site.everything() == before);
    CHECK(plan_of(site, both).is_empty());
}

TEST_CASE("a plan changes nothing and shows no secret", "[apply]") {
    const PrivateInstance site;
    site.write_credential("login", "user", "first secret");
    const std::string empty = site.everything();
    const std::string first = diff(plan_of(site, {with_password("Beta")}));
    CHECK(site.everything() == empty);
    CHECK(first.find("--- /dev/null\n+++ master.cf: sc-beta\n") != std::string::npos);
    CHECK(first.find("+(secret)\n") != std::string::npos);

    REQUIRE(apply_to(site, {with_password("Beta")}));
    site.write_credential("login", "user", "second secret");
    auto changed = with_password("Beta");
    changed.fqdn = "mail.contoso.example";
    const std::string applied = site.everything();
    const std::string second = diff(plan_of(site, {changed}));
    CHECK(site.everything() == applied);
    CHECK(second.find("\n+   -o smtp_helo_name=mail.contoso.example\n") != std::string::npos);
    CHECK(second.find("beta.sasl\n# the content differs, and is not shown\n") != std::string::npos);
    for (const std::string& text : {first, second}) {
        CHECK(text.find("first") == std::string::npos);
        CHECK(text.find("second") == std::string::npos);
    }
    const std::string gone = diff(plan_of(site, {}));
    CHECK(gone.find("--- master.cf: sc-beta\n+++ /dev/null\n") != std::string::npos);
    CHECK(gone.find("-(secret)\n") != std::string::npos);
}

TEST_CASE("connectors that go take their services and files with them, after the daemon has reloaded",
          "[apply]") {
    PrivateInstance site;
    site.write_credential("login", "user", "secret");
    REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta"), connector("Gamma")}));
    site.pretend_to_run();
    auto disabled = connector("Gamma");
    disabled.enabled = false;
    std::vector<std::string> seen;
    ApplyHooks hooks;
    hooks.reload_daemon = [&]() -> Result<bool> {
        seen = names(site);
        return true;
    };
    const auto report = apply_to(site, {connector("Alpha"), disabled}, hooks);
    REQUIRE(report);
    CHECK(report->daemon_reloaded);
    CHECK(report->postfix_reloaded);
    CHECK(seen == std::vector<std::string>{"sc-alpha", "sc-beta", "sc-gamma"});
    CHECK(names(site) == std::vector<std::string>{"sc-alpha"});
    CHECK(!fs::exists(site.files() / "beta.sasl"));
    CHECK(read_applied(site.state())->services.size() == 1);
    CHECK(site.postfix_log() == "reload\n");
    CHECK(plan_of(site, {connector("Alpha"), disabled}).is_empty());
}

TEST_CASE("the order of apply: Postfix first, its new sockets awaited, then the daemon", "[apply]") {
    PrivateInstance site;
    site.pretend_to_run();
    ApplyHooks hooks;
    bool in_order = false;
    std::vector<std::string> said;
    hooks.reload_daemon = [&]() -> Result<bool> {
        in_order = fs::exists(site.root() / "queue/private/sc-alpha") && site.postfix_log() == "reload\n" &&
                   is_applied(read_applied(site.state()).value(), connector("Alpha"));
        return false;
    };
    hooks.progress = [&](const std::string& what) { said.push_back(what); };
    const auto report = apply_to(site, {connector("Alpha")}, hooks);
    REQUIRE(report);
    CHECK(in_order);
    CHECK(report->postfix_reloaded);
    CHECK(!report->daemon_reloaded);
    CHECK(!said.empty());
}

TEST_CASE("whatever fails half-way, everything is as it was", "[apply]") {
    PrivateInstance site(
        "", "# odd  \nsc-hand  unix - - n - 1 smtp -o { smtp_helo_name = a b }\n\n  -o max_idle=3\n# end");
    site.write_credential("login", "user", "secret");
    auto changed = with_password("Beta");
    changed.fqdn = "other.example";
    const std::vector<policy::SendConnector> wanted{changed, connector("New")};
    ApplyHooks hooks;
    std::string text;

    SECTION("the daemon refuses") {
        REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta")}));
        site.pretend_to_run();
        hooks.reload_daemon = []() -> Result<bool> { return fail("the daemon says no"); };
        text = "the daemon says no";
    }
    SECTION("the daemon refuses the very first apply") {
        hooks.reload_daemon = []() -> Result<bool> { return fail("the daemon says no"); };
        text = "the daemon says no";
    }
    SECTION("Postfix does not reload") {
        REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta")}));
        site.pretend_to_run(1);
        text = fmt::format("postfix -c {}/etc reload failed with exit status 1", site.root().string());
    }
    SECTION("a file cannot be written") {
        REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta")}));
        fs::create_directories(site.files() / "new.status/in the way");
        text = "cannot replace";
    }
    SECTION("the folder for files is somebody else's") {
        fs::create_directory(site.root() / "elsewhere");
        fs::create_symlink(site.root() / "elsewhere", site.files());
        text = "is not a directory";
    }
    SECTION("anybody may write to the folder for files") {
        fs::create_directory(site.files());
        fs::permissions(site.files(), fs::perms::all);
        text = "others than its owner could change";
    }
    SECTION("applied.json cannot be read") {
        fs::create_directories(applied_file(site.state()) / "in the way");
        text = "is not a regular file";
    }
    SECTION("somebody else breaks master.cf meanwhile") {
        REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta")}));
        hooks.progress = [&](const std::string& what) {
            if (what.find("services") != std::string::npos) {
                spill(site.master_cf(), slurp(site.master_cf()) + "\nbroken unix - -\n");
            }
        };
        text = "bad field count";
    }
    SECTION("the hook throws") {
        REQUIRE(apply_to(site, {connector("Alpha"), with_password("Beta")}));
        hooks.reload_daemon = []() -> Result<bool> { throw std::runtime_error("surprise"); };
    }
    const std::string before = site.everything();
    if (text.empty()) {
        CHECK_THROWS_AS(apply_to(site, wanted, hooks), std::runtime_error);
    } else {
        const auto report = apply_to(site, wanted, hooks);
        REQUIRE(!report);
        CAPTURE(report.error().text, report.error().hint);
        CHECK(report.error().text.find(text) != std::string::npos);
    }
    if (hooks.progress) {
        std::string theirs = slurp(site.master_cf());
        CHECK(theirs.ends_with("\nbroken unix - -\n"));
        spill(site.master_cf(), theirs.substr(0, theirs.size() - 17));
    }
    CHECK(site.everything() == before);
}

TEST_CASE("undone beside somebody else's change of master.cf, only ours goes", "[apply]") {
    const PrivateInstance site;
    ApplyHooks hooks;
    const std::string before = slurp(site.master_cf());
    hooks.reload_daemon = [&]() -> Result<bool> {
        spill(site.master_cf(), slurp(site.master_cf()) + "# meanwhile\n");
        return fail("no");
    };
    CHECK(!apply_to(site, {connector("Alpha")}, hooks));
    CHECK(slurp(site.master_cf()) == before + "# meanwhile\n");
}

TEST_CASE("what keeps a configuration from being applied", "[apply]") {
    struct Row {
        std::string what;
        std::string main_cf;
        std::string master_cf;
        std::vector<policy::SendConnector> connectors;
        std::string want;
    };
    auto odd_path = connector("Odd");
    odd_path.fqdn = "a{b";
    auto missing_credential = with_password("Beta");
    missing_credential.authentication_credential = "missing";
    for (const Row& row : std::vector<Row>{
             {"relayhost",
              "relayhost = [relay.example]\n",
              "",
              {connector("Alpha", {})},
              "it delivers by MX (dns_routing_enabled), but main.cf has relayhost = [relay.example], where "
              "Postfix would "
              "send its mail instead"},
             {"sender_dependent_relayhost_maps",
              "sender_dependent_relayhost_maps = inline:{a=b}\n",
              "",
              {connector("Alpha", {})},
              "it delivers by MX (dns_routing_enabled), but main.cf has sender_dependent_relayhost_maps = "
              "inline:{a=b}, "
              "where Postfix would send its mail instead"},
             {"a service made by hand",
              "",
              "sc-alpha unix - - n - - smtp -o x=y\n",
              {connector("Alpha")},
              "master.cf has a service sc-alpha that sendconnectorctl apply did not make"},
             {"a value that cannot be written",
              "",
              "",
              {odd_path},
              "fqdn of connector \"Odd\" \"a{b\" has a brace in it, which master.cf cannot carry"},
             {"a site's setting that cannot be taken along",
              "smtp_header_checks = pcre:{{/x/ y}\n",
              "",
              {connector("Alpha")},
              "smtp_header_checks in main.cf has a brace without its partner"},
         }) {
        CAPTURE(row.what);
        const PrivateInstance site(row.main_cf, row.master_cf);
        const std::string before = site.everything();
        const auto found = errors(plan_of(site, row.connectors));
        REQUIRE(found.size() == 1);
        CHECK(found[0] == row.want);
        const auto report = apply_to(site, row.connectors);
        REQUIRE(!report);
        CHECK(report.error().text.find(row.want) != std::string::npos);
        CHECK(site.everything() == before);
    }
    const PrivateInstance site;
    CHECK(!errors(plan_of(site, {missing_credential})).empty());
    fs::remove_all(site.root() / "queue/sendconnector");
    CHECK(errors(plan_of(site, {connector("Alpha")})).size() == 2);
    auto elsewhere = site.configuration({connector("Alpha")});
    elsewhere.daemon.lookup_socket = "/run/sendconnector/lookup";
    const auto found = plan(elsewhere, site.open());
    REQUIRE(found);
    CHECK(errors(*found)[0].starts_with("lookup_socket /run/sendconnector/lookup is not below"));
    // A smart host is its own next-hop: relayhost has no part in it.
    const PrivateInstance relayed("relayhost = [relay.example]\n");
    CHECK(errors(plan_of(relayed, {connector("Alpha")})).empty());
    const PrivateInstance mapped("transport_maps = inline:{a=b}\n");
    CHECK(refuses(plan_of(mapped, {connector("Alpha")}).findings) == false);
    CHECK(plan_of(mapped, {connector("Alpha")}).findings.size() == 1);
}

TEST_CASE("foreign services that only look like ours stay", "[apply]") {
    const std::string foreign = "sc-hand unix - - n - - smtp\nsc-port inet n - n - - smtpd\n";
    const PrivateInstance site("", foreign);
    REQUIRE(apply_to(site, {connector("Alpha")}));
    REQUIRE(apply_to(site, {}));
    CHECK(slurp(site.master_cf()) == slurp("/usr/share/postfix/master.cf.dist") + foreign);
}

TEST_CASE("after the records are lost, services that are what they should be are taken over", "[apply]") {
    const PrivateInstance site;
    REQUIRE(apply_to(site, {connector("Alpha")}));
    const std::string before = site.everything();
    fs::remove(applied_file(site.state()));
    REQUIRE(apply_to(site, {connector("Alpha")}));
    CHECK(site.everything() == before);
}

TEST_CASE("the next apply takes up what a killed one left", "[apply]") {
    const PrivateInstance site;
    const pid_t child = fork();
    if (child == 0) {
        Instance instance = site.open();
        ApplyHooks hooks;
        hooks.progress = [](const std::string& what) {
            if (what.starts_with("Postfix is not running")) {
                kill(getpid(), SIGKILL);
            }
        };
        (void)apply(site.configuration({connector("Alpha"), connector("Beta")}), instance, hooks);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(names(site).size() == 2);
    REQUIRE(apply_to(site, {connector("Alpha")}));
    CHECK(names(site) == std::vector<std::string>{"sc-alpha"});
    CHECK(plan_of(site, {connector("Alpha")}).is_empty());
}

TEST_CASE("killed between master.cf and the record", "[apply]") {
    const PrivateInstance site;
    REQUIRE(apply_to(site, {connector("Alpha")}));
    // What the journal looks like then.
    Applied notes = read_applied(site.state()).value();
    notes.services.clear();
    notes.pending = {"sc-alpha"};
    REQUIRE(write_applied(site.state(), notes));
    auto changed = connector("Alpha");
    changed.fqdn = "other.example";
    REQUIRE(apply_to(site, {changed}));
    CHECK(is_applied(read_applied(site.state()).value(), changed));
}

TEST_CASE("a Ctrl-C in the middle is held back, and has everything undone", "[apply]") {
    const PrivateInstance site;
    const std::string before = site.everything();
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGINT, SIG_DFL);
        Instance instance = site.open();
        ApplyHooks hooks;
        hooks.progress = [](const std::string& what) {
            if (what.starts_with("writing 1 services")) {
                kill(getpid(), SIGINT);
            }
        };
        (void)apply(site.configuration({connector("Alpha")}), instance, hooks);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(site.everything() == before);
}

TEST_CASE("two applies at a time take turns", "[apply]") {
    const PrivateInstance site;
    const auto run = [&](int number) {
        auto one = connector("Alpha");
        one.fqdn = fmt::format("host{}.example", number);
        return apply_to(site, {one, connector(fmt::format("Only {}", number))});
    };
    std::vector<std::thread> threads;
    std::vector<int> good(4, 0);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] { good[static_cast<std::size_t>(i)] = run(i).has_value() ? 1 : 0; });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == std::vector<int>{1, 1, 1, 1});
    // One of them was last, and all of it stands.
    const Applied applied = read_applied(site.state()).value();
    REQUIRE(applied.services.size() == 2);
    const auto last = std::next(applied.services.begin())->first;
    const std::string number = last.substr(last.size() - 1);
    CHECK(names(site) == std::vector<std::string>{"sc-alpha", last});
    CHECK(slurp(site.master_cf()).find("host" + number + ".example") != std::string::npos);
}

TEST_CASE("many connectors", "[apply]") {
    const PrivateInstance site;
    std::vector<policy::SendConnector> many;
    for (int i = 0; i < 130; ++i) {
        many.push_back(connector(fmt::format("c{}", i)));
    }
    REQUIRE(apply_to(site, many));
    CHECK(names(site).size() == 130);
    CHECK(plan_of(site, many).is_empty());
    REQUIRE(apply_to(site, {}));
    CHECK(slurp(site.master_cf()) == slurp("/usr/share/postfix/master.cf.dist"));
}

TEST_CASE("one state directory, one Postfix instance", "[apply]") {
    const PrivateInstance site;
    const PrivateInstance other;
    REQUIRE(apply_to(site, {connector("Alpha")}));
    auto configuration = other.configuration({connector("Alpha")});
    configuration.daemon.state_directory = site.state();
    Instance instance = other.open();
    const auto report = apply(configuration, instance, {});
    REQUIRE(!report);
    CHECK(report.error().text.find("is in use for the Postfix instance") != std::string::npos);
}
