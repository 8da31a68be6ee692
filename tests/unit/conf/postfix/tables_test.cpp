// SPDX-License-Identifier: Apache-2.0
// The tables, asked as Postfix asks them: by postmap(1).
#include "conf/postfix/tables.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/asked_table.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

using namespace sendconnector;
using namespace sendconnector::conf;
using namespace sendconnector::conf::postfix;
using test::check;
using test::connector;
using test::Table;

TEST_CASE("the way of Postfix' own, and to the MX", "[tables]") {
    CHECK(default_route("smtp", "") == "smtp:");
    CHECK(default_route("smtp", "[r.example]:587") == "smtp:[r.example]:587");
    CHECK(default_route("smtp:", "r.example") == "smtp:r.example");
    CHECK(default_route("uucp:gate", "r.example") == "uucp:gate");
    CHECK(default_route("error:5.7.1 costs $5", "") == "error:5.7.1 costs $5");
    check(Table("regexp", route_checks("error:costs $5")),
          {{"X-Sendconnector-Route: default", "FILTER error:costs $5"},
           {"X-Sendconnector-Route: mx", "FILTER smtp:"},
           {"X-Sendconnector-Route: Default", "(none)"},
           {"X-Sendconnector-Route: default ", "(none)"},
           {"X-Sendconnector-Route: default x", "(none)"},
           {"X-Sendconnector-Route: sc-split:[127.0.0.1]:10725", "FILTER sc-split:[127.0.0.1]:10725"}});
}

TEST_CASE("only routes to connectors become FILTER", "[tables]") {
    check(Table("regexp", route_checks("smtp:")),
          {{"X-Sendconnector-Route: sc-contoso:[smtp.example]:587,[2001:db8::1]:25",
            "FILTER sc-contoso:[smtp.example]:587,[2001:db8::1]:25"},
           {"X-Sendconnector-Route: sc-a--b_2e-c:", "FILTER sc-a--b_2e-c:"},
           {"X-Sendconnector-Route: sc-contoso:mail.example:25", "FILTER sc-contoso:mail.example:25"},
           {"X-Sendconnector-Route: smtp:[evil.example]", "(none)"},
           {"X-Sendconnector-Route: sc-contoso", "(none)"},
           {"X-Sendconnector-Route: sc-contoso:[a]:25 x", "(none)"},
           {"X-Sendconnector-Route: sc-contoso:[a]:25\n X: y", "(none)"},
           {"X-Sendconnector-Route: sc-contoso:$name", "(none)"},
           {"X-Sendconnector-Route: sc-contoso:/private/x", "(none)"},
           {"X-Sendconnector-Route: SC-CONTOSO:[a]:25", "(none)"},
           {"X-Sendconnector-Route:  sc-contoso:[a]:25", "(none)"},
           {"X-Sendconnector-Routes: sc-contoso:[a]:25", "(none)"},
           {"Subject: X-Sendconnector-Route: sc-contoso:[a]:25", "(none)"}});
}

TEST_CASE("whatever an MTA-STS resolver answers, TLS stays mandatory", "[tables]") {
    check(Table("regexp", mta_sts_floor()),
          {{"secure match=mx1.example:.example servername=hostname",
            "secure match=mx1.example:.example servername=hostname"},
           {"secure policy_type=sts policy_string={ version: STSv1 } mx_host_pattern=mx.example",
            "secure policy_type=sts policy_string={ version: STSv1 } mx_host_pattern=mx.example"},
           {"dane-only", "dane-only"},
           {"verify,match=hostname", "verify,match=hostname"},
           {"encrypt", "encrypt"},
           {" Secure", "Secure"},
           {"none", "encrypt"},
           {"may", "encrypt"},
           {"MAY protocols=TLSv1.3", "encrypt"},
           {", may", "encrypt"},
           {"dane", "encrypt"},
           {"half-dane", "encrypt"},
           {"securely", "unknown-level"},
           {"maybe", "unknown-level"},
           {"error: no policy", "unknown-level"},
           {"?", "unknown-level"}});
}

TEST_CASE("the header firewall", "[tables]") {
    check(Table("regexp", header_firewall()), {{"X-MS-Exchange-Organization-SCL: -1", "IGNORE"},
                                               {"x-ms-exchange-ORGANIZATION-AuthAs: Internal", "IGNORE"},
                                               {"X-MS-Exchange-Forest-RulesExecuted: a\n b", "IGNORE"},
                                               {"X-MS-Exchange-CrossPremises-AuthAs: Internal", "IGNORE"},
                                               {"X-MS-Exchange-OrganizationX: 1", "(none)"},
                                               {"X-MS-Exchange-Transport-X: 1", "(none)"},
                                               {"Subject: X-MS-Exchange-Organization-SCL: -1", "(none)"}});
}

