// SPDX-License-Identifier: Apache-2.0
#include "conf/connector_values.hpp"
#include "conf/file_path.hpp"
#include "conf/host_name.hpp"
#include "conf/name_server.hpp"
#include "conf/source_address.hpp"
#include "conf/text_check.hpp"
#include "conf/time_span.hpp"
#include "tests/unit/catch.hpp"

namespace sendconnector::conf {

TEST_CASE("time spans") {
    struct Row {
        const char* text;
        long long seconds; // -1: refused
    };
    const Row table[] = {
        {"00:00:01", 1},        {"00:10:00", 600},
        {"23:59:59", 86399},    {"1.00:00:00", 86400},
        {"0.01:00:00", 3600},   {"9999.00:00:00", 863913600},
        {"24:00:00", -1},       {"00:60:00", -1},
        {"00:00:60", -1},       {"", -1},
        {"10:00", -1},          {"1:00:00", -1},
        {"00:00:00.5", -1},     {".00:00:00", -1},
        {"-1.00:00:00", -1},    {"00-10-00", -1},
        {" 00:10:00", -1},      {"00:10:00 ", -1},
        {"12345.00:00:00", -1}, {"0x:10:00", -1},
        {"1.2.00:00:00", -1},   {"+0:10:00", -1},
    };
    for (const Row& row : table) {
        CAPTURE(row.text);
        const auto span = parse_time_span(row.text);
        CHECK((span ? span->count() : -1) == row.seconds);
    }
    CHECK(time_span_text(std::chrono::seconds(1)) == "00:00:01");
    CHECK(time_span_text(std::chrono::seconds(86399)) == "23:59:59");
    CHECK(time_span_text(std::chrono::seconds(86400)) == "1.00:00:00");
}

TEST_CASE("paths") {
    CHECK(parse_path("/etc/ssl/private/mail@contoso_1-2.pem") == "/etc/ssl/private/mail@contoso_1-2.pem");
    CHECK(parse_path("/etc/schl\xc3\xbcssel.pem"));
    for (const char* refused :
         {"",     "etc", "./etc", "/a b", "/a,b", "/a;b", "/a:b", "/$a",  "/{a",  "/a}",
          "/\"a", "/'a", "/a\\b", "/#a",  "/a*",  "/a?",  "/a|b", "/a&b", "/a<b", "/a(b"}) {
        CAPTURE(refused);
        CHECK_FALSE(parse_path(refused));
    }
    CHECK(parse_path("/" + std::string(1023, 'x')));
    CHECK_FALSE(parse_path("/" + std::string(1024, 'x')));
    CHECK(parse_socket_path("/" + std::string(106, 'x')));
    CHECK_FALSE(parse_socket_path("/" + std::string(107, 'x')));
}

TEST_CASE("source addresses") {
    struct Row {
        const char* text;
        const char* address; // nullptr: refused
        bool ipv6;
    };
    const Row table[] = {
        {"0.0.0.0", "", false},
        {"::", "", true},
        {"10.1.2.3", "10.1.2.3", false},
        {"2001:DB8:0:0::1", "2001:db8::1", true},
        {"127.0.0.1", "127.0.0.1", false},
        {"224.0.0.1", nullptr, false},
        {"255.255.255.255", nullptr, false},
        {"ff02::1", nullptr, true},
        {"::ffff:10.1.2.3", nullptr, true},
        {"fe80::1%eth0", nullptr, true},
        {"[::1]", nullptr, true},
        {"10.1.2", nullptr, false},
        {"010.1.2.3", nullptr, false},
        {"10.1.2.3/24", nullptr, false},
        {"10.1.2.3 ", nullptr, false},
        {"", nullptr, false},
    };
    for (const Row& row : table) {
        CAPTURE(row.text);
        const auto address = parse_source_address(row.text);
        CHECK(address.has_value() == (row.address != nullptr));
        if (address && row.address != nullptr) {
            CHECK(address->address == row.address);
            CHECK(address->is_ipv6 == row.ipv6);
        }
    }
    CHECK_FALSE(parse_source_address(std::string_view("10.1.2.3\0", 9)));
}

TEST_CASE("name servers") {
    struct Row {
        const char* text;
        const char* canonical; // nullptr: refused
    };
    const Row table[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"127.0.0.1:53", "127.0.0.1:53"},
        {"::1", "::1"},
        {"[::1]", "::1"},
        {"[2001:DB8:0::1]:65535", "[2001:db8::1]:65535"},
        {"", nullptr},
        {"[]", nullptr},
        {"[]:53", nullptr},
        {":53", nullptr},
        {"127.0.0.1:65536", nullptr},
        {"127.0.0.1:+5", nullptr},
        {"127.0.0.1: 5", nullptr},
        {"127.0.0.1:5x", nullptr},
        {"[::1]:", nullptr},
        {"[::1]]:53", nullptr},
        {"::", nullptr},
        {"fe80::1%eth0", nullptr},
        {"::ffff:127.0.0.1", nullptr},
        {"localhost:53", nullptr},
    };
    for (const Row& row : table) {
        CAPTURE(row.text);
        const auto server = parse_name_server(row.text);
        CHECK(server.has_value() == (row.canonical != nullptr));
        CHECK((server ? *server : "") == (row.canonical != nullptr ? row.canonical : ""));
    }
}

