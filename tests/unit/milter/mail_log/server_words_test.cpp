// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/server_words.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_log;

TEST_CASE("server words: of a reply code and enhanced status code stay") {
    struct Case {
        const char* reply;
        const char* want;
        bool is_last;
    };
    const Case cases[] = {
        {"535 5.7.8 no open sesame", "535 5.7.8 <text left out>", true},
        {"535-5.7.139 no", "535-5.7.139 <text left out>", false},
        {"535 no", "535 <text left out>", true},
        {"535 5.7.8", "535 5.7.8", true},
        {"535 ", "535 ", true},
        {"535", "535", true},
        {"535-", "535-", false},
        {"535 1.2.3 x", "535 <text left out>", true},
        {"535 5.12.3456 x", "535 <text left out>", true},
        {"535 5.1.3456", "535 <text left out>", true},
        {"535 5.1.1x", "535 <text left out>", true},
        {"5355 x", "<text left out>", false},
        {"535x", "<text left out>", false},
        {"sesame", "<text left out>", false},
        {"", "", false},
    };
    for (const Case& c : cases) {
        INFO(c.reply);
        CHECK(without_words(c.reply) == c.want);
        CHECK(is_last_line(c.reply) == c.is_last);
    }
}

TEST_CASE("server words: left out of a line where a piece of a secret is in them, and only then") {
    struct Case {
        const char* text;
        const char* want;
    };
    const Case cases[] = {
        {"AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=4.7.8, status=deferred "
         "(SASL authentication failed; server mx[192.0.2.1] said: 535 5.7.8 half open sesam)",
         "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=4.7.8, status=deferred "
         "(SASL authentication failed; server mx[192.0.2.1] said: 535 5.7.8 <text left out>)"},
        {"AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 "
         "2.0.0 same to you)",
         "AAAAAA01: to=<x@y>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 "
         "2.0.0 <text left out>)"},
        {"AAAAAA01: to=<open@y>, relay=mx.open.example[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, "
         "status=sent (250 2.0.0 Ok)",
         "AAAAAA01: to=<open@y>, relay=mx.open.example[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, "
         "status=sent (250 2.0.0 Ok)"},
        {"AAAAAA01: host mx.open.example[192.0.2.1] said: 450 4.2.0 open ses (in reply to RCPT TO command)",
         "AAAAAA01: host mx.open.example[192.0.2.1] said: 450 4.2.0 <text left out>"},
        {"AAAAAA01: host mx[192.0.2.1] refused to talk to me: 554 sesame",
         "AAAAAA01: host mx[192.0.2.1] refused to talk to me: 554 <text left out>"},
        {"warning: SASL authentication failure: open sesam", "warning: SASL <text left out>"},
        {"warning: SASL authentication failure: no mechanism",
         "warning: SASL authentication failure: no mechanism"},
        {"warning: AAAAAA01: non-ESMTP response from mx[192.0.2.1]:25: open",
         "warning: AAAAAA01: non-ESMTP response from <text left out>"},
        {"server certificate verification failed for mx[192.0.2.1]:25: num=62:open",
         "server certificate verification failed for mx[192.0.2.1]:25<text left out>"},
        {"connect to mx.open.example[192.0.2.1]:25: Connection refused",
         "connect to mx.open.example[192.0.2.1]:25: Connection refused"},
    };
    Secrets secrets;
    secrets.begin("open sesame");
    for (const Case& c : cases) {
        INFO(c.text);
        CHECK(shown_line(secrets, c.text) == c.want);
    }
}
