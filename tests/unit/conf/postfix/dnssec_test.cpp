// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/dnssec.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"
#include "tests/unit/conf/postfix/scripted_name_server.hpp"

using namespace sendconnector::conf::postfix;
using Texts = std::vector<std::string>;
using std::chrono::milliseconds;

namespace {

std::string verdict(const test::ScriptedNameServer::Script& script,
                    milliseconds limit = std::chrono::seconds(10)) {
    const test::ScriptedNameServer server(script);
    const auto checked =
        check_validation("127.0.0.1", server.port(), std::chrono::steady_clock::now() + limit);
    return checked ? "validates" : checked.error().text;
}

constexpr const char* not_told = "could not tell whether the name server 127.0.0.1 validates DNSSEC: ";

} // namespace

TEST_CASE("a name server validates when it says so about the root", "[dnssec]") {
    std::string seen;
    CHECK(verdict([&](const std::string& query) {
              seen = query;
              return test::response(query, 0x81, 0xA0);
          }) == "validates");
    REQUIRE(seen.size() == 17);
    // RD and AD, one question: the root, SOA, IN.
    CHECK(seen.substr(2) == std::string("\x01\x20\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x01", 15));

    CHECK(
        verdict([](const std::string& query) { return test::response(query, 0x81, 0x80); }) ==
        "the name server 127.0.0.1 does not validate DNSSEC: its answer about the root is not authenticated");
}

TEST_CASE("what is no answer about the root does not tell", "[dnssec]") {
    CHECK(verdict([](const std::string& query) { return test::response(query, 0x81, 0xA2); }) ==
          std::string(not_told) + "it answers a question about the root with code 2");
    CHECK(verdict([](const std::string& query) { return test::response(query, 0x81, 0xA5, 0); }) ==
          std::string(not_told) + "it answers a question about the root with code 5");
    CHECK(verdict([](const std::string& query) { return test::response(query, 0x81, 0xA0, 0); }) ==
          std::string(not_told) + "it answers that the root has no SOA record");
    CHECK(verdict([](const std::string&) { return std::string(); }, milliseconds(200)) ==
          std::string(not_told) + "it does not answer");
    const std::vector<test::ScriptedNameServer::Script> not_to_us = {
        [](const std::string& query) { return query; }, // a question
        [](const std::string& query) { return test::response(query, 0x81, 0xA0).substr(0, 12); }, // cut
        [](const std::string&) { return std::string("x"); },
        [](const std::string& query) {
            std::string other = test::response(query, 0x81, 0xA0);
            other[0] = static_cast<char>(~other[0]);
            return other;
        },
        [](const std::string& query) {
            std::string other = test::response(query, 0x81, 0xA0);
            other[14] = 1; // about an address
            return other;
        },
    };
    for (const auto& script : not_to_us) {
        CHECK(verdict(script, milliseconds(100)) == std::string(not_told) + "it does not answer");
    }
}

TEST_CASE("a lost question is repeated", "[dnssec]") {
    int count = 0;
    CHECK(verdict([&](const std::string& query) {
              return ++count < 2 ? std::string() : test::response(query, 0x81, 0xA0);
          }) == "validates");
}

TEST_CASE("nobody listens at the name server's port", "[dnssec]") {
    std::uint16_t port = 0;
    {
        const test::ScriptedNameServer gone([](const std::string&) { return std::string(); });
        port = gone.port();
    }
    const auto checked =
        check_validation("127.0.0.1", port, std::chrono::steady_clock::now() + std::chrono::seconds(10));
    REQUIRE(!checked);
    CHECK(checked.error().text == std::string(not_told) + "Connection refused");
    CHECK(checked.error().hint.starts_with("run a resolver that validates on this host, such as unbound"));
}

TEST_CASE("the name servers of resolv.conf, as the C library takes them", "[dnssec]") {
    CHECK(name_servers("") == Texts{"127.0.0.1"});
    CHECK(name_servers("# nameserver 192.0.2.1\nsearch contoso.example\n") == Texts{"127.0.0.1"});
    CHECK(name_servers("nameserver 127.0.0.53\noptions edns0 trust-ad\n") == Texts{"127.0.0.53"});
    CHECK(name_servers(
              "nameserver\t::1 # here\nnameserver 192.0.2.1;x\r\nnameserver  a b\nnameserver 192.0.2.4") ==
          Texts{"::1", "192.0.2.1", "a"});
    CHECK(
        name_servers(
            "nameservers 192.0.2.1\n nameserver 192.0.2.2\nnameserver\nnameserver \nnameserver 127.0.0.2") ==
        Texts{"127.0.0.2"});
}

TEST_CASE("which resolv.conf a service reads", "[dnssec]") {
    CHECK(resolver_file("/q", "y", "3.6") == "/q/etc/resolv.conf");
    CHECK(resolver_file("/q", "n", "0") == "/etc/resolv.conf");
    CHECK(resolver_file("/q", "-", "3.6") == "/etc/resolv.conf");
    CHECK(resolver_file("/q", "-", "0") == "/q/etc/resolv.conf");
    CHECK(resolver_file("/q", "-", "") == "/q/etc/resolv.conf");
}

TEST_CASE("a name server elsewhere cannot be believed, whatever it says", "[dnssec]") {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "resolv.conf";
    for (const std::string server :
         {"192.0.2.53", "2001:db8::53", "0.0.0.0", "::", "::ffff:127.0.0.1", "dns.example"}) {
        test::spill(file, "nameserver 127.0.0.1\nnameserver " + server + "\n");
        const auto checked = check_dnssec(file, milliseconds(100));
        REQUIRE(!checked);
        CHECK(checked.error().text ==
              file.string() + " names the name server " + server + ", which is not on this host");
    }
}
