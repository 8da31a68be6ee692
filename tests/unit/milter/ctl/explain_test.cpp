// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/snapshot.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fake_daemon.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector;
using namespace sendconnector::ctl::test;

namespace {

std::vector<std::string> from(const std::string& sender) {
    return {"explain", "--from", sender, "--to", "bob@recipient.example"};
}

std::vector<std::string> with(std::vector<std::string> arguments, std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
    return arguments;
}

} // namespace

TEST_CASE("explain: a mailbox outranks its domain") {
    const Folder folder(company);
    folder.mark_applied();
    const Ran ran = folder.run(from("ceo@contoso.com"));
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out == R"(From       : ceo@contoso.com
To         : bob@recipient.example
Outcome    : leaves through a connector
Set by     : the lookup endpoint: the envelope sender alone decides
Connector  : CEO
Service    : sc-ceo
Next-hops  : [192.0.2.7]:25
Transport  : OK sc-ceo:[192.0.2.7]:25
TLS        : required, TLSv1.2 or later, any certificate
TLS policy : encrypt protocols=>=TLSv1.2

Rank Connector            Why
---- ---------            ---
1    CEO                  chosen: sender ceo@contoso.com, address space smtp:*;1
2    Contoso via Mimecast outranked: its sender contoso.com is less specific than ceo@contoso.com
3    Bounces              out: none of its senders matches
4    Old relay            out: it is disabled
)");
}

TEST_CASE("explain: several smart hosts under a TLS rule") {
    const Folder folder(company);
    folder.mark_applied();
    const Ran ran = folder.run(from("alice@eu.contoso.net"));
    CHECK(ran.status == 0);
    CHECK(ran.out == R"(From       : alice@eu.contoso.net
To         : bob@recipient.example
Outcome    : leaves through a connector
Set by     : the lookup endpoint: the envelope sender alone decides
Connector  : Contoso via Mimecast
Service    : sc-contoso-via-mimecast
Next-hops  : [smtp-a.mimecast.example]:587, [smtp-b.mimecast.example]:587 (they take turns; where one fails, the next is tried)
Transport  : OK sc-contoso-via-mimecast:[smtp-a.mimecast.example]:587,[smtp-b.mimecast.example]:587
TLS        : required, TLSv1.2 or later, with a valid certificate for *.mimecast.example; trusts the system's authorities; revocation is checked where a certificate names a source
TLS policy : [smtp-a.mimecast.example]:587: fingerprint match=<verified> servername=smtp-a.mimecast.example protocols=>=TLSv1.2 (once verified; until then TEMP)
TLS policy : [smtp-b.mimecast.example]:587: fingerprint match=<verified> servername=smtp-b.mimecast.example protocols=>=TLSv1.2 (once verified; until then TEMP)

Rank Connector            Why
---- ---------            ---
1    Contoso via Mimecast chosen: sender *.contoso.net, address space smtp:*;1
2    Bounces              out: none of its senders matches
3    CEO                  out: none of its senders matches
4    Old relay            out: it is disabled
)");
}

TEST_CASE("explain: who goes where") {
    const Folder folder(company);
    folder.mark_applied();
    struct Case {
        std::string sender;
        std::string outcome;
        std::string connector;
        std::string answer;
    };
    const Case cases[] = {
        {"ceo@contoso.com", "connector", "CEO", "OK sc-ceo:[192.0.2.7]:25"},
        {"CEO@Contoso.COM", "connector", "CEO", "OK sc-ceo:[192.0.2.7]:25"},
        {"<ceo@contoso.com>", "connector", "CEO", "OK sc-ceo:[192.0.2.7]:25"},
        {"ceo+travel@contoso.com", "connector", "CEO", "OK sc-ceo:[192.0.2.7]:25"},
        {"<>", "connector", "Bounces", "OK sc-bounces:"},
        {"", "connector", "Bounces", "OK sc-bounces:"},
        {"bob@fabrikam.com", "postfix", "", "NOTFOUND"},
        {"root", "postfix", "", "NOTFOUND"},
    };
    for (const Case& one : cases) {
        const Ran ran = folder.run(with(from(one.sender), {"--json"}));
        const nlohmann::json json = ran.json();
        INFO(one.sender);
        CHECK(ran.status == 0);
        CHECK(json["outcome"] == one.outcome);
        CHECK(json["connector"] ==
              (one.connector.empty() ? nlohmann::json() : nlohmann::json(one.connector)));
        CHECK(json["transport_answer"] == one.answer);
        CHECK(json["considered"].size() == 4);
    }
}

TEST_CASE("explain --json: the whole of it") {
    const Folder folder(company);
    folder.mark_applied();
    const nlohmann::json json = folder.run(with(from("x@contoso.com"), {"--json", "--size", "1MB"})).json();
    CHECK(json["service"] == "sc-contoso-via-mimecast");
    CHECK(json["next_hops"] ==
          nlohmann::json{"[smtp-a.mimecast.example]:587", "[smtp-b.mimecast.example]:587"});
    CHECK(json["tls"]["level"] == "fingerprint");
    CHECK(json["tls"]["match"] == nlohmann::json{"<verified>"});
    CHECK(json["is_default"] == false);
    CHECK(json["relayed"] == false);
    CHECK(json["from"] == "x@contoso.com");
    CHECK(json["to"] == "bob@recipient.example");
    CHECK(json["size"] == 1048576);
    CHECK(json["considered"][0]["connector"] == "Contoso via Mimecast");
    CHECK(json["considered"][0]["result"] == "chosen");
}

