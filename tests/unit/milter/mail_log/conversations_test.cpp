// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_log/conversation_recorder.hpp"

#include <set>

using namespace sendconnector::mail_log;
using Recorder = ConversationRecorder;

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
    CHECK(heard.rows.back().data == "250 <text left out>");
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        heard.now = noon; // a clock that stands still, or goes back
        heard.say(connect);
        ids.insert(heard.rows.back().session);
    }
    CHECK(ids.size() == 1000);
}
