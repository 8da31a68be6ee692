// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/conversations.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <set>
#include <sstream>

using namespace sendconnector::mail_log;

namespace {

const Time noon = *StampReader(Time()).read("2026-11-23T12:00:00Z");

class Recorder {
public:
    Recorder()
        : conversations(
              [this](const SendLogRow& row) { rows.push_back(row); },
              [](std::string_view slug) { return slug == "good" ? "Good One" : std::string(slug); }) {}

    // Lines of process 7 of the connector, unless they name one: "[8] text". A millisecond apart.
    void say(const std::string& text, const char* tag = "postfix/good/smtp") {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::string_view said = line;
            std::string_view pid = "7";
            if (said.starts_with('[')) {
                pid = said.substr(1, 1);
                said.remove_prefix(4);
            }
            now += std::chrono::milliseconds(1);
            conversations.take({.tag = tag, .pid = pid, .text = said}, now);
        }
    }
    // "event data|context" a row, sessions as 1, 2, ...
    std::string text() const {
        std::string out;
        std::vector<std::string> ids;
        for (const SendLogRow& row : rows) {
            auto id = std::find(ids.begin(), ids.end(), row.session);
            if (id == ids.end())
                id = ids.insert(ids.end(), row.session);
            out += fmt::format("{} {} {}{}{}\n", id - ids.begin() + 1, row.sequence, row.event,
                               row.data.empty() ? "" : " " + row.data,
                               row.context.empty() ? "" : "|" + row.context);
        }
        return out;
    }

    std::vector<SendLogRow> rows;
    Conversations conversations;
    Time now = noon;
};

const std::string connect = "smtp_connect_addr: trying: mx[192.0.2.1] port 25...\n"
                            "vstream_tweak_tcp: TCP_MAXSEG 32741\n";
const std::string log_in = "< mx[192.0.2.1]:25: 250 AUTH PLAIN LOGIN\n"
                           "maps_find: smtp_sasl_password_maps: texthash:x: mx = anna:open sesame\n"
                           "smtp_sasl_passwd_lookup: host `mx' user `anna' pass `open sesame'\n"
                           "xsasl_cyrus_client_get_passwd: open sesame\n"
                           "xsasl_cyrus_client_first: uncoded initial reply: \\000anna\\000open sesame\n";

} // namespace

TEST_CASE("conversations: a session from end to end") {
    Recorder heard;
    heard.say(
        connect +
        "< mx[192.0.2.1]:25: 220 mx ESMTP\n"
        "> mx[192.0.2.1]:25: EHLO us\n"
        "< mx[192.0.2.1]:25: 250-mx\n"
        "< mx[192.0.2.1]:25: 250 STARTTLS\n"
        "> mx[192.0.2.1]:25: STARTTLS\n"
        "< mx[192.0.2.1]:25: 220 go ahead\n"
        "mx[192.0.2.1]:25: subject_CN=mx.example, issuer_CN=Root, X, fingerprint=AA:BB, pkey_fingerprint=CC\n"
        "Verified TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 bits)\n"
        "name_mask: noanonymous\n"
        "> mx[192.0.2.1]:25: MAIL FROM:<a@b>\n"
        "> mx[192.0.2.1]:25: .\n"
        "> mx[192.0.2.1]:25: QUIT\n"
        "< mx[192.0.2.1]:25: 250 2.0.0 accepted\n"
        "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 "
        "ok)\n"
        "name_mask: resource\nname_mask: software\n");
    CHECK(heard.text() ==
          "1 0 *|attempting to connect\n"
          "1 1 +\n"
          "1 2 < 220 mx ESMTP\n"
          "1 3 > EHLO us\n"
          "1 4 < 250-mx\n"
          "1 5 < 250 STARTTLS\n"
          "1 6 > STARTTLS\n"
          "1 7 < 220 go ahead\n"
          "1 8 * CN=mx.example|Certificate subject\n"
          "1 9 * CN=Root, X|Certificate issuer name\n"
          "1 10 * AA:BB|Certificate thumbprint\n"
          "1 11 *|Verified TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 "
          "bits)\n"
          "1 12 > MAIL FROM:<a@b>\n"
          "1 13 > .\n"
          "1 14 > QUIT\n"
          "1 15 < 250 2.0.0 accepted\n"
          "1 16 *|AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, "
          "status=sent (250 ok)\n"
          "1 17 -|Local\n");
    CHECK(heard.rows[0].connector == "Good One");
    CHECK(heard.rows[0].remote == "192.0.2.1:25");
    CHECK(heard.rows[0].session.size() == 16);
    CHECK(heard.rows[0].session.starts_with("08D"));
}

