// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/applied.hpp"

#include "conf/postfix/octets.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <functional>
#include <sys/stat.h>

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
using test::connector;

TEST_CASE("applied.json comes back as it was written", "[applied]") {
    const test::TemporaryFolder folder;
    Applied applied;
    applied.config_directory = "/etc/postfix-\xe9";
    applied.queue_directory = "/var/spool/postfix";
    applied.mail_version = "3.7.11";
    applied.helo_name = "mx.contoso.example";
    applied.facts.message_size_limit = 0;
    applied.services["sc-a"] = {"A \"quoted\" \u00fc", "1234", "5678"};
    applied.pending = {"sc-b"};
    applied.unterminated_line = "# last\xff";
    REQUIRE(write_applied(folder.path(), applied));
    const auto read = read_applied(folder.path());
    REQUIRE(read);
    CHECK(read->config_directory == applied.config_directory);
    CHECK(read->queue_directory == applied.queue_directory);
    CHECK(read->mail_version == "3.7.11");
    CHECK(read->helo_name == "mx.contoso.example");
    CHECK(read->facts.message_size_limit == 0);
    CHECK(read->services.at("sc-a").connector == "A \"quoted\" \u00fc");
    CHECK(read->services.at("sc-a").settings == "1234");
    CHECK(read->services.at("sc-a").rendered == "5678");
    CHECK(read->pending == applied.pending);
    CHECK(read->unterminated_line == applied.unterminated_line);

    struct stat file {};
    struct stat directory {};
    REQUIRE(stat(applied_file(folder.path()).c_str(), &file) == 0);
    REQUIRE(stat(folder.path().c_str(), &directory) == 0);
    CHECK((file.st_mode & 07777) == 0640);
    CHECK(file.st_gid == directory.st_gid);
}

TEST_CASE("nothing applied is not an error, damage is", "[applied]") {
    const test::TemporaryFolder folder;
    REQUIRE(read_applied(folder.path()));
    CHECK(read_applied(folder.path())->services.empty());
    for (const char* text : {"", "{", "[]", "{}", R"({"format": 2})", R"({"format": 1})",
                             R"({"format": 1, "config_directory": 1})", "\xff\xfe"}) {
        CAPTURE(text);
        test::spill(applied_file(folder.path()), text);
        CHECK(!read_applied(folder.path()));
    }
    std::filesystem::remove(applied_file(folder.path()));
    std::filesystem::create_directory(applied_file(folder.path()));
    CHECK(!read_applied(folder.path()));
}

TEST_CASE("a failed write leaves the old file and nothing beside it", "[applied]") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directories(applied_file(folder.path()) / "in the way");
    CHECK(!write_applied(folder.path(), Applied()));
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()),
                        std::filesystem::directory_iterator()) == 1);
    CHECK(!write_applied(folder.path() / "nowhere", Applied()));
}