TEST_CASE("explain: a host that the connector is not for hands its mail on, and says so") {
    const Folder folder(R"(
[[connector]]
name = "Partner"
address_spaces = ["*"]
source_transport_servers = ["exch01.contoso.example"]
require_tls = true
tls_auth_level = "CertificateValidation"
)");
    folder.mark_applied();
    const nlohmann::json json = folder.run(with(from("x@contoso.com"), {"--json"})).json();
    CHECK(json["relayed"] == true);
    CHECK(json["connector"] == "Partner");
    CHECK(json["next_hops"] == nlohmann::json{"[exch01.contoso.example]:25"});
    CHECK(json["tls"]["level"] == "encrypt");
    CHECK(json["transport_answer"] == "OK sc-partner:[exch01.contoso.example]:25");
    CHECK(folder.run(from("x@contoso.com")).out.find("Handed on") != std::string::npos);
}

TEST_CASE("explain: the three settings for senders without a connector") {
    struct Case {
        std::string top;
        std::string outcome;
        std::string answer;
        int status;
    };
    const Case cases[] = {
        {"unmatched_senders = \"postfix\"", "postfix", "NOTFOUND", 0},
        {"unmatched_senders = \"default\"\ndefault_connector = \"CEO\"", "connector",
         "OK sc-ceo:[192.0.2.7]:25", 0},
        {"unmatched_senders = \"reject\"", "reject", "OK error:5.7.1 ", 1},
    };
    for (const Case& one : cases) {
        const Folder folder(company, one.top);
        folder.mark_applied();
        const Ran ran = folder.run(with(from("bob@fabrikam.com"), {"--json"}));
        const nlohmann::json json = ran.json();
        INFO(one.top);
        CHECK(ran.status == one.status);
        CHECK(json["outcome"] == one.outcome);
        CHECK(json["transport_answer"].get<std::string>().find(one.answer) == 0);
        CHECK(json["is_default"] == (one.outcome == "connector"));
    }
}

TEST_CASE("explain: author, login, route and several recipients") {
    const Folder folder(R"(
[[connector]]
name = "By login"
senders = ["alice@contoso.example"]
sender_identity = "login"
address_spaces = ["*"]

[[connector]]
name = "By author"
senders = ["ceo@contoso.example"]
sender_identity = "header-from"
address_spaces = ["*"]

[[connector]]
name = "Partner"
senders = ["contoso.example"]
address_spaces = ["partner.example"]
routes = ["default", "relay"]
)");
    struct Row {
        std::vector<std::string> more;
        std::string outcome, connector;
    };
    const Row rows[] = {
        {{"--to", "x@partner.example"}, "connector", "Partner"},
        {{"--to", "x@far.example"}, "postfix", ""},
        {{"--to", "x@far.example", "--login", "alice@contoso.example"}, "connector", "By login"},
        {{"--to", "x@far.example", "--login", "bob@contoso.example"}, "postfix", ""},
        {{"--to", "x@far.example", "--header-from", "ceo@contoso.example"}, "connector", "By author"},
        {{"--to", "x@partner.example", "--route", "relay"}, "connector", "Partner"},
        {{"--to", "x@partner.example", "--route", "transport"}, "postfix", ""},
        {{"--to", "x@far.example", "--route", "relay", "--login", "alice@contoso.example"}, "postfix", ""},
    };
    for (const Row& row : rows) {
        std::vector<std::string> arguments{"explain", "--json", "--from", "a@contoso.example"};
        arguments.insert(arguments.end(), row.more.begin(), row.more.end());
        CAPTURE(row.more);
        const nlohmann::json json = folder.run(arguments).json();
        CHECK(json["outcome"] == row.outcome);
        CHECK((json["connector"].is_null() ? "" : json["connector"].get<std::string>()) == row.connector);
    }
    const nlohmann::json several = folder
                                       .run({"explain", "--json", "--from", "a@contoso.example", "--to",
                                             "x@partner.example", "--to", "y@far.example"})
                                       .json();
    CHECK(several["split"] == true);
    REQUIRE(several["recipients"].size() == 2);
    CHECK(several["recipients"][0]["connector"] == "Partner");
    CHECK(several["recipients"][0]["set_by"] == "milter");
    CHECK(several["recipients"][1]["outcome"] == "postfix");
    const Ran text = folder.run(
        {"explain", "--from", "a@contoso.example", "--to", "x@partner.example", "--to", "y@far.example"});
    CHECK(text.out.find("Split : yes: ") != std::string::npos);
    CHECK(text.status == 0);
    CHECK(
        folder.run({"explain", "--from", "a@b.example", "--to", "x@y.example", "--route", "local"}).status ==
        2);
}