TEST_CASE("failures of the TLS rule wait", "[tables][status]") {
    auto one = connector("Contoso", {});
    one.require_tls = true;
    one.tls_auth_level = policy::TlsAuthLevel::encryption_only;
    const std::string host = "mail.example[192.0.2.1]";
    check(Table("regexp", status_filter(one)),
          {{"5.7.3 TLS is required, but host " + host + " refused to start TLS: 554 5.7.3 no",
            "4.7.3 TLS is required, but host " + host + " refused to start TLS: 554 5.7.3 no"},
           {"4.7.4 TLS is required, but was not offered by host " + host,
            "4.7.4 TLS is required, but was not offered by host " + host},
           {"4.7.5 Server certificate not verified", "4.7.5 Server certificate not verified"},
           {"4.7.5 Cannot start TLS: handshake failure", "4.7.5 Cannot start TLS: handshake failure"},
           {"5.7.1 host " + host + " refused to talk to me: 554 go",
            "4.7.1 host " + host + " refused to talk to me: 554 go"},
           // The recipient's own server about the recipient.
           {"5.1.1 host " + host + " said: 550 5.1.1 no such user (in reply to RCPT TO command)", "(none)"},
           // Words in a server's mouth.
           {"5.1.1 host " + host + " said: 550 5.1.1 TLS is required, but host x refused to start TLS",
            "(none)"},
           {"5.1.1 host " + host + " said: 550 host x[y] refused to talk to me: z", "(none)"},
           {"5.7.0 host " + host + " said: 530 5.7.0 Authentication required", "(none)"},
           {"2.0.0 250 2.0.0 accepted", "(none)"},
           {"5.4.4 Host or domain name not found. Name service error for name=x type=A: Host not found",
            "(none)"}});
}

TEST_CASE("a smart host's own troubles wait", "[tables][status]") {
    const std::string host = "mail.example[192.0.2.1]";
    check(
        Table("regexp", status_filter(connector("Contoso"))),
        {{"5.4.4 Host or domain name not found. Name service error for name=x.example type=A: Host not found",
          "4.4.4 Host or domain name not found. Name service error for name=x.example type=A: Host not "
          "found"},
         {"5.4.4 Name service error for ::1: invalid host or domain name",
          "4.4.4 Name service error for ::1: invalid host or domain name"},
         {"5.4.4 unable to look up host x.example: Name or service not known",
          "4.4.4 unable to look up host x.example: Name or service not known"},
         {"5.4.4 x.example: host not found", "4.4.4 x.example: host not found"},
         {"5.4.6 mail for x.example loops back to myself", "4.4.6 mail for x.example loops back to myself"},
         {"5.7.0 host " + host + " said: 530 5.7.0 Authentication required (in reply to MAIL FROM command)",
          "4.7.0 host " + host + " said: 530 5.7.0 Authentication required (in reply to MAIL FROM command)"},
         {"5.7.1 host " + host + " refused to talk to me: 554 go",
          "4.7.1 host " + host + " refused to talk to me: 554 go"},
         {"5.1.1 host " + host + " said: 550 5.1.1 x.example: host not found", "(none)"},
         {"5.5.3 host " + host + " said: 553 5.5.3 530 no (in reply to RCPT TO command)", "(none)"},
         {"5.1.0 Domain x.example does not accept mail (nullMX)", "(none)"}});
}

TEST_CASE("DNS-routed connectors leave failures as they are unless told otherwise", "[tables][status]") {
    auto one = connector("Contoso", {});
    CHECK(status_filter(one).empty());
    one.error_policies = policy::ErrorPolicies::downgrade_dns_failures;
    check(Table("regexp", status_filter(one)),
          {{"5.4.4 Host or domain name not found. Name service error for name=x type=A: Host not found",
            "4.4.4 Host or domain name not found. Name service error for name=x type=A: Host not found"},
           {"5.1.0 Domain x.example does not accept mail (nullMX)", "(none)"},
           {"5.7.1 host a[b] refused to talk to me: 554 go", "(none)"}});
}

TEST_CASE("a password is found by its next-hop, in any case, and by nothing else", "[tables][sasl]") {
    const std::string password = "p a\"s$s\\:w#ord{}";
    const auto one =
        connector("Contoso", {"[a.example]:587", "b.example;3", "[2001:db8::1]:25", "[a.example]:587;2"});
    check(Table("texthash", password_map(one, {"us er@contoso.example", password})),
          {{"[a.example]:587", "us er@contoso.example:" + password},
           {"[A.Example]:587", "us er@contoso.example:" + password},
           {"b.example:25", "us er@contoso.example:" + password},
           {"[2001:db8::1]:25", "us er@contoso.example:" + password},
           {"a.example", "(none)"},
           {"[a.example]:25", "(none)"},
           {"[evil.example]:587", "(none)"}});
}
