// SPDX-License-Identifier: Apache-2.0
// What an administrator (or somebody who writes the configuration for him) may put into a value, and what of
// it may reach Postfix' files.
#include "conf/postfix/values.hpp"

#include "conf/postfix/service.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <fmt/format.h>

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::connector;

namespace {

const RenderContext context{"sendconnector/lookup", "/var/lib/sendconnector/postfix", "y"};

std::string option(const Service& service, const std::string& name) {
    for (const auto& [parameter, value] : service.options) {
        if (parameter == name) {
            return value;
        }
    }
    return "(not set)";
}

} // namespace

TEST_CASE("values for master.cf", "[values]") {
    struct Row {
        std::string text;
        std::string want; // empty: refused
    };
    for (const Row& row : std::vector<Row>{
             {"mail.contoso.example", "mail.contoso.example"},
             {"/etc/ssl/my certificates/chain.pem", "/etc/ssl/my certificates/chain.pem"},
             {"/etc/$config_directory/$$x", "/etc/$$config_directory/$$$$x"},
             {"/etc/a,b;c=d\"e'f\\g#h", "/etc/a,b;c=d\"e'f\\g#h"},
             {"/etc/sch\u00f6n.pem", "/etc/sch\u00f6n.pem"},
             {"x\n-o smtp_tls_security_level=none", ""},
             {"x\rsmtp", ""},
             {"x\tsmtp", ""},
             {std::string("x\0y", 3), ""},
             {"x\x7f", ""},
             {"/etc/{a}.pem", ""},
             {"/etc/a} -o smtp_tls_security_level=none {b", ""},
             {" /etc/a", ""},
             {"/etc/a ", ""},
         }) {
        CAPTURE(row.text);
        const auto value = parameter_value(row.text, "value");
        CHECK(value.has_value() == !row.want.empty());
        if (value) {
            CHECK(*value == row.want);
        }
    }
    CHECK(parameter_value("", "value").value().empty());
    CHECK(parameter_value("a\nb", "fqdn").error().text == "fqdn \"a\\x0ab\" has a control character in it");
}

TEST_CASE("paths for table names", "[values]") {
    for (const char* path : {"/var/lib/sendconnector/postfix", "/srv/a_b-c+d@e.f/1"}) {
        CHECK(check_table_path(path, "path"));
    }
    for (const char* path : {"", "relative", "/with blank", "/with,comma", "/with$dollar", "/with{brace",
                             "/with:colon", "/with\nline", "/sch\u00f6n"}) {
        CAPTURE(path);
        CHECK(!check_table_path(path, "path"));
    }
}

TEST_CASE("sockets as Postfix' processes see them", "[values]") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "real/sendconnector");
    std::filesystem::create_symlink(folder.path() / "real", folder.path() / "spool");
    const std::string real = folder.path() / "real";
    const std::string link = folder.path() / "spool";
    CHECK(relative_to_queue("/var/spool/postfix/sendconnector/lookup", "/var/spool/postfix", "x").value() ==
          "sendconnector/lookup");
    CHECK(relative_to_queue("/var/spool/postfix/./a/../b/lookup", "/var/spool/postfix/", "x").value() ==
          "b/lookup");
    CHECK(relative_to_queue(link + "/sendconnector/lookup", real, "x").value() == "sendconnector/lookup");
    CHECK(relative_to_queue(real + "/sendconnector/lookup", link, "x").value() == "sendconnector/lookup");
    for (const char* path : {"/run/sendconnector/lookup", "/var/spool/postfix2/lookup", "/var/spool/postfix",
                             "/var/spool/postfix/../lookup", "lookup", "/var/spool/postfix/a b/lookup",
                             "/var/spool/postfix/a:b"}) {
        CAPTURE(path);
        CHECK(!relative_to_queue(path, "/var/spool/postfix", "lookup_socket"));
    }
    CHECK(
        to_string(
            relative_to_queue("/run/sendconnector/lookup", "/var/spool/postfix", "lookup_socket").error()) ==
        "lookup_socket /run/sendconnector/lookup is not below Postfix' queue directory /var/spool/postfix, "
        "where its "
        "chrooted services could reach it; choose a path like /var/spool/postfix/sendconnector/lookup");
}