TEST_CASE("conversations: no credential gets through, whichever way it is said") {
    struct Case {
        const char* name;
        std::string said;
        const char* want;
    };
    const Case cases[] = {
        {"PLAIN at once",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 235 welcome\n",
         "> AUTH PLAIN <authentication response>\n< 235 welcome\n"},
        {"LOGIN",
         "> mx[192.0.2.1]:25: AUTH LOGIN\n< mx[192.0.2.1]:25: 334 VXNlcm5hbWU6\n> mx[192.0.2.1]:25: "
         "YW5uYQ==\n"
         "< mx[192.0.2.1]:25: 334 UGFzc3dvcmQ6\n> mx[192.0.2.1]:25: b3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: "
         "235 welcome\n",
         "> AUTH LOGIN\n< 334 <authentication response>\n> <authentication response>\n< 334 <authentication "
         "response>\n"
         "> <authentication response>\n< 235 welcome\n"},
        {"a case of its own", "> mx[192.0.2.1]:25: auth plain AGFubmEAb3BlbiBzZXNhbWU=\n",
         "> auth plain <authentication response>\n"},
        {"a server that says it back, in either form",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n"
         "< mx[192.0.2.1]:25: 535-not AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 nor open sesame\n",
         "> AUTH PLAIN <authentication response>\n< 535-not <authentication response>\n"
         "< 535 nor <authentication response>\n"},
        {"a server that lets it be tried again",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 no\n"
         "> mx[192.0.2.1]:25: AUTH LOGIN YW5uYQ==\n< mx[192.0.2.1]:25: 334 x\n> mx[192.0.2.1]:25: *\n< "
         "mx[192.0.2.1]:25: 501 no\n"
         "> mx[192.0.2.1]:25: MAIL FROM:<a@b>\n",
         "> AUTH PLAIN <authentication response>\n< 535 no\n> AUTH LOGIN <authentication response>\n"
         "< 334 <authentication response>\n> *\n< 501 no\n> MAIL FROM:<a@b>\n"},
        {"said in a delivery",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 no\n"
         "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=4.7.8, status=deferred (said: open "
         "sesame)\n",
         "> AUTH PLAIN <authentication response>\n< 535 no\n* AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, "
         "delay=0, dsn=4.7.8, "
         "status=deferred (said: <authentication response>)\n"},
    };
    for (const Case& c : cases) {
        INFO(c.name);
        Recorder heard;
        heard.say(connect + log_in);
        heard.rows.clear();
        heard.say(c.said);
        std::string text;
        for (const SendLogRow& row : heard.rows)
            text += fmt::format("{} {}{}\n", row.event, row.data, row.context);
        CHECK(text == c.want);
        for (const char* secret : {"sesame", "b3BlbiBzZXNhbWU", "AGFubmEA"})
            CHECK(text.find(secret) == std::string::npos);
    }
}

