// SPDX-License-Identifier: Apache-2.0
#include "conf/keys.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace sendconnector::conf {

using namespace testing;

namespace {

// A value that is taken, one that is not, and what is said about that one.
struct Row {
    const char* key;
    const char* accepted;
    const char* refused;
    const char* message;
    const char* beside = ""; // what the accepted value needs
};

constexpr const char* hosts = "dns_routing_enabled = false\nsmart_hosts = [\"[h.example]\"]\n";
constexpr const char* validation =
    "dns_routing_enabled = false\nsmart_hosts = [\"[h.example]\"]\nrequire_tls = true\ntls_auth_level = "
    "\"DomainValidation\"\n";

constexpr const char* validated = "require_tls = true\ntls_auth_level = \"CertificateValidation\"\n";

const Row settings_table[] = {
    {"unmatched_senders", R"("reject")", R"("drop")",
     R"(unmatched_senders: "drop" is not one of its values)"},
    {"default_connector", R"("Contoso")", R"("")", "default_connector: names no connector",
     "unmatched_senders = \"default\"\n"},
    {"unmatched_recipients", R"("Reject")", R"("drop")",
     R"(unmatched_recipients: "drop" is not one of its values)",
     "unmatched_senders = \"default\"\ndefault_connector = \"Contoso\"\n"},
    {"sender_identity", R"("Header-From")", R"("from")",
     R"(sender_identity: "from" is not one of its values; use one of envelope, header-from, login)"},
    {"selection_order", R"("Address-Space-First")", R"("cost-first")",
     R"(selection_order: "cost-first" is not one of its values)"},
    {"recipient_delimiter", R"("")", R"("+ ")", R"(recipient_delimiter: "+ " holds a character that cannot)"},
    {"milter_socket", R"("/run/a")", R"("run/a")", R"(milter_socket: "run/a" is not an absolute path)"},
    {"lookup_socket", R"("/run/b")", R"("/run/a b")", R"(lookup_socket: the path "/run/a b" holds a blank)"},
    {"control_socket", R"("/run/c")", R"("/run/{c}")", R"(control_socket: the path "/run/{c}" holds "{")"},
    {"state_directory", R"("/srv/state")", R"("")", R"(state_directory: "" is not an absolute path)"},
    {"protocol_log_directory", R"("/srv/log")", R"("log")",
     R"(protocol_log_directory: "log" is not an absolute path)"},
    {"config_directory", R"("/etc/postfix-out")", "1",
     "config_directory must be a string, and here it is a whole"},
    {"split_listener", R"("127.255.255.254:65535")", R"("127.0.0.1:65536")",
     R"(split_listener: "127.0.0.1:65536" does not name a port of 1024 to 65535)"},
    {"probe_time", R"("00:10:00")", R"("00:10:01")", R"(probe_time: "00:10:01" is out of range)"},
    {"lookup_wait", R"("00:01:00")", R"("00:00:00")",
     R"(lookup_wait: "00:00:00" is out of range; use 00:00:01)"},
    {"verdict_lifetime", R"("1.00:00:00")", R"("1.00:00:01")",
     R"(verdict_lifetime: "1.00:00:01" is out of range; use 00:00:01 to 1.00:00:00)"},
    {"refresh_after", R"("00:00:01")", R"("60")", R"(refresh_after: "60" is not a time span)"},
    {"failure_lifetime", R"("01:00:00")", "30",
     "failure_lifetime must be a string, and here it is a whole number"},
    {"parallel_probes", "1000", "0", "parallel_probes: 0 is out of range; use 1 to 1000"},
    {"cached_next_hops", "1", "1000001", "cached_next_hops: 1000001 is out of range; use 1 to 1000000"},
    {"name_servers", R"(["127.0.0.1", "192.0.2.1:5353", "::1", "[2001:db8::1]:53"])", R"(["localhost"])",
     R"(name_servers: "localhost" is not the IP address of a name server)"},
    {"revocation_fetch_time", R"("00:05:00")", R"("00:05:01")",
     R"(revocation_fetch_time: "00:05:01" is out of range)"},
    {"revocation_retry", R"("00:00:01")", R"("01:00:01")", R"(revocation_retry: "01:00:01" is out of range)"},
    {"certificate_folders", "[]", R"(["certificates"])",
     R"(certificate_folders: "certificates" is not an absolute path)"},
    {"files", "[\"" SENDCONNECTOR_SOURCE_DIR "/tests/fixtures/configurations/files/empty\"]", R"(["table"])",
     R"(files: "table" is not an absolute path)"},
};

const Row connector_table[] = {
    {"name", R"("Other")", R"("Other ")", R"(name: "Other " begins or ends with a blank)"},
    {"enabled", "false", "0", "enabled must be true or false, and here it is a whole number"},
    {"comment", R"("one\ttwo\nthree")", R"("\u0000")", "holds a control character"},
    {"usage", R"("INTERNET")", R"("Extern")", R"(usage: "Extern" is not one of its values)"},
    {"senders", R"(["a@b.example", "*"])", R"(["a b.example"])", "senders: "},
    {"senders_file", "\"" SENDCONNECTOR_SOURCE_DIR "/tests/fixtures/configurations/files/senders\"",
     R"("senders")", R"(senders_file: "senders" is not an absolute path)"},
    {"sender_identity", R"("LOGIN")", R"("")", R"(sender_identity: "" is not one of its values)",
     "senders = [\"contoso.com\"]\n"},
    {"routes", R"(["Default", "transport"])", R"(["local"])", R"(routes: "local" is not one of its values)"},
    {"address_spaces", R"(["SMTP:*;100"])", R"(["smtp:*;1000"])", "address_spaces: "},
    {"dns_routing_enabled", "false", R"("false")", "dns_routing_enabled must be true or false",
     "smart_hosts = [\"[h.example]\"]\n"},
    {"smart_hosts", R"(["[::1]:25;100"])", R"(["[::1"])", "smart_hosts: ", "dns_routing_enabled = false\n"},
    {"port", "65535", "65536", "port: 65536 is out of range; use 1 to 65535", hosts},
    {"fqdn", R"("mail")", R"("mail_.-.example")", "fqdn: "},
    {"force_helo", "true", "1.0",
     "force_helo must be true or false, and here it is a number with a fraction"},
    {"source_ip_address", R"("192.0.2.1")", R"("192.0.2.256")",
     R"(source_ip_address: "192.0.2.256" is not an IP address)"},
    {"smart_host_auth_mechanism", R"("externalauthoritative")", R"("Login")",
     R"(smart_host_auth_mechanism: "Login" is not one of its values)", hosts},
    {"authentication_credential", R"("relay")", R"(".relay")",
     R"(authentication_credential: ".relay" is not the name of a file)",
     "dns_routing_enabled = false\nsmart_hosts = [\"[h.example]\"]\nsmart_host_auth_mechanism = "
     "\"BasicAuthRequireTLS\"\n"},
    {"require_tls", "true", "[true]", "require_tls must be true or false, and here it is a list"},
    {"ignore_starttls", "true", "2024-01-01",
     "ignore_starttls must be true or false, and here it is a date or time"},
    {"tls_auth_level", R"("encryptiononly")", R"("None")",
     R"(tls_auth_level: "None" is not one of its values)", "require_tls = true\n"},
    {"tls_domain", R"("*.h.example")", R"("*")", "tls_domain: ", validation},
    {"tls_ca_file", R"("/etc/ssl/ca.pem")", R"("/etc/ssl/$ca.pem")",
     R"(tls_ca_file: the path "/etc/ssl/$ca.pem" holds "$")",
     "dns_routing_enabled = false\nsmart_hosts = [\"[h.example]\"]\nrequire_tls = true\ntls_auth_level = "
     "\"DomainValidation\"\ntls_domain = \"h.example\"\n"},
    {"tls_minimum_protocol", R"("tlsv1")", R"("TLSv2")",
     R"(tls_minimum_protocol: "TLSv2" is not one of its values)", "require_tls = true\n"},
    {"tls_minimum_rsa_bits", "1024", "1023", "tls_minimum_rsa_bits: 1023 is out of range; use 1024 to 16384",
     validated},
    {"tls_allow_weak_signatures", "true", R"("sha1")", "tls_allow_weak_signatures must be true or false",
     validated},
    {"revocation", R"("Strict")", R"("on")",
     R"(revocation: "on" is not one of its values; use one of default, strict)", validated},
    {"mta_sts_policy_map", R"("socketmap:inet:127.0.0.1:8461:postfix")", R"("hash:/etc/postfix/tls_policy")",
     R"(mta_sts_policy_map: "hash:/etc/postfix/tls_policy" is not a socketmap of Postfix)",
     "require_tls = true\ntls_auth_level = \"MtaSts\"\n"},
    {"tls_certificate_name", R"("/etc/ssl/mail.pem")", R"("<S>CN=mail")",
     R"(tls_certificate_name: "<S>CN=mail" is not a certificate name)"},
    {"tls_key_file", R"("/etc/ssl/mail.key")", R"("mail.key")",
     R"(tls_key_file: "mail.key" is not an absolute path)", "tls_certificate_name = \"/etc/ssl/mail.pem\"\n"},
    {"domain_secure_enabled", "false", R"("no")", "domain_secure_enabled must be true or false"},
    {"cloud_services_mail_enabled", "true", "{}",
     "cloud_services_mail_enabled must be true or false, and here it is a table"},
    {"max_message_size", "\"35 MB (36,700,160 bytes)\"", R"("-1")", "max_message_size: "},
    {"connection_inactivity_timeout", R"("00:00:01")", R"("24:00:00")",
     R"(connection_inactivity_timeout: "24:00:00" is not a time span)"},
    {"smtp_max_messages_per_connection", "2147483647", "2147483648",
     "smtp_max_messages_per_connection: 2147483648 is out of range; use 1 to 2147483647"},
    {"error_policies", R"("downgradednsfailures")", R"("None")",
     R"(error_policies: "None" is not one of its values)"},
    {"custom_failure_codes", R"(["500", "5.0.0", "554 5.999.999"])", R"(["560"])",
     R"(custom_failure_codes: "560" is not the code of a failure)",
     "error_policies = \"DowngradeCustomFailures\"\n"},
    {"protocol_logging_level", R"("None")", R"("verbos")",
     R"(protocol_logging_level: "verbos" is not one of its)"},
    {"source_transport_servers", "[]", R"(["a..b"])", "source_transport_servers: "},
    {"use_external_dns_servers_enabled", "true", "1",
     "use_external_dns_servers_enabled must be true or false"},
    {"frontend_proxy_enabled", "true", "1", "frontend_proxy_enabled must be true or false"},
    {"require_oorg", "true", "1", "require_oorg must be true or false"},
    {"is_scoped_connector", "true", "1", "is_scoped_connector must be true or false"},
    {"is_coexistence_connector", "true", "1", "is_coexistence_connector must be true or false"},
    {"linked_receive_connector", R"("Default")", "[]", "linked_receive_connector must be a string"},
    {"connector_type", R"("Default")", "true", "connector_type must be a string"},
    {"domain_controller", R"("dc1")", R"("\u001b")", "domain_controller: "},
    {"force", "true", R"("true")", "force must be true or false"},
};

const Row* find_row(const Key& key) {
    const auto wanted = [&](const Row& row) { return key.name == row.key; };
    if (key.scope == KeyScope::connector) {
        const auto* found = std::find_if(std::begin(connector_table), std::end(connector_table), wanted);
        return found == std::end(connector_table) ? nullptr : found;
    }
    const auto* found = std::find_if(std::begin(settings_table), std::end(settings_table), wanted);
    return found == std::end(settings_table) ? nullptr : found;
}

// A configuration in which `key` has `value`, which needs `beside`.
std::string text_with(const Key& key, std::string_view value, std::string_view beside) {
    const std::string line = fmt::format("{} = {}\n", key.name, value);
    switch (key.scope) {
    case KeyScope::global:
        return std::string(beside) + line + connector();
    case KeyScope::daemon:
    case KeyScope::postfix:
    case KeyScope::tls:
    case KeyScope::sender_tables:
        return std::string(to_string(key.scope)) + "\n" + line;
    case KeyScope::connector:
        break;
    }
    std::string text = "[[connector]]\n";
    text += key.name == "name" ? "" : "name = \"Contoso\"\n";
    text += key.name == "address_spaces" ? "" : "address_spaces = [\"*\"]\n";
    return text + std::string(beside) + line;
}

} // namespace

TEST_CASE("every key takes a value and refuses another") {
    const TemporaryFolder folder;
    for (const Key& key : keys()) {
        DYNAMIC_SECTION(to_string(key.scope) << " " << key.name) {
            const Row* row = find_row(key);
            REQUIRE(row != nullptr);
            const auto good = folder.load(text_with(key, row->accepted, row->beside));
            CHECK(lines_of(good.findings, folder.path()) == "");
            CHECK(good.configuration);

            const auto bad = folder.load(text_with(key, row->refused, row->beside));
            const std::string lines = lines_of(bad.findings, folder.path());
            INFO(lines);
            CHECK(lines.find(row->message) != std::string::npos);
            CHECK(lines.find(key.name) != std::string::npos);
            CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
            CHECK_FALSE(bad.configuration);
        }
    }
    CHECK(std::size(settings_table) + std::size(connector_table) == keys().size());
}

TEST_CASE("the default in the table is the default") {
    const TemporaryFolder folder;
    const auto without = folder.load(connector());
    REQUIRE(without.configuration);
    for (const Key& key : keys()) {
        if (key.default_text.empty()) {
            continue;
        }
        CAPTURE(key.name);
        const auto with = folder.load(text_with(key, key.default_text, ""));
        REQUIRE(with.configuration);
        if (key.scope != KeyScope::global && key.scope != KeyScope::connector) {
            const auto nothing = folder.load("");
            CHECK(described(*with.configuration) == described(*nothing.configuration));
        } else {
            CHECK(described(*with.configuration) == described(*without.configuration));
        }
    }
}

TEST_CASE("the table is complete enough for a manual") {
    std::set<std::pair<KeyScope, std::string_view>> seen;
    for (const Key& key : keys()) {
        CAPTURE(key.name);
        CHECK(seen.insert({key.scope, key.name}).second);
        CHECK_FALSE(key.meaning.empty());
        CHECK(key.meaning.find('\n') == std::string_view::npos);
        CHECK(find_key(key.scope, key.name) == &key);
        CHECK((key.exchange.empty() || key.scope == KeyScope::connector));
        CHECK((key.type != KeyType::boolean || key.range == "true, false"));
    }
    CHECK(find_key(KeyScope::connector, "milter_socket") == nullptr);
    CHECK(find_key(KeyScope::daemon, "milter_socket") != nullptr);
}

TEST_CASE("did you mean") {
    CHECK(nearest_key(KeyScope::connector, "smart_host") == "smart_hosts");
    CHECK(nearest_key(KeyScope::connector, "SourceIPAddress") == "source_ip_address");
    CHECK(nearest_key(KeyScope::connector, "requiretls") == "require_tls");
    CHECK(nearest_key(KeyScope::connector, "sendres") == "senders");
    CHECK(nearest_key(KeyScope::global, "unmatched_sender") == "unmatched_senders");
    CHECK(nearest_key(KeyScope::daemon, "lookup-socket") == "lookup_socket");
    CHECK(nearest_key(KeyScope::daemon, "senders") == "");
    CHECK(nearest_key(KeyScope::connector, "") == "");
    CHECK(nearest_key(KeyScope::connector, std::string(1'000'000, 'x')) == "");
    // Every key in Exchange's spelling leads to ours.
    for (const Key& key : keys()) {
        if (!key.exchange.empty()) {
            CHECK(nearest_key(key.scope, key.exchange) == key.name);
        }
    }
}

} // namespace sendconnector::conf
