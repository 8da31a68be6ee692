// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/connector_text.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

Value texts(std::initializer_list<const char*> items) {
    List list;
    for (const char* item : items) {
        list.emplace_back(std::string(item));
    }
    return Value(std::move(list));
}

Value text(const char* what) {
    return Value(std::string(what));
}

std::string fate_of(const Translation& translation, std::string_view property) {
    for (const PropertyFate& each : translation.properties) {
        if (each.property == property) {
            constexpr const char* words[] = {"taken", "no meaning", "by hand", "refused"};
            return fmt::format("{}: {}", words[static_cast<int>(each.fate)], to_string(each.why));
        }
    }
    return "not there";
}

} // namespace

TEST_CASE("an export's properties come to the few keys that are not as usual") {
    const Property properties[] = {
        {"AddressSpaces", texts({"SMTP:*;1"})},
        {"AuthenticationCredential", Value()},
        {"CloudServicesMailEnabled", Value(true)},
        {"Comment", Value()},
        {"ConnectedDomains", Value(List{})},
        {"ConnectionInactivityTimeOut", text("00:10:00")},
        {"ConnectorType", text("Default")},
        {"DNSRoutingEnabled", Value(false)},
        {"DomainSecureEnabled", Value(false)},
        {"Enabled", Value(true)},
        {"ErrorPolicies", text("Default")},
        {"ForceHELO", Value(false)},
        {"Fqdn", text("webmail.exchangelabs.nl")},
        {"FrontendProxyEnabled", Value(true)},
        {"HomeMTA", text("Microsoft MTA")},
        {"Identity", text("EOP Smarthost")},
        {"IgnoreSTARTTLS", Value(false)},
        {"IsScopedConnector", Value(false)},
        {"MaxMessageSize", text("35 MB (36,700,160 bytes)")},
        {"Name", text("EOP Smarthost")},
        {"Port", Value(std::int64_t{25})},
        {"ProtocolLoggingLevel", Value(std::int64_t{1})},
        {"RequireTLS", Value(true)},
        {"SmartHostAuthMechanism", text("None")},
        {"SmartHosts", texts({"exchangelabs-nl.mail.protection.outlook.com"})},
        {"SmartHostsString", text("exchangelabs-nl.mail.protection.outlook.com")},
        {"SmtpMaxMessagesPerConnection", Value(std::int64_t{20})},
        {"SourceIPAddress", text("0.0.0.0")},
        {"SourceTransportServers", texts({"exchangelabs.nl/Servers/EXCH01", "EXCH02"})},
        {"TlsAuthLevel", Value(std::int64_t{2})},
        {"TlsCertificateName", Value()},
        {"TlsDomain", text("")},
        {"WhenCreatedUTC", text("2024-01-01")},
        {"Quux", text("1")},
    };
    const Translation translation = translate(properties, {.leaves_defaults = true});
    CHECK(connector_text(translation.keys) ==
          "[[connector]]\n"
          "name = \"EOP Smarthost\"\n"
          "address_spaces = [\"SMTP:*;1\"]\n"
          "dns_routing_enabled = false\n"
          "smart_hosts = [\"exchangelabs-nl.mail.protection.outlook.com\"]\n"
          "fqdn = \"webmail.exchangelabs.nl\"\n"
          "require_tls = true\n"
          "tls_auth_level = \"CertificateValidation\"\n"
          "cloud_services_mail_enabled = true\n"
          "protocol_logging_level = \"Verbose\"\n"
          "source_transport_servers = [\"EXCH01\", \"EXCH02\"]\n"
          "frontend_proxy_enabled = true\n");
    CHECK_FALSE(translation.is_refused());
    CHECK(translation.name == "EOP Smarthost");
    CHECK(translation.properties.size() == std::size(properties));
    CHECK(fate_of(translation, "SmartHosts") == "taken: ");
    CHECK(fate_of(translation, "TlsDomain") == "taken: ");
    CHECK(fate_of(translation, "IsScopedConnector") == "taken: ");
    CHECK(fate_of(translation, "FrontendProxyEnabled") ==
          "no meaning: is kept, and has no effect here: whether Exchange sends through its Client Access "
          "servers");
    CHECK(fate_of(translation, "HomeMTA") ==
          "no meaning: tells of the object in Exchange, not of a mail's way");
    CHECK(fate_of(translation, "Quux") == "no meaning: is no parameter of a send connector");
}

TEST_CASE("what is given is written, also where it is usual, and $null takes it back") {
    const Property properties[] = {{"name", text("X")},           {"addressspaces", text("*")},
                                   {"ENABLED", text("$true")},    {"Comment", Value()},
                                   {"SmartHosts", Value(List{})}, {"Port", text("25")}};
    const Translation translation = translate(properties);
    CHECK(translation.keys == std::vector<KeyText>{{"name", "\"X\""},
                                                   {"enabled", "true"},
                                                   {"comment", std::nullopt},
                                                   {"address_spaces", "[\"*\"]"},
                                                   {"smart_hosts", std::nullopt},
                                                   {"port", "25"}});
}

