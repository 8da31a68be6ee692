// SPDX-License-Identifier: Apache-2.0
// `validate --auth`: who is told a password, and who is not.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/one_connector.hpp"

#include <algorithm>
#include <sys/stat.h>

using namespace sendconnector::ctl::test;
using sendconnector::test::Identity;

namespace {

// base64 of "\0anna\0open sesame", "anna" and "open sesame".
constexpr std::string_view plain = "AGFubmEAb3BlbiBzZXNhbWU=";
constexpr std::string_view username = "YW5uYQ==";
constexpr std::string_view password = "b3BlbiBzZXNhbWU=";

bool has_part(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string with_credential(const std::string& rule) {
    return rule +
           "smart_host_auth_mechanism = \"BasicAuthRequireTLS\"\nauthentication_credential = \"anna\"\n";
}

void write_credential(const Folder& folder) {
    folder.write("credentials.d/anna", "username = \"anna\"\npassword = \"open sesame\"\n");
    REQUIRE(::chmod(folder.path("credentials.d/anna").c_str(), 0600) == 0);
    REQUIRE(::chmod(folder.path("credentials.d").c_str(), 0700) == 0);
}

bool was_told_a_password(const SmartHost& host) {
    return std::ranges::any_of(host.heard_in_tls(), [](const std::string& line) {
        return has_part(line, plain) || has_part(line, password);
    });
}

std::string answer_plain(const std::string& line) {
    return line == "AUTH PLAIN " + std::string(plain) ? "235 2.7.0 welcome\r\n" : "535 5.7.8 no\r\n";
}

std::string answer_login(const std::string& line) {
    if (line == "AUTH LOGIN")
        return "334 VXNlcm5hbWU6\r\n";
    if (line == username)
        return "334 UGFzc3dvcmQ6\r\n";
    return line == password ? "235 2.7.0 welcome\r\n" : "535 5.7.8 no\r\n";
}

} // namespace

TEST_CASE("validate --auth: credentials that are taken, and that are not") {
    struct Case {
        std::string offered;
        std::function<std::string(const std::string&)> reply;
        int status;
        std::string text;
    };
    const Case cases[] = {
        {"AUTH PLAIN LOGIN", answer_plain, 0, "Login: accepted by PLAIN: 235 2.7.0 welcome\n"},
        {"AUTH LOGIN XOAUTH2", answer_login, 0, "Login: accepted by LOGIN: 235 2.7.0 welcome\n"},
        {"auth=plain", answer_plain, 0, "Login: accepted by PLAIN"},
        {"AUTH PLAIN", [](const std::string&) { return "535 5.7.8 wrong\r\n"; }, 1,
         "Login: refused by PLAIN: 535 5.7.8 wrong\n"},
        {"AUTH PLAIN", [](const std::string&) { return "454 4.7.0 later\r\n"; }, 2,
         "Login: unknown by PLAIN: 454 4.7.0 later\n"},
        {"AUTH XOAUTH2", answer_plain, 2, "Login: unknown: the server offers XOAUTH2; only PLAIN and LOGIN"},
        {"SIZE 1", answer_plain, 2, "Login: unknown: the server offers no login under TLS\n"},
    };
    for (const Case& one : cases) {
        const SmartHost host({.chain = always(good()),
                              .ehlo_in_tls = "250-mx.test\r\n250 " + one.offered + "\r\n",
                              .reply = one.reply});
        const OneConnector connector(host.next_hop(), with_credential(strict));
        write_credential(connector.folder());
        const Ran ran = connector.run({"--auth"});
        INFO(ran.out << ran.err);
        CHECK(ran.status == one.status);
        CHECK(has_part(ran.out, one.text));
        CHECK_FALSE(has_part(ran.out, "sesame"));
    }
}

TEST_CASE("validate --auth: no password for a server that fails its connector's rule") {
    const SmartHost host({.chain = always(expired()), .reply = answer_plain});
    const OneConnector connector(host.next_hop(), with_credential(strict));
    write_credential(connector.folder());
    const Ran ran = connector.run({"--auth"});
    INFO(ran.out);
    CHECK(ran.status == 1);
    CHECK(has_part(ran.out, "Login: unknown: not tried: the smart host does not pass\n"));
    CHECK_FALSE(was_told_a_password(host));
}

TEST_CASE("validate --auth: no password for a server that shows another certificate than a moment ago") {
    const Identity other =
        sendconnector::test::issue(sendconnector::test::server_spec("mx.contoso.com"), root());
    const SmartHost host(
        {.chain = [&](int number) { return std::vector<Identity>{number == 0 ? good() : other}; },
         .reply = answer_plain});
    const OneConnector connector(host.next_hop(), with_credential(strict));
    write_credential(connector.folder());
    const Ran ran = connector.run({"--auth"});
    INFO(ran.out);
    CHECK(ran.status == 2);
    CHECK(has_part(ran.out, "Login: unknown: the server shows another certificate than a moment ago"));
    CHECK_FALSE(was_told_a_password(host));
}

TEST_CASE("validate --auth: no password where somebody writes into the session, or TLS fails") {
    struct Case {
        std::string reply;
        std::string text;
    };
    const Case cases[] = {
        {"220 go ahead\r\n250 AUTH PLAIN\r\n", "Login: unknown: STARTTLS: there is more than a reply"},
        {"454 4.7.0 not now\r\n", "Login: unknown: the server answered STARTTLS with 454 4.7.0 not now\n"},
        {"220 go ahead\r\n\x15\x03\x03", "Login: unknown: STARTTLS: there is more than a reply"},
        {"?\r\n", "Login: unknown: STARTTLS: "},
        {"", "Login: unknown: "},
    };
    for (const Case& one : cases) {
        const SmartHost host(
            {.chain = always(good()), .later_starttls_reply = one.reply, .reply = answer_plain});
        const OneConnector connector(host.next_hop(), with_credential(strict));
        write_credential(connector.folder());
        std::ofstream(connector.folder().configuration(), std::ios::app)
            << "[tls]\nprobe_time = \"00:00:03\"\n";
        const Ran ran = connector.run({"--auth"});
        INFO(ran.out << ran.err);
        CHECK(ran.status == 2);
        CHECK(has_part(ran.out, one.text));
        CHECK_FALSE(was_told_a_password(host));
    }
}

TEST_CASE("validate --auth: no password without TLS") {
    const SmartHost host({.reply = answer_plain});
    const OneConnector connector(
        host.next_hop(), "smart_host_auth_mechanism = \"BasicAuth\"\nauthentication_credential = \"anna\"\n");
    write_credential(connector.folder());
    const Ran ran = connector.run({"--auth"});
    INFO(ran.out);
    CHECK(ran.status == 2);
    CHECK(has_part(ran.out, "Login: unknown: not tried: there is no session under TLS"));
}

TEST_CASE("validate --auth: a server that repeats the password is not quoted") {
    const SmartHost host({.chain = always(good()), .reply = [](const std::string& line) {
                              return "535 5.7.8 no such login: " + line + " open sesame\r\n";
                          }});
    const OneConnector connector(host.next_hop(), with_credential(strict));
    write_credential(connector.folder());
    const Ran ran = connector.run({"--auth"});
    INFO(ran.out);
    CHECK(ran.status == 1);
    CHECK(has_part(ran.out, "535 5.7.8 no such login: AUTH PLAIN (secret) (secret)\n"));
    CHECK_FALSE(has_part(connector.run({"--auth", "--json"}).out, plain));
}

TEST_CASE("validate --auth: a connector without credentials is noted, not failed") {
    const SmartHost host({.chain = always(good())});
    const OneConnector connector(host.next_hop(), strict);
    const Ran ran = connector.run({"--auth"});
    CHECK(ran.status == 0);
    CHECK(ran.err == "sendconnectorctl: note: connector \"Contoso\" has no credentials to try\n");
}