TEST_CASE("settings_digest covers what a service is made of, and nothing the daemon answers by itself",
          "[applied]") {
    auto base = connector("Contoso", {"[a.example]:25", "[b.example]:25"});
    const std::string digest = settings_digest(base);
    using Edit = std::function<void(policy::SendConnector&)>;
    const std::vector<std::pair<std::string, Edit>> matter = {
        {"name", [](auto& c) { c.name = "Fabrikam"; }},
        {"smart_hosts to MX", [](auto& c) { c.smart_hosts.clear(); }},
        {"fqdn", [](auto& c) { c.fqdn = "x.example"; }},
        {"force_helo", [](auto& c) { c.force_helo = true; }},
        {"source_ipv4", [](auto& c) { c.source_ipv4 = "192.0.2.1"; }},
        {"source_ipv6", [](auto& c) { c.source_ipv6 = "2001:db8::1"; }},
        {"require_tls", [](auto& c) { c.require_tls = true; }},
        {"ignore_starttls", [](auto& c) { c.ignore_starttls = true; }},
        {"tls_minimum_protocol", [](auto& c) { c.tls_minimum_protocol = policy::TlsProtocol::tls_1_3; }},
        {"tls_auth_level", [](auto& c) { c.tls_auth_level = policy::TlsAuthLevel::dane; }},
        {"domain_secure_enabled", [](auto& c) { c.domain_secure_enabled = true; }},
        {"mta_sts_policy_map", [](auto& c) { c.mta_sts_policy_map = "socketmap:unix:x:y"; }},
        {"tls_ca_file", [](auto& c) { c.tls_ca_file = "/ca"; }},
        {"tls_certificate_name", [](auto& c) { c.tls_certificate_name = "/c"; }},
        {"tls_key_file", [](auto& c) { c.tls_key_file = "/k"; }},
        {"cloud_services_mail_enabled", [](auto& c) { c.cloud_services_mail_enabled = true; }},
        {"connection_inactivity_timeout",
         [](auto& c) { c.connection_inactivity_timeout = std::chrono::seconds(1); }},
        {"smtp_max_messages_per_connection", [](auto& c) { c.smtp_max_messages_per_connection = 1; }},
        {"error_policies", [](auto& c) { c.error_policies = policy::ErrorPolicies::downgrade_dns_failures; }},
        {"custom_failure_codes", [](auto& c) { c.custom_failure_codes = {"550"}; }},
        {"authentication_credential", [](auto& c) { c.authentication_credential = "x"; }}};
    for (const auto& [what, edit] : matter) {
        CAPTURE(what);
        auto changed = base;
        edit(changed);
        CHECK(settings_digest(changed) != digest);
    }
    const std::vector<std::pair<std::string, Edit>> no_matter = {
        {"case of the name", [](auto& c) { c.name = "CONTOSO"; }},
        {"comment", [](auto& c) { c.comment = "x"; }},
        {"senders", [](auto& c) { c.senders.clear(); }},
        {"senders_file", [](auto& c) { c.senders_file = "/etc/sendconnector/senders"; }},
        {"address_spaces", [](auto& c) { c.address_spaces.clear(); }},
        {"sender_identity", [](auto& c) { c.sender_identity = policy::SenderIdentity::login; }},
        {"routes", [](auto& c) { c.routes.relay = true; }},
        {"source_transport_servers", [](auto& c) { c.source_transport_servers = {"exch01"}; }},
        {"another smart host", [](auto& c) { c.smart_hosts.pop_back(); }},
        {"port", [](auto& c) { c.port = 587; }},
        {"revocation", [](auto& c) { c.revocation = policy::Revocation::strict; }},
        {"tls_minimum_rsa_bits", [](auto& c) { c.tls_minimum_rsa_bits = 4096; }},
        {"tls_allow_weak_signatures", [](auto& c) { c.tls_allow_weak_signatures = true; }},
        {"max_message_size", [](auto& c) { c.max_message_size = policy::MessageSize::octets(1); }}};
    for (const auto& [what, edit] : no_matter) {
        CAPTURE(what);
        auto changed = base;
        edit(changed);
        CHECK(settings_digest(changed) == digest);
    }
    // With a credential the password is filed under the next-hops.
    base.authentication_credential = "x";
    auto moved = base;
    moved.smart_hosts.pop_back();
    CHECK(settings_digest(moved) != settings_digest(base));
    auto reordered = base;
    std::swap(reordered.smart_hosts.front(), reordered.smart_hosts.back());
    CHECK(settings_digest(reordered) == settings_digest(base));
}

TEST_CASE("is_applied", "[applied]") {
    auto one = connector("Contoso");
    Applied applied;
    CHECK(!is_applied(applied, one));
    applied.services["sc-contoso"] = {"Contoso", settings_digest(one), "x"};
    CHECK(is_applied(applied, one));
    one.fqdn = "x.example";
    CHECK(!is_applied(applied, one));
}

TEST_CASE("octets survive JSON", "[applied]") {
    std::string all;
    for (int i = 1; i < 256; ++i) {
        all += static_cast<char>(i);
    }
    CHECK(text_to_octets(octets_to_text(all)) == all);
    CHECK(octets_to_text("plain") == "plain");
    CHECK(text_to_octets("\u20ac") == "?");
}
