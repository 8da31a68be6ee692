// SPDX-License-Identifier: Apache-2.0
// Golden files: what a connector becomes. After an intended change write them anew, and read the diff:
//     SENDCONNECTOR_UPDATE_GOLDEN=1 BUILD/bin/unit_postfix "[golden]"
#include "conf/postfix/service.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::connector;

namespace {

std::string shown(const Service& service) {
    std::string text = service.master_cf_entry();
    for (std::size_t at = 0; (at = text.find(" -o ", at)) != std::string::npos;) {
        text.replace(at, 1, "\n    ");
        at += 9;
    }
    text += "\n";
    for (const RenderedFile& file : service.files) {
        text += fmt::format("\n===== {} {:04o}\n{}", file.name, file.mode, file.content);
    }
    return text;
}

void check_golden(const std::string& name, const Service& service) {
    const std::filesystem::path file =
        std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/postfix/golden" / (name + ".txt");
    if (std::getenv("SENDCONNECTOR_UPDATE_GOLDEN") != nullptr) {
        test::spill(file, shown(service));
    }
    CAPTURE(name);
    CHECK(shown(service) == test::slurp(file));
}

const RenderContext context{"sendconnector/lookup", "/var/lib/sendconnector/postfix", "y"};

Service render(const policy::SendConnector& one, const std::optional<Credential>& credential = {},
               const RenderContext& around = context) {
    auto service = render_service(one, credential, around);
    REQUIRE(service);
    return *service;
}

std::string option(const Service& service, const std::string& name) {
    std::string found = "(not set)";
    for (const auto& [parameter, value] : service.options) {
        if (parameter == name) {
            CHECK(found == "(not set)"); // once only
            found = value;
        }
    }
    return found;
}

} // namespace

TEST_CASE("services as they are written", "[service][golden]") {
    check_golden("smart_host", render(connector("Plain", {"[192.0.2.1]:25"})));
    check_golden("dns_routed", render(connector("To Internet", {})));

    auto full = connector("Contoso via Mimecast",
                          {"[smtp-a.mimecast.example]:587", "[smtp-b.mimecast.example]:587;3", "mx.example"});
    full.fqdn = "mail.contoso.example";
    full.source_ipv4 = "192.0.2.9";
    full.require_tls = true;
    full.tls_auth_level = policy::TlsAuthLevel::domain_validation;
    full.tls_domain = policy::TlsDomain::parse("*.mimecast.example").value();
    full.tls_ca_file = "/etc/ssl/private ca.pem";
    full.tls_certificate_name = "/etc/ssl/contoso.pem";
    full.tls_key_file = "/etc/ssl/private/contoso.key";
    full.tls_minimum_protocol = policy::TlsProtocol::tls_1_3;
    full.auth_mechanism = policy::AuthMechanism::basic_auth_require_tls;
    full.authentication_credential = "mimecast";
    full.smtp_max_messages_per_connection = 1;
    full.connection_inactivity_timeout = std::chrono::seconds(15);
    check_golden("everything", render(full, Credential{"relay@contoso.example", "a secret"}));

    auto newer = context;
    newer.knows_password_result_delimiter = true;
    newer.knows_tls_required = true;
    newer.knows_raw_public_keys = true;
    newer.knows_sts_patterns = true;
    newer.chroot = "n";
    newer.inet_interfaces = "192.0.2.9, [2001:db8::9], mx.contoso.example";
    newer.site_header_checks = "pcre:{{/^X-A: (.)/ REPLACE X-B: $$1}}, regexp:$config_directory/own";
    newer.site_delivery_status_filter = "$default_delivery_status_filter";
    check_golden("newer_postfix_beside_site_settings",
                 render(full, Credential{"relay@contoso.example", "a secret"}, newer));

    auto legacy = connector("Legacy", {"[192.0.2.1]:2525"});
    legacy.force_helo = true;
    legacy.ignore_starttls = true;
    legacy.cloud_services_mail_enabled = true;
    legacy.smtp_max_messages_per_connection = 0;
    legacy.source_ipv4 = "192.0.2.9";
    legacy.source_ipv6 = "2001:db8::9";
    legacy.error_policies = policy::ErrorPolicies::downgrade_dns_failures;
    check_golden("legacy", render(legacy));

    auto mutual = connector("Mutual TLS", {});
    mutual.domain_secure_enabled = true;
    mutual.tls_certificate_name = "/etc/letsencrypt/live/mail.contoso.example/fullchain.pem";
    mutual.tls_key_file = "/etc/letsencrypt/live/mail.contoso.example/privkey.pem";
    mutual.revocation = policy::Revocation::strict;
    check_golden("domain_secure", render(mutual));

    auto by_policy = connector("By policy", {});
    by_policy.require_tls = true;
    by_policy.tls_auth_level = policy::TlsAuthLevel::mta_sts;
    by_policy.mta_sts_policy_map = "socketmap:inet:127.0.0.1:8461:postfix";
    check_golden("mta_sts", render(by_policy));
    check_golden("mta_sts_newer_postfix", render(by_policy, {}, newer));

    auto patient = connector("Patient", {"[192.0.2.1]:25"});
    patient.error_policies = policy::ErrorPolicies::downgrade_custom_failures;
    patient.custom_failure_codes = {"550", "5.7.1", "554 5.7.0"};
    check_golden("downgrade_custom_failures", render(patient));

    auto impatient = connector("Impatient", {});
    impatient.error_policies = policy::ErrorPolicies::upgrade_custom_failures;
    impatient.custom_failure_codes = {"450"};
    auto filtering = context;
    filtering.site_reply_filter = "pcre:{{/^4(.*)/ 5$$1}}";
    check_golden("upgrade_custom_failures_beside_site_filter", render(impatient, {}, filtering));

    auto logged = connector("Logged", {"[192.0.2.1]:25"});
    logged.protocol_logging_level = policy::ProtocolLoggingLevel::verbose;
    check_golden("protocol_log", render(logged));

    auto elsewhere = full;
    elsewhere.source_transport_servers = {"exch01.contoso.example", "exch02"};
    auto relay = context;
    relay.relays_as = "mail.contoso.example";
    check_golden("relayed", render(relaying(elsewhere), {}, relay));
}