TEST_CASE("conversations: what is passed on is free of credentials as well") {
    Recorder heard;
    heard.say(connect + log_in + "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n");
    const LogLine line{.tag = "postfix/good/smtp", .pid = "7"};
    CHECK(heard.conversations.without_secrets(line, "a open sesame AGFubmEAb3BlbiBzZXNhbWU= b") ==
          "a <authentication response> <authentication response> b");
    for (const char* secret :
         {"maps_find: smtp_sasl_password_maps: texthash:x: mx = anna:open sesame",
          "smtp_sasl_passwd_lookup: host `mx' user `anna' pass `open sesame'",
          "xsasl_cyrus_client_get_passwd: open sesame", "> mx[192.0.2.1]:25: AUTH PLAIN x",
          "xsasl_cyrus_client_first: uncoded initial reply: x", "send attr passwd = x",
          "input attribute value: open sesame", "connect to subsystem private/bounce",
          "hbc_header_checks: 'Subject: x'", "private/tlsmgr: wanted attribute: seed"})
        CHECK_FALSE(is_ordinary(secret));
    for (const char* line_of_all :
         {"AAAAAA01: to=<x@y>, relay=none", "4jYC3p4JMMz1hJZL: host mx said: 450",
          "connect to mx[192.0.2.1]:25: Connection refused",
          "warning: no MX host for x has a valid address record",
          "Untrusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3", "fatal: x",
          "server certificate verification failed for mx[192.0.2.1]:25: num=62:hostname mismatch",
          "SSL_connect error to mx[192.0.2.1]:25: -1"})
        CHECK(is_ordinary(line_of_all));
}

TEST_CASE("conversations: processes are told apart, other programs passed over") {
    Recorder heard;
    heard.say("[1] smtp_connect_addr: trying: mx[192.0.2.1] port 25...\n"
              "[2] smtp_connect_addr: trying: mx[2001:db8::1] port 587...\n"
              "[1] < mx[192.0.2.1]:25: 220 one\n"
              "[2] < mx[2001:db8::1]:587: 220 two\n"
              "[1] name_mask: software\n"
              "[2] name_mask: software\n");
    heard.say("> mx[192.0.2.1]:25: x\n", "postfix/good/smtpd");
    CHECK(heard.text() == "1 0 *|attempting to connect\n2 0 *|attempting to connect\n1 1 +\n1 2 < 220 one\n2 "
                          "1 +\n2 2 < 220 two\n"
                          "1 3 -|Local\n2 3 -|Local\n");
    CHECK(heard.rows[1].remote == "[2001:db8::1]:587");
}

TEST_CASE("conversations: what does not come about, breaks off, or goes on") {
    struct Case {
        const char* name;
        std::string said;
        const char* want;
    };
    const Case cases[] = {
        {"refused, then the next address",
         connect + "connect to mx[192.0.2.1]:25: Connection refused\nsmtp_connect_addr: trying: "
                   "mx[192.0.2.2] port 25...\n"
                   "< mx[192.0.2.2]:25: 220 x\n",
         "1 0 *|attempting to connect\n1 1 *|Failed to connect: Connection refused\n2 0 *|attempting to "
         "connect\n2 1 +\n2 2 < 220 x\n"},
        {"lost",
         connect + "< mx[192.0.2.1]:25: 220 x\nAAAAAA01: lost connection with mx[192.0.2.1] while "
                   "sending\nname_mask: software\n",
         "1 0 *|attempting to connect\n1 1 +\n1 2 < 220 x\n1 3 *|AAAAAA01: lost connection with "
         "mx[192.0.2.1] while sending\n"
         "1 4 -|Remote\n"},
        {"in the middle", "> mx[192.0.2.1]:25: MAIL FROM:<a@b>\n",
         "1 0 *|connection used again, or begun before this log\n1 1 +\n1 2 > MAIL FROM:<a@b>\n"},
        {"kept", connect + "< mx[192.0.2.1]:25: 220 x\nsmtp_save_session: x\nname_mask: software\n",
         "1 0 *|attempting to connect\n1 1 +\n1 2 < 220 x\n1 3 *|connection kept for another message\n"},
        {"without an end, then the next", connect + "< mx[192.0.2.1]:25: 220 x\n" + connect,
         "1 0 *|attempting to connect\n1 1 +\n1 2 < 220 x\n1 3 -|Local\n2 0 *|attempting to connect\n"},
        {"as told by one that is not verbose",
         "Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3\n"
         "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=2.0.0, status=sent (ok)\n"
         "Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3\n"
         "[8] AAAAAA02: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=2.0.0, status=sent (ok)\n"
         "[9] AAAAAA03: to=<x@y>, relay=none, delay=0, dsn=4.4.1, status=deferred (x)\n",
         "1 0 *|Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3\n"
         "1 1 *|AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=2.0.0, status=sent (ok)\n"
         "2 0 *|Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3\n"
         "3 0 *|AAAAAA02: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=2.0.0, status=sent (ok)\n"},
        {"without a word of it", "connect to mx[192.0.2.1]:25: Connection timed out\n",
         "1 0 *|Failed to connect: Connection timed out\n"},
    };
    for (const Case& c : cases) {
        INFO(c.name);
        Recorder heard;
        heard.say(c.said);
        CHECK(heard.text() == c.want);
    }
}