TEST_CASE("nothing in a connector can add an option, a service or a table entry", "[values][service]") {
    const std::string bad = "x\n-o smtp_tls_security_level=none";
    for (const char* what :
         {"fqdn", "source_ipv4", "source_ipv6", "tls_ca_file", "tls_certificate_name", "tls_key_file"}) {
        CAPTURE(what);
        auto one = connector("Contoso");
        const std::string name = what;
        (name == "fqdn"                   ? one.fqdn
         : name == "source_ipv4"          ? one.source_ipv4
         : name == "source_ipv6"          ? one.source_ipv6
         : name == "tls_ca_file"          ? one.tls_ca_file
         : name == "tls_certificate_name" ? one.tls_certificate_name
                                          : one.tls_key_file) = bad;
        const auto service = render_service(one, std::nullopt, context);
        REQUIRE(!service);
        CHECK(service.error().text.find("of connector \"Contoso\"") != std::string::npos);
    }
    for (const auto& [username, password] :
         std::vector<std::pair<std::string, std::string>>{{"user", "secret\n[evil.example]:25 user:secret"},
                                                          {"user\n[evil.example]:25", "secret"},
                                                          {"us:er", "secret"},
                                                          {"", "secret"},
                                                          {" user", "secret"},
                                                          {"user", "secret "},
                                                          {"user", "\tsecret"},
                                                          {"user", "sec\x7fret"}}) {
        CAPTURE(username, password);
        auto one = connector("Contoso");
        one.authentication_credential = "x";
        const auto service = render_service(one, Credential{username, password}, context);
        REQUIRE(!service);
        CHECK(service.error().text.find("secret") == std::string::npos);
    }
    // A name can be anything; what reaches Postfix is its slug.
    const auto service =
        render_service(connector("evil\n-o x=y {$z} /regexp/ \u00fc"), std::nullopt, context).value();
    CHECK(service.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos);
    CHECK(option(service, "syslog_name") == "postfix/" + service.name.substr(3));
}

TEST_CASE("a state directory or a site's setting that Postfix would misread is refused",
          "[values][service]") {
    auto odd = context;
    odd.files_directory = "/var/lib/send connector/postfix";
    CHECK(!render_service(connector("Contoso"), std::nullopt, odd));
    odd = context;
    odd.site_header_checks = "pcre:{{/x/ IGNORE}";
    CHECK(render_service(connector("Contoso"), std::nullopt, odd).error().text ==
          "smtp_header_checks in main.cf has a brace without its partner");
}

TEST_CASE("postconf reads every entry as it was meant", "[values][service][postconf]") {
    const test::PrivateInstance site;
    auto instance = site.open();
    auto one = connector("Contoso", {"[a.example]:25", "b.example:587", "[2001:db8::1]:25"});
    one.require_tls = true;
    one.tls_ca_file = "/etc/ssl/a b/$config_directory,c=d#e.pem";
    one.tls_certificate_name = "/etc/ssl/$$chain \"x\".pem";
    auto around = context;
    around.site_header_checks = "pcre:{{/^X-A: (b c)/ REPLACE X-A: $$1}}, regexp:$config_directory/own";
    const auto service = render_service(one, std::nullopt, around).value();
    REQUIRE(instance.edit_services({{service.name, service.master_cf_entry()}}));
    const auto services = instance.connector_services();
    REQUIRE(services);
    REQUIRE(services->size() == 1);
    CHECK(same_entry(services->at("sc-contoso"), service.master_cf_entry()));
    const auto path = instance.service_overrides("smtp_tls_CAfile");
    REQUIRE(path);
    CHECK(path->at("sc-contoso/unix") == "/etc/ssl/a b/$$config_directory,c=d#e.pem");
    for (const auto& [parameter, value] : service.options) {
        CAPTURE(parameter);
        const auto found = instance.service_overrides(parameter);
        REQUIRE(found);
        CHECK(found->at("sc-contoso/unix") == value);
    }
}