TEST_CASE("socketmaps of MTA-STS resolvers") {
    for (const char* map :
         {"socketmap:inet:127.0.0.1:8461:postfix", "socketmap:inet:[::1]:8642:QUERYwithTLSRPT",
          "socketmap:inet:sts.contoso.com:1:x", "socketmap:unix:/run/mta-sts/daemon.sock:postfix",
          "socketmap:unix:mta-sts/daemon.sock:postfix"}) {
        CAPTURE(map);
        CHECK(parse_policy_map(map) == map);
    }
    for (const char* map : {"",
                            "socketmap",
                            "socketmap:",
                            "socketmap:inet:",
                            "socketmap:unix:",
                            "socketmap:unix::postfix",
                            "socketmap:unix:/run/x:",
                            "socketmap:inet:127.0.0.1:8461:",
                            "socketmap:inet:127.0.0.1:8461",
                            "socketmap:inet::8461:postfix",
                            "socketmap:inet:127.0.0.1:0:postfix",
                            "socketmap:inet:127.0.0.1:65536:p",
                            "socketmap:inet:127.0.0.1:smtp:postfix",
                            "Socketmap:unix:/run/x:y",
                            "unix:/run/x:y",
                            "socketmap:unix:/run/x:y}",
                            "socketmap:unix:/run/{x}:y",
                            "socketmap:unix:/run/$x:y",
                            "socketmap:unix:/run/x:y ",
                            "socketmap:unix:/run/x:y\n",
                            "socketmap:unix:/run/x:y,regexp:/z",
                            "proxy:socketmap:unix:/run/x:y"}) {
        CAPTURE(map);
        CHECK_FALSE(parse_policy_map(map));
    }
}

TEST_CASE("host names") {
    CHECK(parse_host_name("Mail.Contoso.com") == "mail.contoso.com");
    CHECK(parse_host_name("exch01") == "exch01");
    for (const char* refused : {"", "a..b", "10.1.2.3", "1", "a b"}) {
        CAPTURE(refused);
        CHECK_FALSE(parse_host_name(refused));
    }
    struct Row {
        const char* a;
        const char* b;
        bool same;
    };
    const Row table[] = {
        {"mx1", "MX1", true},
        {"mx1", "mx1.contoso.com", true},
        {"mx1.contoso.com", "Mx1", true},
        {"mx1.contoso.com", "mx1.Contoso.com", true},
        {"mx1.contoso.com", "mx1.fabrikam.com", false},
        {"mx1", "mx10", false},
        {"mx1", "mx10.contoso.com", false},
    };
    for (const Row& row : table) {
        CAPTURE(row.a, row.b);
        CHECK(may_be_same_host(row.a, row.b) == row.same);
        CHECK(may_be_same_host(row.b, row.a) == row.same);
    }
}

TEST_CASE("depth is counted outside strings and comments only") {
    const std::string dots = std::string(50, '.');
    const std::string brackets = std::string(150, '[');
    for (const std::string& text : {
             "a = \"" + dots + brackets + "\"",
             "a = '" + dots + brackets + "'",
             "# " + dots + brackets,
             "a = \"\"\"\n" + dots + "\n" + brackets + "\"\"\"",
             "a = '''\n" + dots + "\n" + brackets + "'''",
             "a = \"\\\"" + dots + "\"",
             "a = \"\"\"\\\"\"\" " + dots + "\"\"\"",
             "a = \"\"\"x\"\"\"\"\"\nb = '" + dots + "'",
             std::string("\xef\xbb\xbf# M\xc3\xbcller\na = \"\xc3\xbc\"\nb = '\xc3\xbc'"),
             std::string("a = [\n[[1], 2],\n[[]],\n]\n [[ connector ]]\n[['connector']]\n"),
         }) {
        CAPTURE(text);
        CHECK_FALSE(check_text(text));
    }
    for (const std::string& text : {
             "a = \"x\" " + dots,
             "a = \"x\\\\\" " + dots,
             "a = \"open\n" + dots,
             "a = \"\"\"x\"\"\" " + dots,
             "a = \"\"\"x\"\"\"\" " + dots,
             "a = '''x''''' " + dots,
             "a = '\\' " + dots,
             "# comment\n" + brackets,
             std::string("\xc3\xbc = 1"),
             std::string("a = 1\xc2\xa0"),
             std::string("a = \"x\" \xef\xbb\xbf"),
             std::string("[["),
             std::string("a = 1\n \t[[ ]]"),
             std::string("# x\n[[=a]]"),
             std::string("[]"),
             std::string("a = [}"),
             std::string("a = {]"),
             std::string("a = [[1, {b = 1]]"),
             std::string("[\x7f"),
         }) {
        CAPTURE(text);
        CHECK(check_text(text));
    }
    CHECK_FALSE(check_text("a = [1.5, 2.5]\n[[connector]]\n[[connector]]\n"));
    const auto problem = check_text("a = 1\nb = \"\xc3\xbc\xff\"");
    REQUIRE(problem);
    CHECK(problem->at == Spot{2, 7});
}

} // namespace sendconnector::conf
