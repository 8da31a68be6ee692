// SPDX-License-Identifier: Apache-2.0
// The daemon as a process that verifies smart hosts.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/starttls/smart_host_server.hpp"
#include "tests/unit/milter/support/daemon_process.hpp"

#include <sys/stat.h>

using namespace sendconnector;
using namespace std::chrono_literals;
using nlohmann::json;
using test::DaemonFolder;
using test::DaemonProcess;
using test::eventually;
using test::netstring;
using test::SmartHostServer;
using test::StreamClient;

namespace {

const test::Identity& root() {
    static const auto identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}
std::vector<test::Identity> chain_of(const test::Identity& issuer) {
    return {test::issue(test::server_spec("mx.contoso.example"), issuer), issuer};
}

std::string connector(std::string_view name, const SmartHostServer& server, const std::string& ca) {
    return "[[connector]]\nname = \"" + std::string(name) + "\"\nsenders = [\"" + std::string(name) +
           ".example\"]\naddress_spaces = [\"*\"]\ndns_routing_enabled = false\nsmart_hosts = [\"" +
           server.next_hop() +
           "\"]\nrequire_tls = true\ntls_auth_level = \"CertificateValidation\"\ntls_ca_file = \"" + ca +
           "\"\n";
}

std::string look_up(const DaemonFolder& folder, std::string_view request) {
    const StreamClient client(folder.lookup());
    client.send(netstring(request));
    return client.receive_netstring();
}

struct Ready : DaemonFolder {
    explicit Ready(const SmartHostServer& server, std::string_view settings = "") {
        configure(std::string(settings) + connector("contoso", server, ca));
        apply();
    }
    std::string ca = directory.write("ca.pem", root().pem());
};

} // namespace

TEST_CASE("the daemon verifies smart hosts, answers for them, and shows what it knows") {
    SmartHostServer server(chain_of(root()));
    const Ready folder(server);
    DaemonProcess daemon(folder);
    CHECK(look_up(folder, "tls/contoso " + server.next_hop()).starts_with("OK fingerprint match="));
    const auto shown = daemon.ask(R"({"command":"tls"})");
    CHECK(shown["ok"] == true);
    REQUIRE(shown["next_hops"].size() == 1);
    const auto& hop = shown["next_hops"][0];
    CHECK(hop["connector"] == "contoso");
    CHECK(hop["service"] == "sc-contoso");
    CHECK(hop["next_hop"] == server.next_hop());
    CHECK(hop["state"] == "verified");
    CHECK(hop["reason"] == "");
    CHECK(hop["policy"].get<std::string>().starts_with("fingerprint match="));
    CHECK(hop["checked_at"].get<std::string>().size() == 20);
    CHECK(hop["age_seconds"].is_number());
    CHECK(hop["good_until"].get<std::string>().size() == 20);
    CHECK(hop["next_check_seconds"].is_number());
    REQUIRE(hop["addresses"].size() == 1);
    for (const auto* key : {"address", "host", "passes", "reason", "protocol", "cipher", "subject",
                            "not_after", "fingerprint"}) {
        CHECK(hop["addresses"][0].contains(key));
    }
    const auto counters = daemon.status()["counters"]["tls"];
    CHECK(counters["verified"] == 1);
    CHECK(counters["next_hops"] == 1);
    CHECK(counters["asked"] == 1);
    struct stat facts {};
    REQUIRE(::stat((folder.directory / "state/revocation").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0007) == 0);

    // A certificate of somebody else, noticed at once when an administrator asks.
    server.show(chain_of(test::self_signed(test::ca_spec("CN=Stranger"))));
    const auto renewed = daemon.ask(R"({"command":"tls","refresh":true,"connector":"Contoso"})");
    REQUIRE(renewed["next_hops"].size() == 1);
    CHECK(renewed["next_hops"][0]["state"] == "refused");
    CHECK(renewed["next_hops"][0]["reason"].get<std::string>().starts_with("UntrustedRoot: "));
    CHECK(look_up(folder, "tls/contoso " + server.next_hop())
              .starts_with("TEMP 4.7.5 Certificate validation failure, Reason:UntrustedRoot: "));
    CHECK(daemon.says("connector=\"contoso\" next_hop=" + server.next_hop() + " state=refused reason="));
    CHECK(daemon.ask(R"({"command":"tls","connector":"nobody"})") ==
          json{{"ok", false}, {"errors", {"there is no connector \"nobody\""}}});
}

TEST_CASE("a lookup that waits delays neither another nor the end") {
    SmartHostServer silent(chain_of(root()));
    silent.behave(SmartHostServer::Conduct::silent);
    SmartHostServer server(chain_of(root()));
    const Ready folder(silent);
    folder.configure(connector("contoso", silent, folder.ca) + connector("fabrikam", server, folder.ca));
    folder.apply();
    DaemonProcess daemon(folder);
    const StreamClient waiting(folder.lookup());
    REQUIRE(waiting.send(netstring("tls/contoso " + silent.next_hop())));
    REQUIRE(eventually([&] { return silent.connections() == 1; }));
    CHECK(look_up(folder, "tls/fabrikam " + server.next_hop()).starts_with("OK fingerprint match="));
    CHECK(look_up(folder, "transport u@contoso.example") == "OK sc-contoso:" + silent.next_hop());
    // What is still probing says so.
    auto states = json::array();
    const auto shown = daemon.ask(R"({"command":"tls"})");
    for (const auto& hop : shown["next_hops"]) {
        states.push_back(hop["state"]);
    }
    CHECK(states == json{"probing", "verified"});
    CHECK(daemon.reload()["ok"] == true);
    const auto begin = std::chrono::steady_clock::now();
    daemon.signal(SIGTERM);
    CHECK(waiting.receive_netstring().starts_with("TEMP 4.7.5 "));
    CHECK(daemon.exit_status() == 0);
    CHECK(std::chrono::steady_clock::now() - begin < 8s);
}

TEST_CASE("a reload takes up what needs a certificate now") {
    SmartHostServer server(chain_of(root()));
    const Ready folder(server);
    auto plain = connector("contoso", server, folder.ca);
    plain.replace(plain.find("CertificateValidation"), std::string::npos, "EncryptionOnly\"\n");
    folder.configure(plain);
    folder.apply();
    DaemonProcess daemon(folder);
    CHECK(look_up(folder, "tls/contoso " + server.next_hop()).starts_with("OK encrypt "));
    CHECK(daemon.ask(R"({"command":"tls"})")["next_hops"].empty());
    CHECK(server.connections() == 0);
    folder.configure(connector("contoso", server, folder.ca));
    folder.apply();
    REQUIRE(daemon.reload()["ok"] == true);
    // Warmed, without anybody asking.
    CHECK(eventually([&] { return daemon.status()["counters"]["tls"]["verified"] == 1; }));
    CHECK(look_up(folder, "tls/contoso " + server.next_hop()).starts_with("OK fingerprint "));
    CHECK(server.connections() == 1);
}
