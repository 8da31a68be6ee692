// SPDX-License-Identifier: Apache-2.0
// Configuration -> export -> import -> the same configuration, in every format, over generated ones.
#include "conf/exchange/clixml_writer.hpp"
#include "conf/exchange/connector_object.hpp"
#include "conf/exchange/import_change.hpp"
#include "conf/exchange/json_writer.hpp"
#include "conf/exchange/powershell_writer.hpp"
#include "conf/exchange/read_export.hpp"
#include "conf/exchange/toml_writer.hpp"
#include "conf/keys.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <fmt/format.h>
#include <map>
#include <random>

namespace sendconnector::conf::exchange {

using namespace conf::testing;

namespace {

constexpr const char* formats[] = {"json", "clixml", "powershell", "toml"};

std::vector<Object> objects_of(const Configuration& configuration) {
    std::vector<Object> objects;
    for (std::size_t i = 0; i < configuration.policy->connectors().size(); ++i)
        objects.push_back(
            exported_object(configuration.policy->connectors()[i], configuration.without_effect[i]));
    return objects;
}

std::string exported(const Configuration& configuration, std::string_view format) {
    const std::vector<Object> objects = objects_of(configuration);
    if (format == "json")
        return json_of(objects);
    if (format == "clixml")
        return clixml_of(objects);
    std::string text;
    for (const Object& object : objects)
        text += format == "powershell" ? powershell_of(without_defaults(object)) : toml_of(object);
    return text;
}

// The configuration that an import makes of it.
std::string imported(const std::string& text) {
    const auto read = read_export(text);
    if (!read)
        FAIL(to_string(read.error()) << "\n" << text.substr(0, 4000));
    for (const Remark& remark : read->reading.remarks)
        FAIL_CHECK("line " << remark.line << ": " << remark.text);
    std::string configuration;
    for (const Object& object : read->reading.objects) {
        const Imported one = import_object(object);
        for (const PropertyFate& property : one.properties)
            if (property.fate == Fate::refused || property.fate == Fate::by_hand)
                FAIL_CHECK(property.property << ": " << to_string(property.why));
        if (one.passed_over)
            FAIL_CHECK(to_string(*one.passed_over));
        configuration += connector_text(keys_of_new(one));
    }
    return configuration;
}

std::string without_effect_of(const Configuration& configuration) {
    std::string text;
    for (const auto& keys : configuration.without_effect)
        for (const auto& [key, value] : keys)
            if (const Key* known = find_key(KeyScope::connector, key);
                known->default_text != value && known->default_text != "\"" + value + "\"" && !value.empty())
                text += key + " " + value + "\n";
    return text;
}

void check_round_trip(const Configuration& before, std::string_view format) {
    const TemporaryFolder folder;
    const std::string text = exported(before, format);
    CAPTURE(format);
    const auto after = folder.load(imported(text));
    if (!after.configuration)
        FAIL(lines_of(after.findings, folder.path()) << text);
    INFO(text.substr(0, 20'000));
    for (std::size_t i = 0; i < before.policy->connectors().size(); ++i)
        CHECK(conf::testing::described(before.policy->connectors()[i]) ==
              conf::testing::described(after.configuration->policy->connectors().at(i)));
    CHECK(without_effect_of(before) == without_effect_of(*after.configuration));
    // Importing over what is there changes nothing.
    const auto read = read_export(text);
    REQUIRE(read);
    for (std::size_t i = 0; i < read->reading.objects.size(); ++i) {
        Imported one = import_object(read->reading.objects[i]);
        CHECK(connector_text(keys_that_change(one, before.policy->connectors()[i],
                                              before.without_effect[i])) == "[[connector]]\n");
    }
}

// A connector of random settings that do not contradict each other.
class Generator {
public:
    explicit Generator(std::uint32_t seed) : m_random(seed) {}

    std::string connector(int number) {
        m_keys.clear();
        m_keys["name"] =
            toml_string(fmt::format("{}{}",
                                    pick({"To Internet ", "Größe — 東京 ", "it's ’smart’ ", "$x `y` @{z} ",
                                          "-Name ", "a;b|c,d ", "#", "null", "_x000A_", "<&>", "CON-"}),
                                    number));
        maybe("enabled", {"true", "false"});
        maybe("comment", {R"("two\nlines")", R"("tab\there, 'quotes' \"double\" ’smart’ $(x) `n")",
                          R"("#TYPE")", R"("System.Object[] is text too")", R"("@{a=b")",
                          R"("📧 _x0041_ \\ end\\")", R"("true")", R"("42")"});
        maybe("usage", {R"("Internal")", R"("Internet")", R"("Partner")", R"("Custom")"});
        maybe("senders", {R"(["*"])", R"(["contoso.com", "*.contoso.net"])", R"(["ceo@fabrikam.com", "<>"])",
                          R"(["o'neil@contoso.com", "a+b@contoso.com"])", R"(["bücher.example"])"});
        maybe("routes",
              {R"(["default"])", R"(["relay", "transport"])", R"(["default", "relay", "transport"])"});
        m_keys["address_spaces"] =
            pick({R"(["*"])", R"(["smtp:*;7", "contoso.com;3"])", R"(["*.com", "b.example"])"});
        if (one_in(2)) {
            m_keys["smart_hosts"] = pick({R"(["[smtp.example]:587;10", "b.example"])", R"(["10.0.0.1"])",
                                          R"(["[2001:db8::1]:26", "192.0.2.1:2525;3"])"});
            m_keys["dns_routing_enabled"] = "false";
            maybe("port", {"587", "25", "465"});
            if (one_in(3)) {
                m_keys["smart_host_auth_mechanism"] = pick({R"("BasicAuth")", R"("BasicAuthRequireTLS")"});
                m_keys["authentication_credential"] = pick({R"("relay")", R"("relay-2.cred")"});
            } else {
                maybe("smart_host_auth_mechanism",
                      {R"("None")", R"("ExternalAuthoritative")", R"("ExchangeServer")"});
            }
        }
        tls();
        maybe("fqdn", {R"("mail.contoso.com")", R"("")"});
        maybe("source_ip_address",
              {R"("10.0.0.9")", R"(["10.0.0.9", "2001:db8::9"])", R"("2001:db8::9")", R"("0.0.0.0")"});
        maybe("max_message_size", {R"("unlimited")", R"("35MB")", R"("1000001")", R"("0")", R"("64KB")"});
        maybe("connection_inactivity_timeout", {R"("00:00:01")", R"("1.00:00:00")", R"("00:10:00")"});
        maybe("smtp_max_messages_per_connection", {"1", "20", "2147483647"});
        if (one_in(3)) {
            m_keys["error_policies"] = R"("DowngradeCustomFailures")";
            m_keys["custom_failure_codes"] = R"(["550", "5.7.1", "554 5.7.1"])";
        } else {
            maybe("error_policies", {R"("Default")", R"("DowngradeDnsFailures")"});
        }
        maybe("cloud_services_mail_enabled", {"true", "false"});
        maybe("protocol_logging_level", {R"("None")", R"("Verbose")"});
        maybe("source_transport_servers", {R"(["exch01", "exch02.contoso.com"])", "[]"});
        maybe("linked_receive_connector", {R"("EXCH01\\Default, EXCH01")"});
        maybe("require_oorg", {"true", "false"});
        maybe("connector_type", {R"("Default")", R"("XPremises")"});
        maybe("force", {"true", "false"});
        std::string text = "[[connector]]\n";
        for (const auto& [key, value] : m_keys)
            text += fmt::format("{} = {}\n", key, value);
        return text;
    }

private:
    bool one_in(unsigned n) { return m_random() % n == 0; }
    std::string pick(std::initializer_list<const char*> values) {
        return values.begin()[m_random() % values.size()];
    }
    void maybe(const char* key, std::initializer_list<const char*> values) {
        if (one_in(2))
            m_keys[key] = pick(values);
    }

    void tls() {
        maybe("sender_identity", {R"("envelope")"});
        maybe("senders_file",
              {"\"" SENDCONNECTOR_SOURCE_DIR "/tests/fixtures/configurations/files/senders\""});
        maybe("tls_minimum_protocol", {R"("TLSv1.2")", R"("TLSv1.3")"});
        maybe("tls_certificate_name",
              {R"("/etc/ssl/mail.pem")", R"("<I>CN=Contoso CA, O=\"Contoso, Ltd\"<S>CN=mail.contoso.com")"});
        if (one_in(4) && m_keys.count("authentication_credential") == 0) {
            m_keys["ignore_starttls"] = "true";
            return;
        }
        if (one_in(2)) {
            m_keys["require_tls"] = "true";
            if (one_in(2)) {
                m_keys["tls_auth_level"] = R"("CertificateValidation")";
                maybe("revocation", {R"("default")", R"("strict")", R"("off")"});
                maybe("tls_minimum_rsa_bits", {"3072", "2048"});
                maybe("tls_allow_weak_signatures", {"true", "false"});
                maybe("tls_ca_file", {R"("/etc/ssl/my-own_ca.pem")"});
            }
            if (one_in(3)) {
                m_keys["tls_auth_level"] = R"("DomainValidation")";
                m_keys["tls_domain"] = pick({R"("*.relay.example")", R"("relay.example")"});
            }
        }
    }

    std::mt19937 m_random;
    std::map<std::string, std::string> m_keys;
};

} // namespace

TEST_CASE("generated configurations come back from every format") {
    const TemporaryFolder folder;
    int usable = 0;
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Generator generator(seed);
        std::string text;
        for (int i = 0; i < 4; ++i)
            text += generator.connector(i);
        const auto before = folder.load(text);
        if (!before.configuration) {
            UNSCOPED_INFO(lines_of(before.findings, folder.path()));
            continue;
        }
        ++usable;
        for (const char* format : formats)
            check_round_trip(*before.configuration, format);
    }
    CHECK(usable > 20); // the others contradict themselves in ways the generator does not know of
}

TEST_CASE("every key comes back from every format") {
    const auto before = load_configuration(fixture_folder() / "good/every_key.toml");
    REQUIRE(before.configuration);
    for (const char* format : formats)
        check_round_trip(*before.configuration, format);
}

TEST_CASE("whom only files name comes back as nobody else's, or not at all") {
    const TemporaryFolder folder;
    write_text(folder / "list", "contoso.com\n");
    write_text(folder / "table", "fabrikam.com contoso\n");
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    const auto by_file = folder.load(connector("senders_file = \"" + path("list") + "\""));
    REQUIRE(by_file.configuration);
    const auto by_table =
        folder.load("[sender_tables]\nfiles = [\"" + path("table") + "\"]\n" + connector("senders = []"));
    REQUIRE(by_table.configuration);
    for (const char* format : formats) {
        CAPTURE(format);
        check_round_trip(*by_file.configuration, format);
        const auto read = read_export(exported(*by_table.configuration, format));
        REQUIRE(read);
        CHECK(import_object(read->reading.objects.at(0)).is_refused());
    }
}

TEST_CASE("tens of thousands of senders come back from every format") {
    std::string senders;
    for (int i = 0; i < 30'000; ++i)
        senders += fmt::format("\"user{}@mail.contoso.example\",\n", i);
    const TemporaryFolder folder;
    const auto before = folder.load(connector("senders = [\n" + senders + "]"));
    REQUIRE(before.configuration);
    for (const char* format : formats) {
        CAPTURE(format);
        const auto after = folder.load(imported(exported(*before.configuration, format)));
        REQUIRE(after.configuration);
        CHECK(after.configuration->policy->connectors()[0].senders ==
              before.configuration->policy->connectors()[0].senders);
    }
}

TEST_CASE("an import changes what it says and nothing else") {
    const TemporaryFolder folder;
    const auto before =
        folder.load(connector("comment = \"kept\"\nport = 587\nsmart_hosts = [\"a.example\"]\n"
                              "dns_routing_enabled = false\nsenders = [\"contoso.com\"]\n"
                              "smart_host_auth_mechanism = \"BasicAuth\"\n"
                              "authentication_credential = \"mine\"\nusage = \"Internal\"\n"));
    REQUIRE(before.configuration);
    const auto read = read_export(
        R"json({"Name": "CONTOSO", "Port": 25, "AddressSpaces": ["SMTP:*"], "SmartHosts": ["b.example"],
            "SmartHostAuthMechanism": "BasicAuth", "MaxMessageSize": "35 MB (36,700,160 bytes)",
            "AuthenticationCredential": "System.Management.Automation.PSCredential", "Fqdn": null})json");
    REQUIRE(read);
    Imported one = import_object(read->reading.objects.at(0));
    CHECK(connector_text(keys_that_change(one, before.configuration->policy->connectors()[0],
                                          before.configuration->without_effect[0])) ==
          "[[connector]]\nsmart_hosts = [\"b.example\"]\nport = 25\nmax_message_size = \"35MB\"\n");
    for (const PropertyFate& property : one.properties)
        CHECK(property.fate != Fate::by_hand);
}

} // namespace sendconnector::conf::exchange