TEST_CASE("the TLS floor of each rule", "[service]") {
    struct Row {
        bool require_tls;
        bool ignore_starttls;
        std::optional<policy::TlsAuthLevel> level;
        std::string want;
        std::string caches; // smtp_connection_cache_on_demand
    };
    for (const Row& row :
         std::vector<Row>{{false, false, {}, "may", "(not set)"},
                          {false, true, {}, "none", "(not set)"},
                          {true, false, {}, "encrypt", "no"},
                          {true, false, policy::TlsAuthLevel::encryption_only, "encrypt", "no"},
                          {true, false, policy::TlsAuthLevel::certificate_validation, "fingerprint", "no"},
                          {true, false, policy::TlsAuthLevel::domain_validation, "secure", "no"},
                          {true, false, policy::TlsAuthLevel::dane, "dane-only", "no"}}) {
        auto one = connector("Contoso");
        one.require_tls = row.require_tls;
        one.ignore_starttls = row.ignore_starttls;
        one.tls_auth_level = row.level;
        one.tls_domain = policy::TlsDomain::parse("mail.example").value();
        const Service service = render(one);
        CHECK(option(service, "smtp_tls_security_level") == row.want);
        CHECK(option(service, "smtp_connection_cache_on_demand") == row.caches);
        // A process keeps what it was told: where certificates are verified it must not outlive the message.
        CHECK(option(service, "max_use") == (row.want == "secure" || row.want == "fingerprint" ? "1"
                                             : row.want == "dane-only"                         ? "20"
                                                                                               : "100"));
        CHECK(option(service, "smtp_tls_policy_maps") == "socketmap:unix:sendconnector/lookup:tls/contoso");
        // A hundred authorities are read by who holds certificates against them, and by nobody else.
        CHECK(option(service, "smtp_tls_CAfile") == (row.want == "secure" ? context.system_ca_file : ""));
        // A process that keeps what may be put right ends soon.
        CHECK(option(service, "max_idle") == (option(service, "max_use") == "100" ? "100s" : "10s"));
        one.tls_ca_file = "/etc/ssl/own.pem";
        one.tls_certificate_name = "/etc/ssl/contoso.pem";
        CHECK(option(render(one), "smtp_tls_CAfile") == "/etc/ssl/own.pem");
        CHECK(option(render(one), "max_idle") == "10s");
    }
}

TEST_CASE("a system without certification authorities", "[service]") {
    auto bare = context;
    bare.system_ca_file.clear();
    auto one = connector("Contoso");
    CHECK(option(render(one, {}, bare), "smtp_tls_CAfile").empty());
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::domain_validation;
    one.tls_domain = policy::TlsDomain::parse("mail.example").value();
    CHECK(!render_service(one, std::nullopt, bare));
    one.tls_auth_level = policy::TlsAuthLevel::certificate_validation;
    CHECK(!render_service(one, std::nullopt, bare));
    one.tls_auth_level = policy::TlsAuthLevel::dane;
    CHECK(render_service(one, std::nullopt, bare));
    one.tls_auth_level = policy::TlsAuthLevel::domain_validation;
    one.tls_ca_file = "/etc/ssl/own.pem";
    CHECK(option(render(one, {}, bare), "smtp_tls_CAfile") == "/etc/ssl/own.pem");
}