TEST_CASE("explain: too large") {
    const Folder folder(company);
    folder.mark_applied();
    const Ran ran = folder.run(with(from("ceo@contoso.com"), {"--size", "36MB"}));
    CHECK(ran.status == 1);
    CHECK(ran.out.find("552 5.3.4") != std::string::npos);
    CHECK(folder.run(with(from("ceo@contoso.com"), {"--size", "36700160"})).status == 0);
    CHECK(folder.run(with(from("ceo@contoso.com"), {"--size", "36700161", "--json"})).json()["outcome"] ==
          "too_large");
}

TEST_CASE("explain: a connector that was not applied waits, and the answer says so") {
    const Folder folder(company);
    const nlohmann::json json = folder.run(with(from("ceo@contoso.com"), {"--json"})).json();
    CHECK(json["outcome"] == "connector");
    CHECK(json["transport_answer"] == "TEMP connector \"CEO\" is not applied; run sendconnectorctl apply");
}

TEST_CASE("explain: what is not known is not said") {
    const Folder folder(company);
    folder.write("state/applied.json", "no JSON");
    const Ran ran = folder.run(with(from("ceo@contoso.com"), {"--json"}));
    CHECK(ran.status == 0);
    CHECK(ran.json()["transport_answer"].is_null());
    CHECK(ran.err.find("cannot tell what is applied") != std::string::npos);
}

TEST_CASE("explain: control characters in an address do not reach the terminal") {
    const Folder folder(company);
    const Ran ran = folder.run(from("a\x1b[2J\r\nb@x.example"));
    CHECK((ran.out + ran.err).find('\x1b') == std::string::npos);
    CHECK(ran.out.find("a\\x1b[2J") != std::string::npos);
    CHECK(ran.out.find('\r') == std::string::npos);
}

TEST_CASE("explain: a configuration that is not served yet has an outcome of its own") {
    const Folder folder(R"(
[[connector]]
name = "Accepted domains"
address_spaces = ["--"]
)");
    const Ran ran = folder.run(with(from("a@b.example"), {"--json"}));
    CHECK(ran.status == 1);
    const nlohmann::json json = ran.json();
    CHECK(json["outcome"] == "not_served");
    CHECK(json["findings"].size() >= 1);
    CHECK(folder.run(from("a@b.example")).out.find("Outcome : not served yet") == 0);
}

TEST_CASE("explain tells when the running daemon works by another configuration") {
    const Folder folder(company);
    folder.mark_applied();
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    const std::string digest = conf::postfix::Snapshot(*loaded.configuration, {}).digest();
    const auto answering = [&](const std::string& text) {
        std::filesystem::remove(folder.path("control"));
        const FakeDaemon daemon(folder.path("control"), [&](const std::string&) { return text + "\n"; });
        return folder.anonymous(folder.run(from("ceo@contoso.com")).err);
    };
    CHECK(answering(R"({"ok":true,"digest":")" + digest + "\"}") == "");
    CHECK(answering(R"({"ok":true,"digest":"0000"})") ==
          "sendconnectorctl: note: the running daemon still uses another configuration; sudo " +
              folder.anonymous(folder.hint("apply")) + " changes that\n");
    CHECK(answering("?") ==
          "sendconnectorctl: note: cannot tell whether the running daemon uses this configuration: "
          "control socket DIR/control: what answers is no sendconnectord\n");
}

TEST_CASE("explain: what the daemon holds of the next-hops right now") {
    const Folder folder(company);
    folder.mark_applied();
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    const nlohmann::json state = {{"ok", true},
                                  {"digest", conf::postfix::Snapshot(*loaded.configuration, {}).digest()}};
    const nlohmann::json hop = {{"connector", "Contoso via Mimecast"},
                                {"next_hop", "[smtp-a.mimecast.example]:587"},
                                {"state", "refused"},
                                {"reason", "CertExpired: it expired"},
                                {"policy", "TEMP 4.7.5 CertExpired"},
                                {"age_seconds", 5}};
    const nlohmann::json other = {
        {"connector", "CEO"}, {"next_hop", "[192.0.2.7]:25"}, {"state", "verified"}};
    const nlohmann::json hops = {{"ok", true}, {"next_hops", {hop, other}}};
    const FakeDaemon daemon(folder.path("control"), [&](const std::string& line) {
        return (nlohmann::json::parse(line)["command"] == "tls" ? hops : state).dump() + "\n";
    });
    const Ran ran = folder.run(from("alice@contoso.com"));
    CHECK(ran.err.empty());
    CHECK(
        ran.out.find("TLS now    : [smtp-a.mimecast.example]:587: refused 5 s ago: CertExpired: it expired; "
                     "Postfix is told: TEMP 4.7.5 CertExpired\n") != std::string::npos);
    CHECK(ran.out.find("192.0.2.7") == std::string::npos); // of another connector
    const nlohmann::json json = folder.run(with(from("alice@contoso.com"), {"--json"})).json();
    CHECK(json["tls_now"][0]["state"] == "refused");
    CHECK(json["tls_now"].size() == 1);
    CHECK(folder.run(with(from("ceo@contoso.com"), {"--json"})).json()["tls_now"].is_null());
}
