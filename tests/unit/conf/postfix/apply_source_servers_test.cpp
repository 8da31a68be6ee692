// SPDX-License-Identifier: Apache-2.0
// What apply makes of connectors that other servers use.
#include "conf/postfix/applied.hpp"
#include "conf/postfix/apply.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using postfix::test::connector;
using postfix::test::PrivateInstance;

namespace {

constexpr const char* own_name = "myhostname = edge.contoso.example\n";

// With files that are not there, and a resolver that does not do for DANE.
policy::SendConnector of_servers(std::vector<std::string> servers) {
    auto one = connector("Partner", {"[mail.partner.example]:587"});
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::certificate_validation;
    one.tls_ca_file = "/nonexistent/ca.pem";
    one.tls_certificate_name = "/nonexistent/own.pem";
    one.auth_mechanism = policy::AuthMechanism::basic_auth_require_tls;
    one.authentication_credential = "nobody-has-it";
    one.source_transport_servers = std::move(servers);
    return one;
}

std::vector<std::string> errors(const Configuration& configuration, const PrivateInstance& site) {
    auto made = plan(configuration, site.open());
    REQUIRE(made);
    std::vector<std::string> texts;
    for (const Finding& finding : made->findings) {
        if (finding.severity == Severity::error) {
            texts.push_back(finding.text);
        }
    }
    return texts;
}

} // namespace

TEST_CASE("myhostname decides whether a connector is used or handed on", "[apply]") {
    const PrivateInstance site(own_name);
    CHECK(errors(site.configuration({of_servers({"exch01.contoso.example"})}), site).empty());
    CHECK_FALSE(errors(site.configuration({of_servers({"exch01", "EDGE"})}), site).empty());
    CHECK_FALSE(errors(site.configuration({of_servers({"edge.contoso.example"})}), site).empty());
    CHECK_FALSE(errors(site.configuration({of_servers({})}), site).empty());
}

TEST_CASE("a service that hands mail on is applied once, and again when this host is listed", "[apply]") {
    const PrivateInstance site(own_name);
    Instance instance = site.open();
    auto one = connector("Partner", {"[mail.partner.example]:25"});
    one.source_transport_servers = {"exch01.contoso.example"};
    const auto elsewhere = site.configuration({one});
    REQUIRE(apply(elsewhere, instance, {}));
    const auto applied = read_applied(elsewhere.daemon.state_directory);
    REQUIRE(applied);
    CHECK(is_relayed(*applied, one));
    CHECK(is_applied(*applied, one));
    CHECK(plan(elsewhere, site.open())->is_empty());

    one.source_transport_servers.push_back("edge.contoso.example");
    CHECK_FALSE(is_relayed(*applied, one));
    CHECK_FALSE(is_applied(*applied, one));
    CHECK_FALSE(plan(site.configuration({one}), site.open())->is_empty());
}

TEST_CASE("who has logged in is not known to another server", "[apply]") {
    const PrivateInstance site(own_name);
    auto one = connector("Partner", {"[mail.partner.example]:25"});
    one.sender_identity = policy::SenderIdentity::login;
    one.source_transport_servers = {"exch01"};
    const auto found = errors(site.configuration({one}), site);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("cannot tell who has logged in") != std::string::npos);
    one.source_transport_servers.push_back("edge");
    CHECK(errors(site.configuration({one}), site).empty());
}

TEST_CASE("a name that is none is not written into headers", "[apply]") {
    const PrivateInstance site("myhostname = edge contoso\n");
    auto one = connector("Partner", {"[mail.partner.example]:25"});
    one.source_transport_servers = {"exch01"};
    const auto found = errors(site.configuration({one}), site);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("is no host name") != std::string::npos);
}
