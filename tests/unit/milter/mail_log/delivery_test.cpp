// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/link.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::mail_log;

TEST_CASE("deliveries: all that the line has") {
    const auto one =
        parse_delivery("to=<x@b.example>, orig_to=<y@a.example>, relay=mx.b.example[192.0.2.1]:25, "
                       "conn_use=3, delay=4.2, delays=4/0.01/0.15/0.05, dsn=2.0.0, status=sent "
                       "(250 2.0.0 Ok (queued))");
    REQUIRE(one);
    CHECK(one->to == "x@b.example");
    CHECK(one->orig_to == "y@a.example");
    CHECK(one->relay == "mx.b.example[192.0.2.1]:25");
    CHECK(one->reused);
    CHECK(one->delay.count() == 4200);
    CHECK(one->session.count() == 200);
    CHECK(one->dsn == "2.0.0");
    CHECK(one->status == "sent");
    CHECK(one->reply == "250 2.0.0 Ok (queued)");
}

TEST_CASE("deliveries: an address or a reply that looks like the rest of the line") {
    const auto one =
        parse_delivery(R"~(to=<"a>, relay=evil, dsn=2.0.0, status=sent (ok)"@b.example>, relay=none, )~"
                       "delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (x), status=sent (y)");
    REQUIRE(one);
    CHECK(one->to == R"~("a>, relay=evil, dsn=2.0.0, status=sent (ok)"@b.example)~");
    CHECK(one->relay == "none");
    CHECK(one->status == "deferred");
    CHECK(one->reply == "x), status=sent (y");
    const auto escaped =
        parse_delivery(R"~(to=<"a\">, relay=x"@b>, relay=local, delay=0, dsn=2.0.0, status=sent (d))~");
    REQUIRE(escaped);
    CHECK(escaped->relay == "local");
}

TEST_CASE("deliveries: cut off anywhere") {
    const std::string whole = "to=<x@b.example>, orig_to=<y@a.example>, relay=mx[192.0.2.1]:25, delay=4.2, "
                              "delays=4/0.01/0.15/0.05, dsn=2.0.0, status=sent (250 2.0.0 Ok)";
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const auto part = parse_delivery(std::string_view(whole).substr(0, length));
        if (part)
            CHECK(part->to == "x@b.example");
    }
    for (const char* no : {"", "to=", "to=x, relay=y", "to=<x", "to=<x>", "to=<x>, ", "from=<x>, size=1"})
        CHECK_FALSE(parse_delivery(no));
}

TEST_CASE("links between queue IDs") {
    struct Case {
        const char* line;
        Link::Kind kind;
        const char* parent;
        const char* child;
    };
    const Case cases[] = {
        {"postfix/sc-split/smtp[1]: AAAAAA01: to=<x@b>, relay=127.0.0.1[127.0.0.1]:1, delay=0, dsn=2.0.0, "
         "status=sent (250 2.0.0 Ok: queued as AAAAAA02)",
         Link::Kind::handed_over, "AAAAAA01", "AAAAAA02"},
        {"postfix/smtp[1]: AAAAAA01: to=<x@b>, relay=127.0.0.1[127.0.0.1]:10024, delay=0, dsn=2.0.0, "
         "status=sent "
         "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AAAAAA02)",
         Link::Kind::handed_over, "AAAAAA01", "AAAAAA02"},
        {"postfix/local[1]: AAAAAA01: to=<x@b>, relay=local, delay=0, dsn=2.0.0, status=sent (forwarded as "
         "AAAAAA02)",
         Link::Kind::forwarded, "AAAAAA01", "AAAAAA02"},
        {"postfix/bounce[1]: AAAAAA01: sender non-delivery notification: AAAAAA02", Link::Kind::notice,
         "AAAAAA01", "AAAAAA02"},
        {"postfix/bounce[1]: AAAAAA01: sender delay notification: AAAAAA02", Link::Kind::notice, "AAAAAA01",
         "AAAAAA02"},
        {"postfix/pickup[1]: AAAAAA02: uid=102 from=<a@b> orig_id=AAAAAA01", Link::Kind::requeued, "AAAAAA01",
         "AAAAAA02"},
        {"postfix/sc-split/smtpd[1]: AAAAAA02: client=unknown[127.0.0.1], orig_queue_id=AAAAAA01, "
         "orig_client=c[1]",
         Link::Kind::origin, "AAAAAA01", "AAAAAA02"},
    };
    for (const Case& c : cases) {
        INFO(c.line);
        const auto line = parse_log_line(c.line);
        REQUIRE(line);
        const auto link = link_of(*line, line->text.substr(0, 8), line->text.substr(10));
        REQUIRE(link);
        CHECK(link->kind == c.kind);
        CHECK(link->parent == c.parent);
        CHECK(link->child == c.child);
    }
    for (const char* no :
         {"postfix/smtp[1]: AAAAAA01: to=<x@b>, relay=r, delay=0, dsn=2.0.0, status=sent (250 Ok)",
          "postfix/smtp[1]: AAAAAA01: to=<x@b>, relay=r, delay=0, dsn=2.0.0, status=sent (queued as nothing)",
          "postfix/smtp[1]: AAAAAA01: to=<x@b>, relay=r, delay=0, dsn=2.0.0, status=sent (queued as "
          "AAAAAA01)",
          "postfix/qmgr[1]: AAAAAA01: removed", "postfix/pickup[1]: AAAAAA01: uid=0 from=<a@b>"}) {
        const auto line = parse_log_line(no);
        CHECK_FALSE(link_of(*line, line->text.substr(0, 8), line->text.substr(10)));
    }
}
