// SPDX-License-Identifier: Apache-2.0
// Every parameter of the cmdlets: a value that is taken, one that is not, and the exact words about that one.
#include "conf/exchange/cmdlet.hpp"
#include "conf/exchange/connector_text.hpp"
#include "conf/keys.hpp"
#include "policy/domain.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <set>

namespace sendconnector::conf::exchange {

namespace {

struct Row {
    const char* parameter;
    const char* accepted; // what stands behind it, as PowerShell takes it
    const char* written;  // what stands in the file then
    const char* refused;
    const char* message;
};

// With New-SendConnector.
const Row settings[] = {
    {"Name", "'To Internet'", "name = \"To Internet\"", "'To \"Internet\"'",
     "-Name: \"To \"Internet\"\": a connector's name cannot hold quotation marks; remove them: messages and "
     "logs put the name in quotes"},
    {"Enabled", "$FALSE", "enabled = false", "no",
     "-Enabled: \"no\" is neither $true nor $false; use $true or $false"},
    {"Comment", "\"one`ntwo, three\"", "comment = \"one\\ntwo, three\"", "\"`0`a\x07\"",
     "-Comment: \"0a\x07\" holds a control character; remove it"},
    {"Usage", "internet", "usage = \"Internet\"", "Extern",
     "-Usage: \"Extern\" is not one of its values; use one of Custom, Internal, Internet, Partner"},
    {"Custom", "", "usage = \"Custom\"", "-Usage Internal",
     "-Usage: contradicts what else is said about Usage; give one of -Usage, -Custom, -Internal, -Internet "
     "and "
     "-Partner"},
    {"Internal", ":$true", "usage = \"Internal\"", ":maybe",
     "-Internal: \"maybe\" is neither $true nor $false; use $true or $false"},
    {"Internet", "", "usage = \"Internet\"", "-Partner",
     "-Partner: contradicts what else is said about Usage; give one of -Usage, -Custom, -Internal, -Internet "
     "and -Partner"},
    {"Partner", "$true", "usage = \"Partner\"", ":2",
     "-Partner: \"2\" is neither $true nor $false; use $true or $false"},
    {"AddressSpaces", "\"SMTP:*.contoso.com;5\", fabrikam.com",
     "address_spaces = [\"SMTP:*.contoso.com;5\", \"fabrikam.com\"]", "*contoso.com",
     "-AddressSpaces: \"*contoso.com\" is no address space; write \"*.contoso.com\" for a domain and all "
     "below "
     "it, \"*\" for every domain"},
    {"DNSRoutingEnabled", "$false", "dns_routing_enabled = false", "$null",
     "-DNSRoutingEnabled: $null leaves nothing to go by; give it a value"},
    {"SmartHosts", "10.83.4.199,\"smart.contoso.com\"",
     "smart_hosts = [\"10.83.4.199\", \"smart.contoso.com\"]", "'[10.83.4'",
     "-SmartHosts: \"[10.83.4\" is no smart host: \"]\" is missing; write \"[smtp.example.com]:587\", "
     "\"smtp.example.com\" (MX first) or \"192.0.2.1\""},
    {"Port", "587", "port = 587", "70000", "-Port: 70000 is out of range; use 1 to 65535"},
    {"Fqdn", "\"webmail.exchangelabs.nl\"", "fqdn = \"webmail.exchangelabs.nl\"", "'mail server'",
     "-Fqdn: \"mail server\" is no domain name: it has a character that no host name has; use a host name, "
     "or "
     "nothing for Postfix' own"},
    {"ForceHELO", "1", "force_helo = true", "HELO",
     "-ForceHELO: \"HELO\" is neither $true nor $false; use $true or $false"},
    {"SourceIPAddress", "192.0.2.1", "source_ip_address = \"192.0.2.1\"", "192.0.2.256",
     "-SourceIPAddress: \"192.0.2.256\" is not an IP address; write an IPv4 or IPv6 address of this host, or "
     "0.0.0.0 for any"},
    {"SmartHostAuthMechanism", "basicauthrequiretls", "smart_host_auth_mechanism = \"BasicAuthRequireTLS\"",
     "Kerberos",
     "-SmartHostAuthMechanism: \"Kerberos\" is not one of its values; use one of None, BasicAuth, "
     "BasicAuthRequireTLS, ExchangeServer, ExternalAuthoritative, OAuth2"},
    {"AuthenticationCredential", "relay-login", "authentication_credential = \"relay-login\"", "a, b",
     "-AuthenticationCredential: user name and password are not taken from there; write username = \"...\" "
     "and "
     "password = \"...\" into credentials.d/x, a file of root's with mode 0600"},
    {"RequireTLS", "$true", "require_tls = true", "'yes'",
     "-RequireTLS: \"yes\" is neither $true nor $false; use $true or $false"},
    {"IgnoreSTARTTLS", "0", "ignore_starttls = false", "2",
     "-IgnoreSTARTTLS: \"2\" is neither $true nor $false; use $true or $false"},
    {"TlsAuthLevel", "CertificateValidation", "tls_auth_level = \"CertificateValidation\"", "Certificate",
     "-TlsAuthLevel: \"Certificate\" is not one of its values; use one of EncryptionOnly, "
     "CertificateValidation, DomainValidation, Dane, MtaSts"},
    {"TlsDomain", "*.contoso.com", "tls_domain = \"*.contoso.com\"", "*",
     "-TlsDomain: \"*\" is no TLS domain; write the name in the smart host's certificate, "
     "\"mail.contoso.com\", or \"*.contoso.com\""},
    {"TlsCertificateName", "'<I>CN=CA<S>CN=mail.contoso.com'",
     "tls_certificate_name = \"<I>CN=CA<S>CN=mail.contoso.com\"", "'mail.pem'",
     "-TlsCertificateName: \"mail.pem\" is not an absolute path; write the whole path, beginning with /"},
    {"DomainSecureEnabled", "$true", "domain_secure_enabled = true", "secure",
     "-DomainSecureEnabled: \"secure\" is neither $true nor $false; use $true or $false"},
    {"CloudServicesMailEnabled", "$true", "cloud_services_mail_enabled = true", "cloud",
     "-CloudServicesMailEnabled: \"cloud\" is neither $true nor $false; use $true or $false"},
    {"MaxMessageSize", "\"25 MB (26,214,400 bytes)\"", "max_message_size = \"25MB\"", "25XB",
     "-MaxMessageSize: \"25XB\" is no message size; write \"35MB\" (B, KB, MB, GB, TB; at most 2147483647 "
     "bytes) or \"unlimited\""},
    {"ConnectionInactivityTimeOut", "00:05:00", "connection_inactivity_timeout = \"00:05:00\"", "5m",
     "-ConnectionInactivityTimeOut: \"5m\" is not a time span; write hours:minutes:seconds with two digits "
     "each, such as 00:10:00, and days in front, as in 1.00:00:00"},
    {"SmtpMaxMessagesPerConnection", "'20'", "smtp_max_messages_per_connection = 20", "many",
     "-SmtpMaxMessagesPerConnection: \"many\" is no whole number; use 1 to 2147483647"},
    {"ErrorPolicies", "DowngradeDNSFailures", "error_policies = \"DowngradeDnsFailures\"", "Retry",
     "-ErrorPolicies: \"Retry\" is not one of its values; use one of Default, DowngradeDnsFailures, "
     "DowngradeCustomFailures, UpgradeCustomFailures"},
    {"ProtocolLoggingLevel", "verbose", "protocol_logging_level = \"Verbose\"", "Debug",
     "-ProtocolLoggingLevel: \"Debug\" is not one of its values; use one of None, Verbose"},
    {"SourceTransportServers", "EXCH01, EXCH02", "source_transport_servers = [\"EXCH01\", \"EXCH02\"]",
     "192.0.2.1",
     "-SourceTransportServers: \"192.0.2.1\" is an address, and a name is needed; write the host's full "
     "name"},
    {"UseExternalDNSServersEnabled", "$true", "use_external_dns_servers_enabled = true", "dns",
     "-UseExternalDNSServersEnabled: \"dns\" is neither $true nor $false; use $true or $false"},
    {"FrontendProxyEnabled", "$true", "frontend_proxy_enabled = true", "front",
     "-FrontendProxyEnabled: \"front\" is neither $true nor $false; use $true or $false"},
    {"RequireOorg", "$true", "require_oorg = true", "oorg",
     "-RequireOorg: \"oorg\" is neither $true nor $false; use $true or $false"},
    {"IsScopedConnector", "$true", "is_scoped_connector = true", "scoped",
     "-IsScopedConnector: \"scoped\" is neither $true nor $false; use $true or $false"},
    {"IsCoexistenceConnector", "$true", "is_coexistence_connector = true", "co",
     "-IsCoexistenceConnector: \"co\" is neither $true nor $false; use $true or $false"},
    {"LinkedReceiveConnector", "'EX01\\Relay'", "linked_receive_connector = \"EX01\\\\Relay\"", "$true",
     "-LinkedReceiveConnector: $true is not one text; give one value"},
    {"ConnectorType", "XPremises", "connector_type = \"XPremises\"", "a,b",
     "-ConnectorType: a list is not one text; give one value"},
    {"DomainController", "dc01.contoso.com", "domain_controller = \"dc01.contoso.com\"", "$true",
     "-DomainController: $true is not one text; give one value"},
    {"Force", "", "force = true", ":2", "-Force: \"2\" is neither $true nor $false; use $true or $false"},
    {"Senders", "contoso.com,'<>'", "senders = [\"contoso.com\", \"<>\"]", "'a b@contoso.com'",
     "-Senders: \"a b@contoso.com\" has a character in its local part that needs quotes; write the local "
     "part as '\"john doe\"@contoso.com'"},
    {"SendersFile", "/etc/sendconnector/senders", "senders_file = \"/etc/sendconnector/senders\"", "senders",
     "-SendersFile: \"senders\" is not an absolute path; write the whole path, beginning with /"},
    {"SenderIdentity", "Header-From", "sender_identity = \"header-from\"", "author",
     "-SenderIdentity: \"author\" is not one of its values; use one of envelope, header-from, login"},
    {"Routes", "default,relay", "routes = [\"default\", \"relay\"]", "local",
     "-Routes: \"local\" is not one of its values; use one of default, relay, transport"},
    {"TlsCaFile", "/etc/ssl/ca.pem", "tls_ca_file = \"/etc/ssl/ca.pem\"", "ca.pem",
     "-TlsCaFile: \"ca.pem\" is not an absolute path; write the whole path, beginning with /"},
    {"TlsMinimumProtocol", "tlsv1.3", "tls_minimum_protocol = \"TLSv1.3\"", "SSLv3",
     "-TlsMinimumProtocol: \"SSLv3\" is not one of its values; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
    {"TlsMinimumRsaBits", "4096", "tls_minimum_rsa_bits = 4096", "512",
     "-TlsMinimumRsaBits: 512 is out of range; use 1024 to 16384"},
    {"TlsAllowWeakSignatures", "$true", "tls_allow_weak_signatures = true", "sha1",
     "-TlsAllowWeakSignatures: \"sha1\" is neither $true nor $false; use $true or $false"},
    {"Revocation", "Strict", "revocation = \"strict\"", "on",
     "-Revocation: \"on\" is not one of its values; use one of default, strict, off"},
    {"MtaStsPolicyMap", "socketmap:inet:127.0.0.1:8461:postfix",
     "mta_sts_policy_map = \"socketmap:inet:127.0.0.1:8461:postfix\"", "hash:/etc/postfix/policy",
     "-MtaStsPolicyMap: \"hash:/etc/postfix/policy\" is not a socketmap of Postfix; write "
     "socketmap:inet:127.0.0.1:8461:postfix, or whatever the resolver's manual has for smtp_tls_policy_maps"},
    {"TlsKeyFile", "/etc/ssl/mail.key", "tls_key_file = \"/etc/ssl/mail.key\"", "mail.key",
     "-TlsKeyFile: \"mail.key\" is not an absolute path; write the whole path, beginning with /"},
    {"CustomFailureCodes", "'550 5.7.1','5.7.0'", "custom_failure_codes = [\"550 5.7.1\", \"5.7.0\"]", "250",
     "-CustomFailureCodes: \"250\" is not the code of a failure; write a reply code, an enhanced status "
     "code, or both: \"550\", \"5.7.1\" or \"550 5.7.1\""},
};

std::string as_text(const Error& error) {
    return to_string(error);
}

// What one statement comes to: `key = value` lines of what it sets beside its name and address spaces, or
// everything that is said against it.
std::string outcome(const std::string& statement, const std::string& connector = "X") {
    const auto statements = read_statements(statement);
    if (statements.size() != 1) {
        return fmt::format("{} statements", statements.size());
    }
    if (statements[0].error) {
        return as_text(*statements[0].error);
    }
    const Stage& stage = statements[0].stages.front();
    const auto cmdlet = bind(*find_cmdlet(stage.command), stage.elements);
    if (!cmdlet) {
        return as_text(cmdlet.error());
    }
    std::vector<Property> properties;
    for (const Bound& bound : cmdlet->parameters) {
        if (!bound.parameter->key.empty()) {
            properties.push_back({std::string(bound.parameter->name), bound.value});
        }
    }
    const Translation translation = translate(properties, {.name = connector});
    std::string said;
    for (const PropertyFate& fate : translation.properties) {
        if (fate.fate == Fate::refused || fate.fate == Fate::by_hand) {
            said += fmt::format("-{}: {}", fate.property, as_text(fate.why));
        }
    }
    if (!said.empty()) {
        return said;
    }
    for (const KeyText& key : translation.keys) {
        said += fmt::format("{} = {}\n", key.key, key.value.value_or("(none)"));
    }
    return said;
}

std::string with_new(const Row& row, const char* value) {
    const std::string name = row.parameter;
    const std::string beside = name == "Name"            ? "-AddressSpaces *"
                               : name == "AddressSpaces" ? "-Name X"
                                                         : "-Name X -AddressSpaces *";
    return fmt::format("New-SendConnector {} -{}{}{}", beside, name, *value == ':' ? "" : " ", value);
}

} // namespace

TEST_CASE("every parameter takes a good value and refuses a bad one in words") {
    for (const Row& row : settings) {
        INFO(row.parameter);
        const std::string taken = outcome(with_new(row, row.accepted));
        INFO(taken);
        CHECK(("\n" + taken).find(fmt::format("\n{}\n", row.written)) != std::string::npos);
        CHECK(outcome(with_new(row, row.refused)) == row.message);
    }
}

TEST_CASE("parameters of the command itself") {
    const std::string whatif = "New-SendConnector X * ";
    struct Case {
        const char* statement;
        const char* message;
    };
    const Case refused[] = {
        {"Set-SendConnector -Identity $true", "-Identity wants one text; give one value"},
        {"Set-SendConnector -Identity ''", "-Identity wants one text; give one value"},
        {"Remove-SendConnector X -WhatIf:maybe",
         "-WhatIf: \"maybe\" is neither $true nor $false; use $true or $false"},
        {"Remove-SendConnector X -Confirm:",
         "-Confirm wants a value, and none stands behind it; write -Confirm:$false; in a shell "
         "'-Confirm:$false' in single quotation marks, or -Confirm:false"},
        {"Set-SendConnector X -Apply:later",
         "-Apply: \"later\" is neither $true nor $false; use $true or $false"},
        {"Get-SendConnector -Format",
         "-Format wants a value, and none stands behind it; write it, in quotation "
         "marks where it begins with a dash"},
        {"Get-SendConnector -ErrorAction",
         "-ErrorAction wants a value, and none stands behind it; write it, in "
         "quotation marks where it begins with a dash"},
    };
    for (const Case& each : refused) {
        INFO(each.statement);
        CHECK(outcome(each.statement) == each.message);
    }
    for (const char* taken :
         {"Set-SendConnector -Identity X -WhatIf -Confirm:$false -Apply -Verbose -ErrorAction Stop -wa 0",
          "Remove-SendConnector X -wi -cf:$false", "Get-SendConnector *net* -Format List -Debug:$false"}) {
        INFO(taken);
        CHECK(outcome(taken) == "");
    }
}

TEST_CASE("the table of parameters and the table of keys name the same things") {
    std::set<std::string> tested;
    for (const Row& row : settings) {
        tested.insert(row.parameter);
    }
    std::set<std::string> names;
    for (const Parameter& parameter : parameters()) {
        INFO(parameter.name);
        CHECK(names.insert(policy::fold_case(parameter.name)).second);
        if (!parameter.alias.empty()) {
            CHECK(names.insert(std::string(parameter.alias)).second);
            CHECK(parameter.alias == policy::fold_case(parameter.alias));
        }
        CHECK(find_parameter(policy::fold_case(parameter.name)) == &parameter);
        if (parameter.key.empty()) {
            continue;
        }
        CHECK(tested.count(std::string(parameter.name)) == 1);
        const Key* key = find_key(KeyScope::connector, parameter.key);
        REQUIRE(key != nullptr);
        if (parameter.origin == ParameterOrigin::exchange && parameter.stands.empty()) {
            CHECK(key->exchange == parameter.name);
        } else if (parameter.origin == ParameterOrigin::ours) {
            CHECK(key->exchange.empty());
        }
        // What the kind renders is what the key takes.
        const bool is_flag = parameter.kind == ParameterKind::flag ||
                             (parameter.kind == ParameterKind::switch_alone && parameter.stands.empty());
        CHECK(is_flag == (key->type == KeyType::boolean));
        CHECK((parameter.kind == ParameterKind::number) == (key->type == KeyType::integer));
        CHECK((parameter.kind == ParameterKind::list) ==
              (key->type == KeyType::text_list || key->type == KeyType::text_or_list));
    }
    for (const Key& key : keys()) {
        if (key.scope == KeyScope::connector) {
            INFO(key.name);
            CHECK(parameter_of_key(key.name) != nullptr);
        }
    }
}

} // namespace sendconnector::conf::exchange