TEST_CASE("DANE needs DNSSEC, and no other rule asks for it", "[service]") {
    using policy::TlsAuthLevel;
    for (const auto level : {TlsAuthLevel::encryption_only, TlsAuthLevel::certificate_validation,
                             TlsAuthLevel::domain_validation, TlsAuthLevel::dane, TlsAuthLevel::mta_sts}) {
        auto one = connector("Contoso", {});
        one.require_tls = true;
        one.tls_auth_level = level;
        one.mta_sts_policy_map = "socketmap:unix:/run/sts:QUERY";
        const bool dane = level == TlsAuthLevel::dane;
        const Service service = render(one);
        CHECK(option(service, "smtp_dns_support_level") == (dane ? "dnssec" : "(not set)"));
        CHECK(option(service, "smtp_host_lookup") == (dane ? "dns" : "(not set)"));
    }
}

TEST_CASE("an MTA-STS resolver is asked in the daemon's place, and cannot lift mandatory TLS", "[service]") {
    auto one = connector("Contoso", {});
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::mta_sts;
    one.mta_sts_policy_map = "socketmap:inet:[::1]:8642:QUERYwithTLSRPT";
    const Service service = render(one);
    CHECK(option(service, "smtp_tls_security_level") == "encrypt");
    CHECK(option(service, "smtp_tls_policy_maps") == "pipemap:{socketmap:inet:[::1]:8642:QUERYwithTLSRPT,"
                                                     "regexp:/var/lib/sendconnector/postfix/mta_sts_floor}");
    CHECK(option(service, "smtp_tls_servername") == "hostname");
    CHECK(std::any_of(service.files.begin(), service.files.end(),
                      [](const RenderedFile& file) { return file.name == "mta_sts_floor"; }));
}

TEST_CASE("messages per connection, in Postfix' counting", "[service]") {
    for (const auto& [messages, limit] :
         {std::pair(0, "0"), std::pair(1, "0"), std::pair(2, "1"), std::pair(20, "19")}) {
        auto one = connector("Contoso");
        one.smtp_max_messages_per_connection = messages;
        const Service service = render(one);
        CHECK(option(service, "smtp_connection_reuse_count_limit") == limit);
        CHECK(option(service, "smtp_connection_cache_on_demand") == (messages == 1 ? "no" : "(not set)"));
    }
}

TEST_CASE("one source address confines a connector to its family", "[service]") {
    struct Row {
        std::string ipv4, ipv6, inet_interfaces;
        std::string want_protocols, want_enforce, want_interfaces;
    };
    for (const Row& row :
         std::vector<Row>{{"", "", "127.0.0.1", "(not set)", "no", "(not set)"},
                          {"192.0.2.1", "2001:db8::1", "127.0.0.1", "(not set)", "yes", "(not set)"},
                          {"192.0.2.1", "", "all", "ipv4", "yes", "(not set)"},
                          {"", "2001:db8::1", "loopback-only", "ipv6", "yes", "(not set)"},
                          {"", "2001:db8::1", "127.0.0.1", "ipv6", "yes", "all"},
                          {"", "2001:db8::1", "127.0.0.1, [::1]", "ipv6", "yes", "[::1]"},
                          {"192.0.2.1", "", "mx.example, 192.0.2.7, ::1, [192.0.2.8]", "ipv4", "yes",
                           "192.0.2.7, [192.0.2.8]"}}) {
        auto one = connector("Contoso");
        one.source_ipv4 = row.ipv4;
        one.source_ipv6 = row.ipv6;
        auto around = context;
        around.inet_interfaces = row.inet_interfaces;
        const Service service = render(one, {}, around);
        CHECK(option(service, "smtp_bind_address") == row.ipv4);
        CHECK(option(service, "smtp_bind_address6") == row.ipv6);
        CHECK(option(service, "smtp_bind_address_enforce") == row.want_enforce);
        CHECK(option(service, "inet_protocols") == row.want_protocols);
        CHECK(option(service, "inet_interfaces") == row.want_interfaces);
    }
}

TEST_CASE("a digest follows what it stands for, and no secret", "[service]") {
    auto one = connector("Contoso");
    one.authentication_credential = "x";
    const std::string digest = render(one, Credential{"user", "secret"}).digest();
    CHECK(digest.size() == 64);
    CHECK(render(one, Credential{"user", "another"}).digest() == digest);
    one.fqdn = "other.example";
    CHECK(render(one, Credential{"user", "secret"}).digest() != digest);
}

TEST_CASE("entries are compared by meaning", "[service]") {
    CHECK(same_entry("sc-a       unix  -       -       y       -       -       smtp -o {a=b c} -o d=e",
                     "sc-a unix - - y - - smtp -o { a=b c } -o {d=e}"));
    CHECK(!same_entry("sc-a unix - - y - - smtp -o a=b", "sc-a unix - - y - - smtp -o a=c"));
    CHECK(!same_entry("sc-a unix - - y - - smtp -o {a=b c}", "sc-a unix - - y - - smtp -o a=b c"));
}
