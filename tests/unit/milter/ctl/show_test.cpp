// SPDX-License-Identifier: Apache-2.0
#include "conf/keys.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector;
using namespace sendconnector::ctl::test;

TEST_CASE("show is Exchange's list, and what Exchange does not have after it") {
    const Folder folder(company);
    folder.mark_applied();
    const Ran ran = folder.run({"show", "contoso VIA mimecast"});
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out == R"(AddressSpaces                : {smtp:*;1}
AuthenticationCredential     :
CloudServicesMailEnabled     : False
Comment                      : since 2019
ConnectionInactivityTimeOut  : 00:10:00
ConnectorType                : Default
DNSRoutingEnabled            : False
DomainController             :
DomainSecureEnabled          : False
Enabled                      : True
ErrorPolicies                : Default
Force                        : False
ForceHELO                    : False
Fqdn                         : mail.contoso.com
FrontendProxyEnabled         : False
IgnoreSTARTTLS               : False
IsCoexistenceConnector       : False
IsScopedConnector            : False
LinkedReceiveConnector       :
MaxMessageSize               : 35 MB (36,700,160 bytes)
Name                         : Contoso via Mimecast
Port                         : 25
ProtocolLoggingLevel         : None
RequireOorg                  : False
RequireTLS                   : True
SmartHostAuthMechanism       : None
SmartHosts                   : {[smtp-a.mimecast.example]:587, [smtp-b.mimecast.example]:587}
SmtpMaxMessagesPerConnection : 20
SourceIPAddress              : 0.0.0.0
SourceTransportServers       : {}
TlsAuthLevel                 : DomainValidation
TlsCertificateName           :
TlsDomain                    : *.mimecast.example
Usage                        : Custom
UseExternalDNSServersEnabled : False

Not in Exchange:
CustomFailureCodes           : {}
MtaStsPolicyMap              :
Revocation                   : default
Routes                       : {default}
SenderIdentity               : envelope
Senders                      : {contoso.com, *.contoso.net}
SendersFile                  :
TlsAllowWeakSignatures       : False
TlsCaFile                    :
TlsKeyFile                   :
TlsMinimumProtocol           : TLSv1.2
TlsMinimumRsaBits            : 2048
Service                      : sc-contoso-via-mimecast
NextHops                     : {[smtp-a.mimecast.example]:587, [smtp-b.mimecast.example]:587}
TlsRule                      : required, TLSv1.2 or later, with a valid certificate for *.mimecast.example; trusts the system's authorities; revocation is checked where a certificate names a source
TlsPolicy                    : [smtp-a.mimecast.example]:587: fingerprint match=<verified> servername=smtp-a.mimecast.example protocols=>=TLSv1.2 (once verified; until then TEMP)
TlsPolicy                    : [smtp-b.mimecast.example]:587: fingerprint match=<verified> servername=smtp-b.mimecast.example protocols=>=TLSv1.2 (once verified; until then TEMP)
Applied                      : True
)");
}

TEST_CASE("show --json has every key of a connector under the file's name") {
    const Folder folder(company);
    const nlohmann::json json = folder.run({"show", "CEO", "--json"}).json();
    for (const conf::Key& key : conf::keys())
        if (key.scope == conf::KeyScope::connector) {
            INFO(key.name);
            CHECK(json.contains(std::string(key.name)));
        }
    CHECK(json["smart_hosts"] == nlohmann::json{"192.0.2.7"});
    CHECK(json["comment"].is_null());
    CHECK(json["tls"]["level"] == "encrypt");
    CHECK(json["next_hops"] == nlohmann::json{"[192.0.2.7]:25"});
    CHECK(json["applied"] == false);
}

TEST_CASE("what has no effect here is shown as it was written") {
    const Folder folder(R"(
[[connector]]
name = "X"
address_spaces = ["*"]
require_oorg = true
domain_controller = "dc1.contoso.com"
source_ip_address = ["192.0.2.1", "2001:db8::1"]
connection_inactivity_timeout = "1.00:00:00"
)");
    const nlohmann::json json = folder.run({"show", "x", "--json"}).json();
    CHECK(json["require_oorg"] == true);
    CHECK(json["domain_controller"] == "dc1.contoso.com");
    CHECK(json["source_ip_address"] == nlohmann::json{"192.0.2.1", "2001:db8::1"});
    CHECK(json["connection_inactivity_timeout"] == "1.00:00:00");
}

TEST_CASE("show: what is asked of a certificate, as it was written") {
    const Folder folder(R"(
[[connector]]
name = "X"
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[x.example]"]
require_tls = true
tls_auth_level = "CertificateValidation"
revocation = "strict"
tls_minimum_rsa_bits = 1024
tls_allow_weak_signatures = true
)");
    const nlohmann::json json = folder.run({"show", "x", "--json"}).json();
    CHECK(json["revocation"] == "strict");
    CHECK(json["tls_minimum_rsa_bits"] == 1024);
    CHECK(json["tls_allow_weak_signatures"] == true);
    CHECK(json["tls"]["level"] == "fingerprint");
    const Ran ran = folder.run({"show", "x"});
    CHECK(ran.out.find(
              "TlsRule                      : required, TLSv1.2 or later, with a valid certificate for any "
              "name; trusts the system's authorities; revocation must be known; RSA keys from 1024 bits; "
              "weak signatures pass\n") != std::string::npos);
}

TEST_CASE("show never prints a secret, only the credential's name") {
    const Folder folder(company);
    folder.write("credentials.d/ceo", "username = \"relay-user\"\npassword = \"hunter2secret\"\n");
    std::filesystem::permissions(folder.path("credentials.d/ceo"), std::filesystem::perms::owner_read);
    for (const char* command : {"show", "list", "check", "explain"}) {
        std::vector<std::string> arguments = {command};
        if (arguments.front() == "show")
            arguments.emplace_back("CEO");
        if (arguments.front() == "explain")
            arguments.insert(arguments.end(), {"--from", "ceo@contoso.com", "--to", "a@b.example"});
        for (const bool json : {false, true}) {
            if (json)
                arguments.emplace_back("--json");
            const Ran ran = folder.run(arguments);
            CHECK((ran.out + ran.err).find("hunter2secret") == std::string::npos);
            CHECK((ran.out + ran.err).find("relay-user") == std::string::npos);
        }
    }
    CHECK(folder.run({"show", "CEO"}).out.find("AuthenticationCredential     : ceo\n") != std::string::npos);
}

TEST_CASE("a connector that is not there") {
    const Folder folder(company);
    const Ran near = folder.run({"show", "Contso via Mimecast"});
    CHECK(near.status == 1);
    CHECK(near.err ==
          "sendconnectorctl: error: there is no connector \"Contso via Mimecast\"; did you mean \"Contoso "
          "via Mimecast\"?\n");
    CHECK(folder.run({"show", "contoso"}).err == "sendconnectorctl: error: there is no connector "
                                                 "\"contoso\"; did you mean \"Contoso via Mimecast\"?\n");
    CHECK(folder.run({"show", "zzz"}).err == "sendconnectorctl: error: there is no connector \"zzz\"; " +
                                                 folder.hint("list") + " names them all\n");
}
