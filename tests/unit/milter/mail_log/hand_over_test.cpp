// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_log/traced.hpp"

#include <fmt/format.h>

using namespace sendconnector::mail_log;

namespace {

struct HandOver {
    const char* name;
    const char* parent_client; // behind "client="
    const char* relay;
    const char* reply;
    const char* child; // its first line
    const char* child_message_id;
    bool is_one;
};

std::string log_of(const HandOver& c) {
    return fmt::format("Nov 23 10:00:00 mx postfix/smtpd[1]: AAAAAAAA01: client={}\n"
                       "Nov 23 10:00:00 mx postfix/cleanup[2]: AAAAAAAA01: message-id=<m@x>\n"
                       "Nov 23 10:00:01 mx {}\n"
                       "Nov 23 10:00:01 mx postfix/cleanup[2]: BBBBBBBB02: message-id={}\n"
                       "Nov 23 10:00:01 mx postfix/smtp[3]: AAAAAAAA01: to=<b@y>, relay={}, delay=1, "
                       "delays=0/0/0/1, dsn=2.0.0, "
                       "status=sent ({})\n",
                       c.parent_client, c.child, c.child_message_id, c.relay, c.reply);
}

} // namespace

TEST_CASE("hand-over: the queue file that a server tells of has to come of it") {
    const char* plain = "250 2.0.0 Ok: queued as BBBBBBBB02";
    const char* local = "postfix/smtpd[4]: BBBBBBBB02: client=localhost[127.0.0.1]";
    const HandOver cases[] = {
        {"a stranger's server names a stranger's message", "pc[192.0.2.9]", "mx.evil.example[203.0.113.5]:25",
         plain, "postfix/smtpd[4]: BBBBBBBB02: client=unknown[192.0.2.2]", "<other@x>", false},
        {"and even one with this message-id", "pc[192.0.2.9]", "mx.evil.example[203.0.113.5]:25", plain,
         "postfix/smtpd[4]: BBBBBBBB02: client=unknown[192.0.2.2]", "<m@x>", false},
        {"and has a name that looks like an address", "pc[192.0.2.9]", "[127.0.0.1][203.0.113.5]:25", plain,
         local, "<m@x>", false},
        {"a stranger's server, a message from this host", "pc[192.0.2.9]", "mx.evil.example[203.0.113.5]:25",
         plain, local, "<m@x>", false},
        {"the split", "pc[192.0.2.9]", "127.0.0.1[127.0.0.1]:9", plain,
         "postfix/sc-split/smtpd[4]: BBBBBBBB02: client=unknown[127.0.0.1], orig_queue_id=AAAAAAAA01, "
         "orig_client=pc[192.0.2.9]",
         "<m@x>", true},
        {"XFORWARD, and another message-id", "pc[192.0.2.9]", "filter.example[192.0.2.7]:10024", plain,
         "postfix/smtpd[4]: BBBBBBBB02: client=x[192.0.2.8], orig_queue_id=AAAAAAAA01", "<new@x>", true},
        {"XFORWARD goes on telling of the first", "localhost[127.0.0.1], orig_queue_id=CCCCCCCC03",
         "filter.example[192.0.2.7]:10024", plain,
         "postfix/smtpd[4]: BBBBBBBB02: client=x[192.0.2.8], orig_queue_id=CCCCCCCC03, "
         "orig_client=y[192.0.2.9]",
         "<m@x>", true},
        {"XFORWARD that somebody who logged in made up", "pc[192.0.2.9]", "mx.evil.example[203.0.113.5]:25",
         plain, "postfix/smtpd[4]: BBBBBBBB02: client=x[192.0.2.8], sasl_sender=a, orig_queue_id=AAAAAAAA01",
         "<new@x>", false},
        {"a content filter of this host", "pc[192.0.2.9]", "127.0.0.1[127.0.0.1]:10024",
         "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as BBBBBBBB02", local, "<m@x>",
         true},
        {"one by a socket", "pc[192.0.2.9]", "mx.example[private/filter]", plain, local, "<m@x>", true},
        {"one that hands it back with sendmail(1)", "pc[192.0.2.9]", "localhost[::1]:10024", plain,
         "postfix/pickup[4]: BBBBBBBB02: uid=0 from=<a@x>", "<m@x>", true},
        {"one of another host", "pc[192.0.2.9]", "filter.example[192.0.2.7]:10024", plain,
         "postfix/smtpd[4]: BBBBBBBB02: client=filter.example[192.0.2.7]", "<m@x>", true},
        {"a server of this host, another message", "pc[192.0.2.9]", "127.0.0.1[127.0.0.1]:10024", plain,
         local, "<other@x>", false},
    };
    for (const HandOver& c : cases) {
        INFO(c.name);
        const std::string log = log_of(c);
        CHECK(shape(trace({.id = "AAAAAAAA01"}, {log.c_str()})) ==
              (c.is_one ? "AAAAAAAA01(BBBBBBBB02)" : "AAAAAAAA01"));
        CHECK(shape(trace({.id = "BBBBBBBB02"}, {log.c_str()})) ==
              (c.is_one ? "AAAAAAAA01(BBBBBBBB02)" : "BBBBBBBB02"));
    }
}

TEST_CASE("hand-over: queue IDs are looked for in what was answered, and where it was sent") {
    const char* child = "Nov 23 10:00:00 mx postfix/cleanup[2]: AAAAAAAA01: message-id=<m@x>\n"
                        "Nov 23 10:00:01 mx postfix/cleanup[2]: BBBBBBBB02: message-id=<m@x>\n";
    const std::string forwarded =
        "Nov 23 10:00:01 mx postfix/local[3]: AAAAAAAA01: to=<b@y>, relay=local, delay=1, "
        "delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as BBBBBBBB02)\n";
    CHECK(shape(trace({.id = "AAAAAAAA01"}, {child, forwarded.c_str()})) == "AAAAAAAA01(BBBBBBBB02)");
    for (const char* line :
         {"smtp[3]: AAAAAAAA01: to=<b@y>, relay=mx[203.0.113.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, "
          "status=sent (250 (forwarded as BBBBBBBB02))",
          "smtp[3]: AAAAAAAA01: to=<\"queued as BBBBBBBB02 \"@y>, relay=l[127.0.0.1]:25, delay=1, "
          "delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)",
          "smtp[3]: AAAAAAAA01: to=<b@y>, relay=l[127.0.0.1]:25, delay=1, delays=0/0/0/1, dsn=4.0.0, "
          "status=deferred (450 queued as BBBBBBBB02)"}) {
        const std::string log = fmt::format("Nov 23 10:00:01 mx postfix/{}\n", line);
        INFO(line);
        CHECK(shape(trace({.id = "AAAAAAAA01"}, {child, log.c_str()})) == "AAAAAAAA01");
    }
}
