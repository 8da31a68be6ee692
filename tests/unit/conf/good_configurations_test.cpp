// SPDX-License-Identifier: Apache-2.0
#include "conf/keys.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

namespace sendconnector::conf {

using namespace testing;
using namespace policy;

namespace {

Configuration load_good(const std::string& name) {
    auto loaded = load_configuration(fixture_folder() / "good" / name);
    CHECK(lines_of(loaded.findings, fixture_folder() / "good") == "");
    REQUIRE(loaded.configuration);
    return std::move(*loaded.configuration);
}

std::vector<std::string> names_of(const Configuration& configuration) {
    std::vector<std::string> names;
    for (const SendConnector& connector : configuration.policy->connectors()) {
        names.push_back(connector.name);
    }
    return names;
}

template <class Entries>
std::vector<std::string> texts_of(const Entries& entries) {
    std::vector<std::string> texts;
    for (const auto& entry : entries) {
        texts.push_back(entry.text());
    }
    return texts;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("every good configuration loads without findings") {
    for (const auto& entry : std::filesystem::directory_iterator(fixture_folder() / "good")) {
        const std::string name = entry.path().filename().string();
        DYNAMIC_SECTION(name) {
            load_good(entry.is_directory() ? name + "/sendconnector.toml" : name);
        }
    }
}

TEST_CASE("the shipped configuration loads without findings and says the defaults") {
    const auto shipped =
        load_configuration(std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "conf/dist/sendconnector.toml");
    CHECK(lines_of(shipped.findings, "") == "");
    REQUIRE(shipped.configuration);
    CHECK(described(*shipped.configuration) == described(load_good("empty.toml")));
}

TEST_CASE("what is not written has its default") {
    const auto configuration = load_good("defaults.toml");
    const PolicySettings& settings = configuration.policy->settings();
    CHECK(settings.unmatched_senders == UnmatchedSenders::postfix);
    CHECK(settings.default_connector == "");
    CHECK(settings.unmatched_recipients == UnmatchedRecipients::postfix);
    CHECK(settings.sender_identity == SenderIdentity::envelope);
    CHECK(settings.selection_order == SelectionOrder::sender_first);
    CHECK(settings.recipient_delimiter == "+");
    CHECK(configuration.daemon.milter_socket == "/var/spool/postfix/sendconnector/milter");
    CHECK(configuration.daemon.lookup_socket == "/var/spool/postfix/sendconnector/lookup");
    CHECK(configuration.daemon.control_socket == "/run/sendconnector/control");
    CHECK(configuration.daemon.state_directory == "/var/lib/sendconnector");
    CHECK(configuration.daemon.protocol_log_directory == "/var/log/sendconnector");
    CHECK(configuration.postfix.config_directory == "/etc/postfix");
    CHECK(configuration.postfix.split_listener.next_hop() == "[127.0.0.1]:10725");
    const TlsSettings& tls = configuration.tls;
    CHECK(tls.probe_time == std::chrono::seconds(30));
    CHECK(tls.lookup_wait == std::chrono::seconds(10));
    CHECK(tls.verdict_lifetime == std::chrono::hours(1));
    CHECK(tls.refresh_after == std::chrono::minutes(1));
    CHECK(tls.failure_lifetime == std::chrono::seconds(30));
    CHECK(tls.parallel_probes == 64);
    CHECK(tls.cached_next_hops == 10'000);
    CHECK(tls.name_servers.empty());
    CHECK(tls.revocation_fetch_time == std::chrono::seconds(20));
    CHECK(tls.revocation_retry == std::chrono::minutes(1));
    CHECK(tls.certificate_folders == Texts{"/etc/sendconnector/certificates", "/etc/letsencrypt/live"});

    REQUIRE(names_of(configuration) == Texts{"Contoso", "Internal"});
    const SendConnector& c = configuration.policy->connectors()[0];
    CHECK(c.enabled);
    CHECK(c.comment == "");
    CHECK(c.usage == Usage::custom);
    CHECK(texts_of(c.senders) == Texts{"*"});
    CHECK(c.sender_identity == SenderIdentity::envelope);
    CHECK(c.routes == Routes{});
    CHECK(texts_of(c.address_spaces) == Texts{"smtp:*;1"});
    CHECK(c.max_message_size.octets() == 36'700'160);
    CHECK(c.source_transport_servers.empty());
    CHECK(c.dns_routing_enabled);
    CHECK(c.smart_hosts.empty());
    CHECK(c.port == 25);
    CHECK(c.fqdn == "");
    CHECK_FALSE(c.force_helo);
    CHECK(c.source_ipv4 == "");
    CHECK(c.source_ipv6 == "");
    CHECK(c.auth_mechanism == AuthMechanism::none);
    CHECK(c.authentication_credential == "");
    CHECK(c.tls_certificate_name == "");
    CHECK(c.tls_key_file == "");
    CHECK_FALSE(c.require_tls);
    CHECK_FALSE(c.ignore_starttls);
    CHECK_FALSE(c.tls_auth_level);
    CHECK_FALSE(c.tls_domain);
    CHECK_FALSE(c.domain_secure_enabled);
    CHECK(c.tls_ca_file == "");
    CHECK(c.tls_minimum_protocol == TlsProtocol::tls_1_2);
    CHECK(c.revocation == Revocation::normal);
    CHECK(c.tls_minimum_rsa_bits == 2048);
    CHECK_FALSE(c.tls_allow_weak_signatures);
    CHECK(c.mta_sts_policy_map == "");
    CHECK_FALSE(c.cloud_services_mail_enabled);
    CHECK(c.connection_inactivity_timeout == std::chrono::minutes(10));
    CHECK(c.smtp_max_messages_per_connection == 20);
    CHECK(c.error_policies == ErrorPolicies::normal);
    CHECK(c.custom_failure_codes.empty());
    CHECK(c.protocol_logging_level == ProtocolLoggingLevel::none);
    CHECK(configuration.policy->connectors()[1].max_message_size.is_unlimited());
}

TEST_CASE("what is written arrives") {
    const auto configuration = load_good("every_key.toml");
    const PolicySettings& settings = configuration.policy->settings();
    CHECK(settings.unmatched_senders == UnmatchedSenders::use_default);
    CHECK(settings.default_connector == "smart host");
    CHECK(settings.unmatched_recipients == UnmatchedRecipients::mx);
    CHECK(settings.sender_identity == SenderIdentity::header_from);
    CHECK(settings.selection_order == SelectionOrder::address_space_first);
    CHECK(settings.recipient_delimiter == "+-");
    CHECK(configuration.daemon.milter_socket == "/srv/queue/sendconnector/milter");
    CHECK(configuration.daemon.lookup_socket == "/srv/queue/sendconnector/lookup");
    CHECK(configuration.daemon.control_socket == "/srv/control");
    CHECK(configuration.daemon.state_directory == "/srv/state");
    CHECK(configuration.daemon.protocol_log_directory == "/srv/protocol-log");
    CHECK(configuration.postfix.config_directory == "/etc/postfix-out");
    CHECK(configuration.postfix.split_listener == SplitListener{"127.1.2.3", 20025});
    const TlsSettings& tls = configuration.tls;
    CHECK(tls.probe_time == std::chrono::minutes(1));
    CHECK(tls.lookup_wait == std::chrono::seconds(5));
    CHECK(tls.verdict_lifetime == std::chrono::minutes(30));
    CHECK(tls.refresh_after == std::chrono::minutes(2));
    CHECK(tls.failure_lifetime == std::chrono::seconds(90));
    CHECK(tls.parallel_probes == 8);
    CHECK(tls.cached_next_hops == 500);
    CHECK(tls.name_servers == Texts{"127.0.0.1", "192.0.2.53:5353", "2001:db8::53", "[::1]:5353"});
    CHECK(tls.revocation_fetch_time == std::chrono::seconds(10));
    CHECK(tls.revocation_retry == std::chrono::minutes(5));
    CHECK(tls.certificate_folders == Texts{"/srv/certificates"});

    REQUIRE(names_of(configuration) == Texts{"Smart Host", "Plain", "Domain secure", "By policy"});
    REQUIRE(configuration.policy->default_connector() != nullptr);
    CHECK(configuration.policy->default_connector()->name == "Smart Host");
    const SendConnector& c = configuration.policy->connectors()[0];
    CHECK(c.enabled);
    CHECK(c.comment == "two\nlines");
    CHECK(c.usage == Usage::partner);
    CHECK(texts_of(c.senders) == Texts{"contoso.com", "*.contoso.net", "ceo@fabrikam.com", "<>"});
    CHECK(c.sender_identity == SenderIdentity::envelope);
    CHECK(c.routes == Routes{.by_default = false, .relay = true, .transport = true});
    CHECK(texts_of(c.address_spaces) == Texts{"smtp:*;7"});
    CHECK_FALSE(c.dns_routing_enabled);
    CHECK(next_hops(c) == Texts{"[smtp-a.relay.example]:587", "smtp-b.relay.example:465", "[10.1.2.3]:465",
                                "[2001:db8::1]:26"});
    CHECK(c.smart_hosts[2].weight() == 3);
    CHECK(c.port == 465);
    CHECK(c.fqdn == "mail.contoso.com");
    CHECK(c.source_ipv4 == "10.0.0.9");
    CHECK(c.source_ipv6 == "2001:db8::9");
    CHECK(c.auth_mechanism == AuthMechanism::basic_auth_require_tls);
    CHECK(c.authentication_credential == "relay");
    CHECK(c.require_tls);
    CHECK(c.tls_auth_level == TlsAuthLevel::domain_validation);
    REQUIRE(c.tls_domain);
    CHECK(c.tls_domain->text() == "*.relay.example");
    CHECK(c.tls_ca_file == "/etc/ssl/relay-ca.pem");
    CHECK(c.tls_minimum_protocol == TlsProtocol::tls_1_3);
    CHECK(c.tls_minimum_rsa_bits == 3072);
    CHECK(c.tls_allow_weak_signatures);
    CHECK(c.revocation == Revocation::strict);
    CHECK(c.tls_certificate_name == "/etc/ssl/mail.pem");
    CHECK(c.tls_key_file == "/etc/ssl/private/mail.key");
    CHECK(c.cloud_services_mail_enabled);
    CHECK(c.max_message_size.octets() == 50U * 1024 * 1024);
    CHECK(c.connection_inactivity_timeout == std::chrono::hours(24));
    CHECK(c.smtp_max_messages_per_connection == 5);
    CHECK(c.error_policies == ErrorPolicies::downgrade_custom_failures);
    CHECK(c.custom_failure_codes == Texts{"550", "5.7.1", "554 5.7.1"});

    const SendConnector& plain = configuration.policy->connectors()[1];
    CHECK_FALSE(plain.enabled);
    CHECK(plain.usage == Usage::internal);
    CHECK(texts_of(plain.senders) == Texts{"*"});
    CHECK(plain.sender_identity == SenderIdentity::header_from);
    CHECK(plain.routes == Routes{});
    CHECK(texts_of(plain.address_spaces) ==
          Texts{"smtp:contoso.com;1", "smtp:*.fabrikam.com;100", "smtp:--;1"});
    CHECK(plain.force_helo);
    CHECK(plain.ignore_starttls);
    CHECK(plain.protocol_logging_level == ProtocolLoggingLevel::verbose);
    CHECK(plain.source_transport_servers == Texts{"exch01", "exch02.contoso.com"});
    CHECK(plain.error_policies == ErrorPolicies::upgrade_custom_failures);
    CHECK(plain.source_ipv6 == "");

    const SendConnector& secure = configuration.policy->connectors()[2];
    CHECK(secure.usage == Usage::internet);
    CHECK(secure.domain_secure_enabled);
    CHECK(secure.tls_certificate_name == "<I>CN=Contoso CA<S>CN=mail.contoso.com");
    CHECK(secure.max_message_size.is_unlimited());

    const SendConnector& by_policy = configuration.policy->connectors()[3];
    CHECK(by_policy.tls_auth_level == TlsAuthLevel::mta_sts);
    CHECK(by_policy.mta_sts_policy_map == "socketmap:inet:127.0.0.1:8461:postfix");
}

TEST_CASE("keys without effect are kept as written") {
    const auto configuration = load_good("every_key.toml");
    REQUIRE(configuration.without_effect.size() == 4);
    const auto& kept = configuration.without_effect[0];
    CHECK(kept.at("linked_receive_connector") == "Default MBX");
    CHECK(kept.at("require_oorg") == "true");
    std::size_t count = 0;
    for (const Key& key : keys()) {
        count += key.without_effect ? 1U : 0U;
        CHECK(kept.count(std::string(key.name)) == (key.without_effect ? 1U : 0U));
    }
    CHECK(kept.size() == count);
    CHECK(configuration.without_effect[1].empty());
}

TEST_CASE("every key is written in every_key.toml") {
    const std::string text = read_text(fixture_folder() / "good/every_key.toml");
    for (const Key& key : keys()) {
        CAPTURE(key.name);
        CHECK(text.find("\n" + std::string(key.name) + " = ") != std::string::npos);
    }
}

TEST_CASE("parts are read in the byte order of their names") {
    const auto configuration = load_good("in_parts/sendconnector.toml");
    CHECK(names_of(configuration) == Texts{"Here", "Ten", "Nine"});
    REQUIRE(configuration.origins.size() == 3);
    const auto folder = fixture_folder() / "good/in_parts";
    CHECK(configuration.origins[0].file == (folder / "sendconnector.toml").string());
    CHECK(configuration.origins[0].line == 3);
    CHECK(configuration.origins[0].column == 1);
    CHECK(configuration.origins[0].keys.at("senders") == Spot{5, 11});
    CHECK(configuration.origins[1].file == (folder / "conf.d/10.toml").string());
    CHECK(configuration.origins[2].file == (folder / "conf.d/9.toml").string());
    CHECK(configuration.origins[2].line == 3);
    CHECK(configuration.credentials_directory() == folder / "credentials.d");
}

} // namespace sendconnector::conf
