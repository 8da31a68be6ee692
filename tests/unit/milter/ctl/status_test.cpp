// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/snapshot.hpp"
#include "milter/ctl/overall_state.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fake_daemon.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector;
using namespace sendconnector::ctl::test;

TEST_CASE("status: nothing runs, nothing is applied") {
    const Folder folder(company);
    const Ran ran = folder.run({"status"});
    CHECK(ran.status == 1);
    const nlohmann::json json = folder.run({"status", "--json"}).json();
    CHECK(json["well"] == false);
    CHECK(json["configuration"]["usable"] == true);
    CHECK(json["daemon"]["state"] == "not_running");
    CHECK(json["daemon"]["same_configuration"].is_null());
    CHECK(json["connectors"][0] == nlohmann::json{{"name", "Contoso via Mimecast"},
                                                  {"service", "sc-contoso-via-mimecast"},
                                                  {"enabled", true},
                                                  {"applied", false},
                                                  {"differs", "was never applied"}});
    CHECK(json["connectors"][3]["applied"].is_null());
    CHECK(
        json["hints"] ==
        nlohmann::json{"the daemon does not run; start it: sendconnectord --config " + folder.configuration(),
                       "sudo " + folder.hint("apply") + " brings Postfix up to the configuration"});
}

TEST_CASE("status: what a person reads") {
    const Folder folder(company);
    folder.mark_applied();
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    const std::string digest = conf::postfix::Snapshot(*loaded.configuration, {}).digest();
    const FakeDaemon daemon(folder.path("control"), [&](const std::string&) {
        return R"({"ok":true,"version":"0.1.0","since":"2026-01-02T03:04:05Z","digest":")" + digest + "\"}\n";
    });
    const Ran ran = folder.run({"status"});
    CHECK(folder.anonymous(ran.out) ==
          R"(Configuration : DIR/sendconnector.toml: fine, 4 connectors, 5 senders
Daemon        : running, version 0.1.0, since 2026-01-02T03:04:05Z, with this configuration
Postfix       : DIR/postfix: attachment unknown (there is no main.cf in DIR/postfix; install and configure Postfix, or name another directory with --postfix-config)

Identity             Service                 Enabled Applied
--------             -------                 ------- -------
Contoso via Mimecast sc-contoso-via-mimecast True    True
CEO                  sc-ceo                  True    True
Bounces              sc-bounces              True    True
Old relay            sc-old-relay            False

could not tell everything
)");
    CHECK(ran.status == 2); // the Postfix instance is not there
}

TEST_CASE("status: a daemon behind its configuration, and one that cannot be asked") {
    const Folder folder(company);
    folder.mark_applied();
    const auto answering = [&](const std::string& text) {
        std::filesystem::remove(folder.path("control"));
        const FakeDaemon daemon(folder.path("control"), [&](const std::string&) { return text + "\n"; });
        return folder.run({"status", "--json"});
    };
    const Ran behind = answering(R"({"ok":true,"digest":"0000"})");
    CHECK(behind.status == 1);
    CHECK(behind.json()["daemon"]["same_configuration"] == false);
    CHECK(behind.json()["hints"] ==
          nlohmann::json{"sudo " + folder.hint("reload") + " brings the daemon up to the configuration"});
    const Ran odd = answering("?");
    CHECK(odd.status == 2);
    CHECK(odd.json()["daemon"]["state"] == "unknown");
}

TEST_CASE("status: settings that changed since apply") {
    const Folder folder(company);
    folder.mark_applied();
    std::string changed = company;
    changed.replace(changed.find("mail.contoso.com"), 16, "mx.contoso.com");
    const Folder other(changed);
    other.write("state/applied.json", "");
    std::filesystem::copy_file(folder.path("state/applied.json"), other.path("state/applied.json"),
                               std::filesystem::copy_options::overwrite_existing);
    const nlohmann::json json = other.run({"status", "--json"}).json();
    CHECK(json["connectors"][0]["applied"] == false);
    CHECK(json["connectors"][0]["differs"] == "its settings changed since apply");
    CHECK(json["connectors"][1]["applied"] == true);
}

TEST_CASE("status: a configuration that cannot be used") {
    const Folder folder("[[connector]]\nname = \"X\"\n");
    const Ran ran = folder.run({"status", "--json"});
    CHECK(ran.status == 1);
    const nlohmann::json json = ran.json();
    CHECK(json["configuration"]["usable"] == false);
    CHECK(json["configuration"]["findings"].size() == 1);
    CHECK(json["daemon"]["state"] == "not_running"); // the rest of the file says where it would be
    CHECK(json["postfix"]["config_directory"] == folder.path("postfix"));
    CHECK(json["connectors"].empty());
    CHECK(json["hints"][0] == folder.hint("check") + " says what is wrong with the configuration");
}

TEST_CASE("status: a configuration that does not say where things are makes nothing up") {
    const Folder folder(company, "[daemon\n");
    const Ran ran = folder.run({"status", "--json"});
    CHECK(ran.status == 1);
    CHECK(ran.json()["daemon"]["state"] == "unknown");
    CHECK(ran.json()["postfix"].is_null());
    CHECK(folder.run({"reload"}).status == 2);
}

TEST_CASE("status: a daemon that holds mail back, for it was not reloaded after apply") {
    const Folder folder(company);
    folder.mark_applied();
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    const nlohmann::json answer = {
        {"ok", true},
        {"digest", conf::postfix::Snapshot(*loaded.configuration, {}).digest()},
        {"connectors", {{{"name", "CEO"}, {"enabled", true}, {"applied", false}}}}};
    const FakeDaemon daemon(folder.path("control"), [&](const std::string&) { return answer.dump() + "\n"; });
    const nlohmann::json json = folder.run({"status", "--json"}).json();
    CHECK(json["daemon"]["same_configuration"] == true);
    CHECK(json["hints"] ==
          nlohmann::json{"sudo " + folder.hint("reload") + " brings the daemon up to the configuration"});
}

TEST_CASE("status: next-hops that get no mail are counted, and where to look is said") {
    const Folder folder(company);
    folder.mark_applied();
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    const nlohmann::json state = {{"ok", true},
                                  {"digest", conf::postfix::Snapshot(*loaded.configuration, {}).digest()}};
    const nlohmann::json hops = {
        {"ok", true},
        {"next_hops", {{{"state", "verified"}}, {{"state", "refused"}}, {{"state", "probing"}}}}};
    const FakeDaemon daemon(folder.path("control"), [&](const std::string& line) {
        return (nlohmann::json::parse(line)["command"] == "tls" ? hops : state).dump() + "\n";
    });
    const Ran ran = folder.run({"status"});
    CHECK(ran.status == 1);
    CHECK(ran.out.find("Next-hops     : 1 verified, 1 refused, 1 not known\n") != std::string::npos);
    CHECK(ran.out.find("* 1 next-hop is refused, and gets no mail; " + folder.hint("tls") + " says why\n") !=
          std::string::npos);
    const nlohmann::json json = folder.run({"status", "--json"}).json();
    CHECK(json["next_hops"] == nlohmann::json{{"verified", 1}, {"refused", 1}, {"unknown", 1}});
}

TEST_CASE("status: the exit status follows the hints, then what is unknown") {
    ctl::OverallState state;
    CHECK(state.exit_code() == ctl::ExitCode::fine);
    state.could_not_tell = true;
    CHECK(state.exit_code() == ctl::ExitCode::could_not_tell);
    state.hints.emplace_back("do something");
    CHECK(state.exit_code() == ctl::ExitCode::no);
}
