// SPDX-License-Identifier: Apache-2.0
// The value types of policy/: what each takes, refuses and makes of it.
#include "policy/address_space.hpp"
#include "policy/domain.hpp"
#include "policy/message_size.hpp"
#include "policy/sender.hpp"
#include "policy/sender_pattern.hpp"
#include "policy/smart_host.hpp"
#include "policy/tls.hpp"
#include "tests/unit/catch.hpp"

#include <map>

using namespace sendconnector;
using namespace sendconnector::policy;

TEST_CASE("domains are compared as lower-case A-labels") {
    struct Row {
        std::string_view written;
        std::string_view want; // empty: refused
    };
    // static: the rows outlive one run of the test case
    static const std::string long_label(64, 'a');
    static const std::string longest_label(63, 'a');
    static const std::string four =
        longest_label + "." + longest_label + "." + longest_label + "." + longest_label;
    const auto row = GENERATE_COPY(values<Row>({
        {"contoso.com", "contoso.com"},
        {"CONTOSO.Com.", "contoso.com"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example",
         "xn--bcher-kva.example"},
        {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
        {"a_b.example", "a_b.example"},
        {"localhost", "localhost"},
        {"", ""},
        {".", ""},
        {"a..b", ""},
        {".contoso.com", ""},
        {"-a.example", ""},
        {"a-.example", ""},
        {"a b.example", ""},
        {"a@b", ""},
        {"\xff\xfe.example", ""},
        {long_label, ""},
        {four, ""},
    }));
    CAPTURE(row.written);
    const auto domain = Domain::parse(row.written);
    CHECK(domain.has_value() == !row.want.empty());
    if (domain)
        CHECK(domain->text() == row.want);
    else
        CHECK(domain.error().text.find("\"") != std::string::npos);
}

TEST_CASE("what an address' domain part cannot be converted to equals no domain") {
    CHECK(comparable_domain("Contoso.COM.") == "contoso.com");
    CHECK(comparable_domain("[192.0.2.1]") == "[192.0.2.1]");
    CHECK(comparable_domain("\xff.example") == "\xff.example");
    CHECK(comparable_domain("b\xc3\xbc"
                            "cher.example") == "xn--bcher-kva.example");
}

TEST_CASE("below means at a label boundary") {
    CHECK(is_or_below("contoso.com", "contoso.com"));
    CHECK(is_or_below("mail.contoso.com", "contoso.com"));
    CHECK_FALSE(is_or_below("notcontoso.com", "contoso.com"));
    CHECK_FALSE(is_or_below("com", "contoso.com"));
}

TEST_CASE("envelope senders are taken apart as Postfix hands them over") {
    struct Row {
        std::string_view address;
        std::string_view delimiters;
        bool null;
        std::string_view local;
        std::string_view base;
        std::string_view domain;
    };
    const auto row = GENERATE(values<Row>({
        {"", "+", true, "", "", ""},
        {"<>", "+", true, "", "", ""},
        {"\"<>\"", "+", true, "", "", ""},
        {"Alice@Contoso.COM", "+", false, "alice", "alice", "contoso.com"},
        {"alice+news@contoso.com", "+", false, "alice+news", "alice", "contoso.com"},
        {"alice+news@contoso.com", "", false, "alice+news", "alice+news", "contoso.com"},
        {"alice-a+b@contoso.com", "+-", false, "alice-a+b", "alice", "contoso.com"},
        {"+news@contoso.com", "+", false, "+news", "+news", "contoso.com"},
        {"mailer-daemon@contoso.com", "-", false, "mailer-daemon", "mailer-daemon", "contoso.com"},
        {"owner-list@contoso.com", "-", false, "owner-list", "owner-list", "contoso.com"},
        {"list-request@contoso.com", "-", false, "list-request", "list-request", "contoso.com"},
        {"\"john doe\"@contoso.com", "+", false, "john doe", "john doe", "contoso.com"},
        {"john doe@contoso.com", "+", false, "john doe", "john doe", "contoso.com"},
        {"\"a\\\"b\"@contoso.com", "+", false, "a\"b", "a\"b", "contoso.com"},
        {"\"a@b\"@contoso.com", "+", false, "a@b", "a@b", "contoso.com"},
        {"a@b@contoso.com", "+", false, "a@b", "a@b", "contoso.com"},
        {"alice", "+", false, "alice", "alice", ""},
        {"alice@[192.0.2.1]", "+", false, "alice", "alice", "[192.0.2.1]"},
    }));
    CAPTURE(row.address, row.delimiters);
    const auto sender = Sender::parse(row.address, row.delimiters);
    CHECK(sender.is_null() == row.null);
    CHECK(sender.local() == row.local);
    CHECK(sender.base_local() == row.base);
    CHECK(sender.domain() == row.domain);
}

TEST_CASE("sender patterns") {
    struct Row {
        std::string_view written;
        std::string_view key;  // empty: refused
        std::string_view text; // canonical
    };
    const auto row = GENERATE(values<Row>({
        {"*", "*", "*"},
        {"<>", "<>", "<>"},
        {"Contoso.com", "contoso.com", "contoso.com"},
        {"*.Contoso.com", ".contoso.com", "*.contoso.com"},
        {"*.com", ".com", "*.com"},
        {"CEO@Contoso.com", "ceo@contoso.com", "ceo@contoso.com"},
        {"\"john doe\"@contoso.com", "john doe@contoso.com", "\"john doe\"@contoso.com"},
        {"\"ceo\"@contoso.com", "ceo@contoso.com", "ceo@contoso.com"},
        {"", "", ""},
        {"*contoso.com", "", ""},
        {"*@contoso.com", "", ""},
        {"@contoso.com", "", ""},
        {"ceo@", "", ""},
        {"ceo@*.contoso.com", "", ""},
        {"john doe@contoso.com", "", ""},
        {"a\tb@contoso.com", "", ""},
        {"\"\"@contoso.com", "", ""},
        {"a..", "", ""},
    }));
    CAPTURE(row.written);
    const auto pattern = SenderPattern::parse(row.written);
    CHECK(pattern.has_value() == !row.key.empty());
    if (pattern) {
        CHECK(pattern->key() == row.key);
        CHECK(pattern->text() == row.text);
        CHECK(SenderPattern::parse(pattern->text())->key() == row.key);
    }
}

TEST_CASE("address spaces follow Exchange's Type:Space;Cost") {
    struct Row {
        std::string_view written;
        std::string_view text; // empty: refused
    };
    const auto row = GENERATE(values<Row>({
        {"*", "smtp:*;1"},
        {"SMTP:*;1", "smtp:*;1"},
        {"smtp:contoso.com;5", "smtp:contoso.com;5"},
        {"*.Contoso.com;100", "smtp:*.contoso.com;100"},
        {"--", "smtp:--;1"},
        {"*.com", "smtp:*.com;1"},
        {"*contoso.com", ""},
        {"contoso.com;0", ""},
        {"contoso.com;101", ""},
        {"contoso.com;", ""},
        {"contoso.com;1x", ""},
        {"X400:c=us;1", ""},
        {"x400:*", ""},
        {"", ""},
        {"smtp:", ""},
    }));
    CAPTURE(row.written);
    const auto space = AddressSpace::parse(row.written);
    CHECK(space.has_value() == !row.text.empty());
    if (space)
        CHECK(space->text() == row.text);
    else
        CHECK_FALSE(space.error().hint.empty());
}

TEST_CASE("an address space with a wildcard holds the domain and all below it, the plain one only itself") {
    const auto plain = *AddressSpace::parse("contoso.com");
    const auto below = *AddressSpace::parse("*.contoso.com");
    const auto top = *AddressSpace::parse("*.com");
    const auto any = *AddressSpace::parse("*");
    CHECK(plain.matches("contoso.com"));
    CHECK_FALSE(plain.matches("mail.contoso.com"));
    CHECK(below.matches("contoso.com"));
    CHECK(below.matches("a.b.contoso.com"));
    CHECK_FALSE(below.matches("notcontoso.com"));
    CHECK(any.matches("whatever.example"));
    CHECK_FALSE(AddressSpace::parse("--")->matches("contoso.com"));
    CHECK(plain.specificity() > below.specificity());
    CHECK(below.specificity() > top.specificity());
    CHECK(top.specificity() > any.specificity());
}

TEST_CASE("message sizes as Exchange writes and prints them") {
    struct Row {
        std::string_view written;
        std::int64_t octets; // -1: refused
    };
    const auto row = GENERATE(values<Row>({
        {"35MB", 36'700'160},
        {"35 mb", 36'700'160},
        {"35 MB (36,700,160 bytes)", 36'700'160},
        {"36700160", 36'700'160},
        {"1B", 1},
        {"0", 0},
        {"64KB", 65'536},
        {"1GB", 1'073'741'824},
        {"2147483647", 2'147'483'647},
        {"2147483648", -1},
        {"2GB", -1},
        {"1TB", -1},
        {"99999999999999999999", -1},
        {"-1", -1},
        {"35 MiB", -1},
        {"MB", -1},
        {"", -1},
        {"35MB (36,700,160 octets)", -1},
        {"35  MB", -1},
    }));
    CAPTURE(row.written);
    const auto size = MessageSize::parse(row.written);
    CHECK(size.has_value() == (row.octets >= 0));
    if (size)
        CHECK(size->octets() == static_cast<std::uint64_t>(row.octets));
    CHECK(MessageSize::parse("Unlimited")->is_unlimited());
    CHECK(MessageSize::octets(36'700'160).text() == "35 MB (36,700,160 bytes)");
    CHECK(MessageSize::octets(4000).text() == "3.906 KB (4,000 bytes)");
    CHECK(MessageSize::octets(0).text() == "0 B (0 bytes)");
    CHECK(MessageSize::octets(10).admits(10));
    CHECK_FALSE(MessageSize::octets(10).admits(11));
}

TEST_CASE("smart hosts and their next-hops") {
    struct Row {
        std::string_view written;
        std::string_view next_hop; // with connector port 25; empty: refused
        std::string_view text;
    };
    const auto row = GENERATE(values<Row>({
        {"[smtp.example]:587", "[smtp.example]:587", "[smtp.example]:587"},
        {"[SMTP.Example]", "[smtp.example]:25", "[smtp.example]"},
        {"smtp.example", "smtp.example:25", "smtp.example"},
        {"smtp.example:26;3", "smtp.example:26", "smtp.example:26;3"},
        {"192.0.2.1", "[192.0.2.1]:25", "192.0.2.1"},
        {"[192.0.2.1]:26", "[192.0.2.1]:26", "192.0.2.1:26"},
        {"2001:DB8::1", "[2001:db8::1]:25", "2001:db8::1"},
        {"[2001:db8::1]:26", "[2001:db8::1]:26", "[2001:db8::1]:26"},
        {"192.0.2.256", "", ""},
        {"[smtp.example", "", ""},
        {"[smtp.example]587", "", ""},
        {"smtp.example:0", "", ""},
        {"smtp.example:65536", "", ""},
        {"smtp.example:", "", ""},
        {"smtp.example;0", "", ""},
        {"smtp.example;101", "", ""},
        {"[]", "", ""},
        {"", "", ""},
        {"a b", "", ""},
        {"a,b", "", ""},
    }));
    CAPTURE(row.written);
    const auto host = SmartHost::parse(row.written);
    CHECK(host.has_value() == !row.next_hop.empty());
    if (host) {
        CHECK(host->next_hop(25) == row.next_hop);
        CHECK(host->text() == row.text);
        CHECK(SmartHost::parse(host->text())->next_hop(25) == row.next_hop);
    }
}

TEST_CASE("smart hosts are drawn by weight, and the others follow in listed order") {
    std::vector<SmartHost> hosts;
    for (const auto* text : {"a.example;1", "b.example;2", "c.example;1"})
        hosts.push_back(*SmartHost::parse(text));
    std::map<std::string, int> first;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const auto order = order_for(hosts, seed);
        REQUIRE(order.size() == 3);
        const auto at = static_cast<std::size_t>(order[0] - hosts.data());
        CHECK(order[1] == &hosts[(at + 1) % 3]);
        CHECK(order[2] == &hosts[(at + 2) % 3]);
        ++first[order[0]->host()];
    }
    CHECK(first["a.example"] == 100);
    CHECK(first["b.example"] == 200);
    CHECK(first["c.example"] == 100);
    CHECK(order_for({}, 7).empty());
}

TEST_CASE("TLS domains") {
    CHECK(TlsDomain::parse("Mail.Contoso.com")->text() == "mail.contoso.com");
    CHECK(TlsDomain::parse("*.Contoso.com")->text() == "*.contoso.com");
    CHECK(TlsDomain::parse("*.contoso.com")->is_wildcard());
    CHECK_FALSE(TlsDomain::parse("*"));
    CHECK_FALSE(TlsDomain::parse("*contoso.com"));
    CHECK_FALSE(TlsDomain::parse(""));
}
