// SPDX-License-Identifier: Apache-2.0
// What apply makes of TLS rules that need something of the system around Postfix.
#include "conf/postfix/applied.hpp"
#include "conf/postfix/apply.hpp"
#include "tests/pki/identity.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"
#include "tests/unit/conf/postfix/scripted_name_server.hpp"

#include <atomic>
#include <unistd.h>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using postfix::test::connector;
using postfix::test::PrivateInstance;
using postfix::test::slurp;
using postfix::test::spill;
namespace fs = std::filesystem;

namespace {

policy::SendConnector dane(const std::string& name) {
    auto one = connector(name, {});
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::dane;
    return one;
}

std::vector<std::string> errors(const Configuration& configuration, const PrivateInstance& site) {
    auto made = plan(configuration, site.open());
    REQUIRE(made);
    std::vector<std::string> texts;
    for (const Finding& finding : made->findings) {
        if (finding.severity != Severity::warning) {
            texts.push_back(finding.text);
        }
    }
    return texts;
}

std::string service_line(const PrivateInstance& site, const std::string& name) {
    const Values services = site.open().connector_services().value();
    const auto found = services.find(name);
    return found == services.end() ? "(none)" : found->second;
}

// The key and the chain of a new certificate, in a folder of certbot's layout.
void renew(const fs::path& folder, sendconnector::test::Time not_before) {
    namespace pki = sendconnector::test;
    auto authority_spec = pki::ca_spec("CN=Contoso CA");
    authority_spec.key = pki::Key::ec("P-256", 900);
    const auto authority = pki::self_signed(authority_spec);
    auto spec = pki::server_spec("mail.contoso.example");
    spec.not_before = not_before;
    const auto identity = pki::issue(spec, authority);
    fs::create_directories(folder);
    spill(folder / "fullchain.pem", pki::pem({identity, authority}));
    spill(folder / "privkey.pem", identity.key_pem());
    fs::permissions(folder / "privkey.pem", fs::perms::owner_read | fs::perms::owner_write);
}

} // namespace

TEST_CASE("DANE is refused where smtp(8) has no resolver on this host that validates", "[apply]") {
    // The packaged master.cf has smtp(8) chrooted.
    const PrivateInstance site;
    const fs::path resolver = site.root() / "queue/etc/resolv.conf";
    fs::create_directories(resolver.parent_path());
    spill(resolver, "nameserver 192.0.2.53\n");
    const std::string text = "tls_auth_level = \"Dane\": " + resolver.string() +
                             " names the name server 192.0.2.53, which is not on this host";
    CHECK(errors(site.configuration({connector("Alpha")}), site).empty());
    CHECK(errors(site.configuration({dane("One"), dane("Two")}), site) ==
          std::vector<std::string>{text, text});

    const std::string before = site.everything();
    Instance instance = site.open();
    const auto report = apply(site.configuration({dane("One")}), instance, {});
    REQUIRE(!report);
    CHECK(report.error().text.find(text + "; run a resolver that validates") != std::string::npos);
    CHECK(site.everything() == before);

    auto disabled = dane("One");
    disabled.enabled = false;
    CHECK(errors(site.configuration({disabled}), site).empty());
    if (geteuid() == 0) { // only root has port 53
        spill(resolver, "nameserver 127.213.7.54\n");
        std::atomic<unsigned char> flags{0xA0};
        const postfix::test::ScriptedNameServer server(
            [&](const std::string& query) { return postfix::test::response(query, 0x81, flags); }, 0xD50736,
            53);
        CHECK(errors(site.configuration({dane("One")}), site).empty());
        flags = 0x80;
        CHECK(errors(site.configuration({dane("One")}), site) ==
              std::vector<std::string>{
                  "tls_auth_level = \"Dane\": the name server 127.213.7.54 does not validate "
                  "DNSSEC: its answer about the root is not authenticated"});
    }
    // Nobody listens on port 53 of this one.
    spill(resolver, "nameserver 127.213.7.53\n");
    const auto found = errors(site.configuration({dane("One")}), site);
    REQUIRE(found.size() == 1);
    CHECK(found[0] ==
          "tls_auth_level = \"Dane\": could not tell whether the name server 127.213.7.53 validates "
          "DNSSEC: Connection refused");
}

TEST_CASE("an own certificate by issuer and subject becomes the paths where it lies now", "[apply]") {
    const PrivateInstance site;
    auto one = connector("Mutual", {});
    one.domain_secure_enabled = true;
    one.tls_certificate_name = "<I>CN=Contoso CA<S>CN=mail.contoso.example";
    auto configuration = site.configuration({one});
    configuration.tls.certificate_folders = {site.root() / "live"};
    CHECK(errors(configuration, site) ==
          std::vector<std::string>{
              "tls_certificate_name: 454 4.7.5 The certificate specified in TlsCertificateName of "
              "the SendConnector could not be found. None of this issuer and subject is in " +
              (site.root() / "live").string()});

    using std::chrono::hours;
    const auto now = sendconnector::test::now();
    renew(site.root() / "live/mail.contoso.example", now - hours(48));
    Instance instance = site.open();
    REQUIRE(apply(configuration, instance, {}));
    const auto in_folder = [&](const std::string& folder) {
        const std::string line = service_line(site, "sc-mutual");
        return line.find("smtp_tls_cert_file=" + (site.root() / folder).string() + "/fullchain.pem ") !=
                   std::string::npos &&
               line.find("smtp_tls_key_file=" + (site.root() / folder).string() + "/privkey.pem ") !=
                   std::string::npos;
    };
    CHECK(in_folder("live/mail.contoso.example"));
    CHECK(is_applied(read_applied(site.state()).value(), one));

    // Renewed in its place: nothing to do. Renewed elsewhere: apply follows, and so does the daemon's record.
    renew(site.root() / "live/mail.contoso.example", now - hours(24));
    CHECK(plan(configuration, instance)->is_empty());
    renew(site.root() / "live/mail.contoso.example-0001", now - hours(1));
    CHECK_FALSE(plan(configuration, instance)->is_empty());
    REQUIRE(apply(configuration, instance, {}));
    CHECK(in_folder("live/mail.contoso.example-0001"));
    CHECK(is_applied(read_applied(site.state()).value(), one));
    CHECK(plan(configuration, instance)->is_empty());
}

TEST_CASE("an MTA-STS connector brings the table that keeps TLS mandatory, and takes it away again",
          "[apply]") {
    const PrivateInstance site;
    auto one = connector("By policy", {});
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::mta_sts;
    one.mta_sts_policy_map = "socketmap:inet:127.0.0.1:8461:postfix";
    Instance instance = site.open();
    REQUIRE(apply(site.configuration({one}), instance, {}));
    CHECK(service_line(site, "sc-by-policy")
              .find("smtp_tls_policy_maps=pipemap:{socketmap:inet:127.0.0.1:8461:postfix,regexp:" +
                    (site.files() / "mta_sts_floor").string() + "}") != std::string::npos);
    CHECK(slurp(site.files() / "mta_sts_floor").find("unknown-level") != std::string::npos);

    auto changed = one;
    changed.mta_sts_policy_map = "socketmap:inet:127.0.0.1:8642:QUERY";
    CHECK_FALSE(is_applied(read_applied(site.state()).value(), changed));
    REQUIRE(apply(site.configuration({changed}), instance, {}));
    CHECK(is_applied(read_applied(site.state()).value(), changed));
    REQUIRE(apply(site.configuration({}), instance, {}));
    CHECK_FALSE(fs::exists(site.files() / "mta_sts_floor"));
}