TEST_CASE("conversations: a login whose beginning was not heard") {
    Recorder heard;
    heard.say("> mx[192.0.2.1]:25: b3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 not b3BlbiBzZXNhbWU=\n"
              "> mx[192.0.2.1]:25: quit\n");
    CHECK(heard.text() == "1 0 *|connection used again, or begun before this log\n1 1 +\n"
                          "1 2 > <authentication response>\n1 3 < 535 not <authentication response>\n"
                          "1 4 > quit\n");
}

TEST_CASE("conversations: certificates as newer versions of Postfix tell of them") {
    Recorder heard;
    heard.say(connect +
              "< mx[192.0.2.1]:25: 220 x\n"
              "mx[192.0.2.1]:25: subject_CN=mx, issuer=R, cert fingerprint=AA, pkey fingerprint=BB\n");
    REQUIRE(heard.rows.size() == 6);
    CHECK(heard.rows[3].data == "CN=mx");
    CHECK(heard.rows[4].data == "CN=R");
    CHECK(heard.rows[5].data == "AA");
}

TEST_CASE("conversations: silent ones end, no two have one id") {
    Recorder heard;
    heard.say(connect + "< mx[192.0.2.1]:25: 220 x\n");
    heard.conversations.end_silent(heard.now + std::chrono::seconds(9), std::chrono::seconds(10));
    CHECK(heard.rows.back().event == '<');
    heard.conversations.end_silent(heard.now + std::chrono::seconds(11), std::chrono::seconds(10));
    CHECK(heard.rows.back().event == '-');
    CHECK(heard.rows.back().time == heard.now);
    heard.say(connect + "< mx[192.0.2.1]:25: 220 x\n> mx[192.0.2.1]:25: QUIT\n");
    heard.conversations.end_silent(heard.now + std::chrono::seconds(31), std::chrono::hours(1));
    CHECK(heard.rows.back().event == '-');
    const LogLine line{.tag = "postfix/good/smtp", .pid = "9"};
    heard.say(connect + log_in + "smtp_save_session: x\n");
    CHECK_FALSE(heard.conversations.is_open());
    heard.conversations.end_silent(heard.now + std::chrono::seconds(31), std::chrono::hours(1));
    // Another process may have got the connection.
    CHECK(heard.conversations.without_secrets(line, "open sesame") == "<authentication response>");
    heard.say("[8] < mx[192.0.2.1]:25: 250 open\tsesame\n");
    CHECK(heard.rows.back().data == "250 <authentication response>");
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        heard.now = noon; // a clock that stands still, or goes back
        heard.say(connect);
        ids.insert(heard.rows.back().session);
    }
    CHECK(ids.size() == 1000);
}