TEST_CASE("credentials stay where they are") {
    const auto key_of = [](const Value& value, TranslationChoice choice) {
        const Property properties[] = {{"AuthenticationCredential", value}};
        const Translation translation = translate(properties, choice);
        const std::string fate = fate_of(translation, "AuthenticationCredential");
        CHECK(fate.find("secret") == std::string::npos);
        return translation.keys.empty() ? fate : translation.keys[0].value.value_or("(none)") + " " + fate;
    };
    const std::string by_hand =
        "\"to-relay\" by hand: user name and password are not taken from there; write username = \"...\" and "
        "password = \"...\" into credentials.d/to-relay, a file of root's with mode 0600";
    CHECK(key_of(text("relay"), {.name = "To Relay"}) == "\"relay\" taken: ");
    CHECK(key_of(text("System.Management.Automation.PSCredential"), {.name = "To Relay"}) == by_hand);
    CHECK(key_of(text("(Get-Credential secret)"), {.name = "To Relay"}) == by_hand);
    CHECK(key_of(texts({"user", "secret"}), {.name = "To Relay"}) == by_hand);
    CHECK(key_of(Value(), {.name = "To Relay"}) == "(none) taken: ");
    CHECK(key_of(Value(), {.name = "To Relay", .leaves_defaults = true}) == "taken: ");
    CHECK(key_of(text("$cred"), {}) ==
          "refused: is a credential of a connector without a name; give the connector a name");
}

TEST_CASE("what an export lost is said, and found where it stands twice") {
    const Property properties[] = {
        {"Name", text("X")},
        {"SmartHosts", Value(), "each entry is cut at its depth"},
        {"SmartHostsString", text("a.example,b.example")},
        {"AddressSpaces", Value(), "it is cut at its depth"},
    };
    const Translation translation = translate(properties, {.leaves_defaults = true});
    CHECK(connector_text(translation.keys) ==
          "[[connector]]\nname = \"X\"\nsmart_hosts = [\"a.example\", \"b.example\"]\n");
    CHECK(fate_of(translation, "AddressSpaces") ==
          "by hand: part of the value is not in the file: it is cut at its depth; look at AddressSpaces in "
          "Exchange, and write what is missing");
}

TEST_CASE("an internal connector has no limit unless it says") {
    const auto size_of = [](const char* size) {
        const Property properties[] = {{"Usage", text("Internal")}, {"MaxMessageSize", text(size)}};
        return connector_text(translate(properties, {.leaves_defaults = true}).keys);
    };
    CHECK(size_of("Unlimited") == "[[connector]]\nusage = \"Internal\"\n");
    CHECK(size_of("35 MB (36,700,160 bytes)") ==
          "[[connector]]\nusage = \"Internal\"\nmax_message_size = \"35MB\"\n");
    CHECK(size_of("36700161") == "[[connector]]\nusage = \"Internal\"\nmax_message_size = \"36700161\"\n");
}

TEST_CASE("numbers of words that nobody documents are not guessed") {
    const Property properties[] = {{"SmartHostAuthMechanism", Value(std::int64_t{4})}};
    CHECK(fate_of(translate(properties), "SmartHostAuthMechanism") ==
          "refused: \"4\" is not one of its values; use one of None, BasicAuth, BasicAuthRequireTLS, "
          "ExchangeServer, "
          "ExternalAuthoritative, OAuth2");
}

TEST_CASE("lists in every shape") {
    const auto list_of = [](const Value& value) {
        const Property properties[] = {{"SmartHosts", value}};
        const Translation translation = translate(properties);
        return translation.keys.empty() ? fate_of(translation, "SmartHosts")
                                        : translation.keys[0].value.value_or("(none)");
    };
    const std::string two = "[\"a.example\", \"b.example\"]";
    CHECK(list_of(texts({"a.example", "b.example"})) == two);
    CHECK(list_of(text(" a.example , b.example,")) == two);
    CHECK(list_of(text("{a.example, b.example}")) == two);
    CHECK(list_of(texts({"a.example,b.example"})) == two);
    CHECK(list_of(text("{}")) == "[]");
    CHECK(list_of(Value(true)) == "refused: $true is no list of texts");
    const Property senders[] = {{"Senders", text("\"a,b\"@contoso.com, c@contoso.com")}};
    CHECK(translate(senders).keys[0].value == R"(["\"a,b\"@contoso.com", "c@contoso.com"])");
}

} // namespace sendconnector::conf::exchange
