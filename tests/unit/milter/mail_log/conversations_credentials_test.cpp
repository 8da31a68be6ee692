// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_log/conversation_recorder.hpp"

using namespace sendconnector::mail_log;
using Recorder = ConversationRecorder;

TEST_CASE("conversations: no credential gets through, whichever way it is said") {
    struct Case {
        const char* name;
        std::string said;
        const char* want;
    };
    const Case cases[] = {
        {"PLAIN at once",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 235 welcome\n",
         "> AUTH PLAIN <authentication response>\n< 235 <text left out>\n"},
        {"LOGIN",
         "> mx[192.0.2.1]:25: AUTH LOGIN\n< mx[192.0.2.1]:25: 334 VXNlcm5hbWU6\n> mx[192.0.2.1]:25: "
         "YW5uYQ==\n"
         "< mx[192.0.2.1]:25: 334 UGFzc3dvcmQ6\n> mx[192.0.2.1]:25: b3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: "
         "235 welcome\n",
         "> AUTH LOGIN\n< 334 <authentication response>\n> <authentication response>\n< 334 <authentication "
         "response>\n"
         "> <authentication response>\n< 235 <text left out>\n"},
        {"a case of its own", "> mx[192.0.2.1]:25: auth plain AGFubmEAb3BlbiBzZXNhbWU=\n",
         "> auth plain <authentication response>\n"},
        {"a server that says it back, in either form",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n"
         "< mx[192.0.2.1]:25: 535-not AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 nor open sesame\n",
         "> AUTH PLAIN <authentication response>\n< 535-<text left out>\n< 535 <text left out>\n"},
        {"a server that lets it be tried again",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 no\n"
         "> mx[192.0.2.1]:25: AUTH LOGIN YW5uYQ==\n< mx[192.0.2.1]:25: 334 x\n> mx[192.0.2.1]:25: *\n< "
         "mx[192.0.2.1]:25: 501 no\n"
         "> mx[192.0.2.1]:25: MAIL FROM:<a@b>\n",
         "> AUTH PLAIN <authentication response>\n< 535 <text left out>\n> AUTH LOGIN <authentication "
         "response>\n"
         "< 334 <authentication response>\n> *\n< 501 <text left out>\n> MAIL FROM:<a@b>\n"},
        {"a server that says it back in part, or as something else",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n"
         "< mx[192.0.2.1]:25: 535 part AGFubmEAb3BlbiBzZXNh\n< mx[192.0.2.1]:25: 535 half open sesam\n"
         "< mx[192.0.2.1]:25: eG9wZW4gc2VzYW1l\n> mx[192.0.2.1]:25: QUIT\n< mx[192.0.2.1]:25: 221 2.0.0 "
         "emases\n",
         "> AUTH PLAIN <authentication response>\n< 535 <text left out>\n< 535 <text left out>\n"
         "< <text left out>\n> QUIT\n< 221 2.0.0 <text left out>\n"},
        {"a server that says it back when the login is over",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 235-half\n"
         "< mx[192.0.2.1]:25: 235 2.7.0 ok\n> mx[192.0.2.1]:25: MAIL FROM:<a@b>\n"
         "< mx[192.0.2.1]:25: 250-2.1.0 ok\n< mx[192.0.2.1]:25: 250-2.1.0 half open sesam\n"
         "< mx[192.0.2.1]:25: 250 2.1.0 eG9wZW4gc2VzYW1l\n",
         "> AUTH PLAIN <authentication response>\n< 235-<text left out>\n< 235 2.7.0 <text left out>\n"
         "> MAIL FROM:<a@b>\n< 250-2.1.0 ok\n< 250-2.1.0 <text left out>\n< 250 2.1.0 <text left out>\n"},
        {"said in a certificate, at the next time",
         "mx[192.0.2.1]:25: subject_CN=half.sesam.example, issuer_CN=Root, fingerprint=AA, "
         "pkey_fingerprint=BB\n",
         "* CN=<text left out>Certificate subject\n* CN=RootCertificate issuer name\n"
         "* AACertificate thumbprint\n"},
        {"said in a delivery",
         "> mx[192.0.2.1]:25: AUTH PLAIN AGFubmEAb3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 no\n"
         "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, dsn=4.7.8, status=deferred (said: open "
         "sesame)\n",
         "> AUTH PLAIN <authentication response>\n< 535 <text left out>\n* AAAAAA01: to=<x@y>, "
         "relay=mx[192.0.2.1]:25, "
         "delay=0, dsn=4.7.8, status=deferred (<text left out>)\n"},
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

TEST_CASE("conversations: a login whose beginning was not heard") {
    Recorder heard;
    heard.say("> mx[192.0.2.1]:25: b3BlbiBzZXNhbWU=\n< mx[192.0.2.1]:25: 535 not b3BlbiBzZXNhbWU=\n"
              "> mx[192.0.2.1]:25: quit\n");
    CHECK(heard.text() == "1 0 *|connection used again, or begun before this log\n1 1 +\n"
                          "1 2 > <authentication response>\n1 3 < 535 <text left out>\n"
                          "1 4 > quit\n");
}
