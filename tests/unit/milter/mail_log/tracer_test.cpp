// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_log/traced.hpp"

#include <sstream>

using namespace sendconnector::mail_log;

namespace {

// One message to two recipients, split; one copy bounces. As Postfix and the daemon wrote it, between lines
// of others.
constexpr const char* split = R"(
Nov 23 10:00:00 mx postfix/smtpd[10]: connect from client.example[192.0.2.9]
Nov 23 10:00:00 mx postfix/smtpd[10]: Anonymous TLS connection established from client.example[192.0.2.9]: TLSv1.3 with cipher X (256/256 bits)
Nov 23 10:00:00 mx postfix/smtpd[10]: AAAAAA01: client=client.example[192.0.2.9], sasl_method=PLAIN, sasl_username=anna
Nov 23 10:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<m1@contoso.example>
Nov 23 10:00:00 mx sendconnectord[5]: AAAAAA01: action=accept from=<a@contoso.example> recipients=2 ours=2
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<a@contoso.example>, size=397, nrcpt=2 (queue active)
Nov 23 10:00:00 mx postfix/smtpd[10]: BBBBBB01: client=other.example[192.0.2.10]
Nov 23 10:00:01 mx postfix/sc-split/smtpd[13]: AAAAAA02: client=unknown[127.0.0.1], orig_queue_id=AAAAAA01, orig_client=client.example[192.0.2.9]
Nov 23 10:00:01 mx postfix/sc-split/smtpd[14]: AAAAAA03: client=unknown[127.0.0.1], orig_queue_id=AAAAAA01, orig_client=client.example[192.0.2.9]
Nov 23 10:00:01 mx postfix/sc-split/cleanup[15]: AAAAAA02: message-id=<m1@contoso.example>
Nov 23 10:00:01 mx postfix/sc-split/cleanup[16]: AAAAAA03: message-id=<m1@contoso.example>
Nov 23 10:00:01 mx sendconnectord[5]: AAAAAA02: action=route from=<a@contoso.example> connector="Partner" route="sc-partner:[192.0.2.1]:25" recipients=1 ours=1
Nov 23 10:00:01 mx postfix/sc-split/cleanup[15]: AAAAAA02: milter-header-filter: header X-Sendconnector-Route: sc-partner:[192.0.2.1]:25 from unknown[127.0.0.1]; from=<a@contoso.example> to=<x@partner.example> proto=ESMTP helo=<mx>: sc-partner:[192.0.2.1]:25
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA02: from=<a@contoso.example>, size=578, nrcpt=1 (queue active)
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA03: from=<a@contoso.example>, size=578, nrcpt=1 (queue active)
Nov 23 10:00:01 mx postfix/sc-split/smtp[17]: AAAAAA01: to=<x@partner.example>, relay=127.0.0.1[127.0.0.1]:9, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAAA02)
Nov 23 10:00:01 mx postfix/cleanup[11]: BBBBBB01: message-id=<other@x.example>
Nov 23 10:00:01 mx postfix/qmgr[12]: BBBBBB01: from=<b@x.example>, size=1, nrcpt=1 (queue active)
Nov 23 10:00:01 mx postfix/sc-split/smtp[18]: AAAAAA01: to=<y@far.example>, relay=127.0.0.1[127.0.0.1]:9, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAAA03)
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA01: removed
Nov 23 10:00:02 mx postfix/partner/smtp[20]: Verified TLS connection established to mx.partner.example[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 bits)
Nov 23 10:00:02 mx postfix/partner/smtp[21]: Trusted TLS connection established to mx.partner.example[192.0.2.1]:25: TLSv1.2 with cipher Y (128/128 bits)
Nov 23 10:00:02 mx postfix/partner/smtp[20]: AAAAAA02: to=<x@partner.example>, relay=mx.partner.example[192.0.2.1]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as CCCCCC09)
Nov 23 10:00:02 mx postfix/qmgr[12]: AAAAAA02: removed
Nov 23 10:00:03 mx postfix/rest/smtp[22]: AAAAAA03: to=<y@far.example>, relay=mx.far.example[192.0.2.2]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host mx.far.example[192.0.2.2] said: 550 5.1.1 unknown)
Nov 23 10:00:03 mx postfix/cleanup[11]: AAAAAA04: message-id=<AAAAAA04@mx>
Nov 23 10:00:03 mx postfix/bounce[23]: AAAAAA03: sender non-delivery notification: AAAAAA04
Nov 23 10:00:03 mx postfix/qmgr[12]: AAAAAA04: from=<>, size=2500, nrcpt=1 (queue active)
Nov 23 10:00:03 mx postfix/qmgr[12]: AAAAAA03: removed
Nov 23 10:00:04 mx postfix/local[24]: AAAAAA04: to=<a@contoso.example>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)
Nov 23 10:00:04 mx postfix/qmgr[12]: AAAAAA04: removed
)";

} // namespace

TEST_CASE("a trace is found by every handle that one may have, whole each time") {
    const char* whole = "AAAAAA01(AAAAAA02 AAAAAA03(AAAAAA04))";
    struct Case {
        TraceQuery query;
        const char* want;
    };
    const Case cases[] = {
        {{.id = "<m1@contoso.example>"}, whole},
        {{.id = "m1@contoso.example"}, whole},
        {{.id = "AAAAAA01"}, whole},
        {{.id = "AAAAAA03"}, whole},
        {{.id = "AAAAAA04"}, whole},
        {{.from = "A@Contoso.Example"}, whole},
        {{.from = "@contoso.example"}, whole},
        {{.from = "a@contoso.example", .to = "y@far.example"}, whole},
        {{.to = "x@partner.example"}, whole},
        {{.from = "a@contoso.example", .to = "z@far.example"}, ""},
        {{.from = ""}, whole}, // the bounce
        {{.id = "CCCCCC09"}, ""},
        {{.id = "M1@contoso.example"}, ""},
        {{.id = "BBBBBB01"}, "BBBBBB01"},
    };
    for (const Case& c : cases) {
        INFO(c.query.id << " " << c.query.from.value_or("-") << " " << c.query.to.value_or("-"));
        CHECK(shape(trace(c.query, {split})) == c.want);
    }
}

TEST_CASE("a trace tells of each step what is known of it") {
    const Trace found = trace({.id = "AAAAAA01"}, {split});
    const Life& first = life_of(found, "AAAAAA01");
    CHECK(first.sender == "<a@contoso.example>");
    CHECK(first.size == "397");
    CHECK(first.message_id == "<m1@contoso.example>");
    CHECK(first.ended);
    CHECK(first.seed);
    CHECK(step_of(first, Step::Kind::received).tls == "Anonymous TLSv1.3 with cipher X (256/256 bits)");
    CHECK(step_of(first, Step::Kind::decided).text.starts_with("action=accept"));
    CHECK(step_of(first, Step::Kind::handed_over).child);
    const Life& second = life_of(found, "AAAAAA02");
    CHECK(step_of(second, Step::Kind::routed).text.find("sc-partner:") != std::string::npos);
    // The session is that of the same process, not of the one that spoke last; the remote queue ID is no
    // copy.
    const Step& delivered = step_of(second, Step::Kind::delivered);
    CHECK(delivered.tls == "Verified TLSv1.3 with cipher X (256/256 bits)");
    CHECK_FALSE(delivered.child);
    CHECK(step_of(life_of(found, "AAAAAA03"), Step::Kind::bounced).delivery->dsn == "5.1.1");
    CHECK(step_of(life_of(found, "AAAAAA03"), Step::Kind::notice).child);
}

TEST_CASE("a trace goes on over a rotation, and over lines that are cut off") {
    const std::string text = split;
    for (std::size_t at = text.find('\n', 1); at != std::string::npos; at = text.find('\n', at + 1)) {
        const std::string before = text.substr(0, at + 1);
        const std::string after = text.substr(at + 1);
        CHECK(shape(trace({.id = "AAAAAA02"}, {before.c_str(), after.c_str()})) ==
              "AAAAAA01(AAAAAA02 AAAAAA03(AAAAAA04))");
    }
    for (std::size_t length = 0; length < text.size(); length += 7)
        CHECK_NOTHROW(
            trace({.id = "AAAAAA01"}, {text.substr(0, length).c_str(), text.substr(length).c_str()}));
}

TEST_CASE("a queue ID that is used again is another message") {
    const char* reused = R"(
Nov 23 10:00:00 mx postfix/smtpd[10]: AAAAAA01: client=a[192.0.2.9]
Nov 23 10:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<first@x>
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<a@x>, size=1, nrcpt=1 (queue active)
Nov 23 10:00:00 mx postfix/smtp[13]: AAAAAA01: to=<b@y>, relay=r[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: removed
Nov 23 11:00:00 mx postfix/pickup[14]: AAAAAA01: uid=0 from=<c@x>
Nov 23 11:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<second@x>
Nov 23 11:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<c@x>, size=1, nrcpt=1 (queue active)
Nov 23 11:00:00 mx postfix/qmgr[12]: AAAAAA01: removed
)";
    const Trace first = trace({.id = "<first@x>"}, {reused});
    REQUIRE(first.lives.size() == 1);
    CHECK(first.lives[0].sender == "<a@x>");
    CHECK(first.lives[0].steps.size() == 5);
    const Trace second = trace({.from = "c@x"}, {reused});
    REQUIRE(second.lives.size() == 1);
    CHECK(second.lives[0].message_id == "<second@x>");
    CHECK(trace({.id = "AAAAAA01"}, {reused}).roots.size() == 2);
}

TEST_CASE("a requeued message is one with what it was before; a message-id may come again") {
    const char* requeued = R"(
Nov 23 10:00:00 mx postfix/pickup[14]: AAAAAA01: uid=0 from=<a@x>
Nov 23 10:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<m@x>
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<a@x>, size=1, nrcpt=1 (queue active)
Nov 23 10:00:00 mx postfix/rest/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to r[192.0.2.1]:25: Connection refused)
Nov 23 10:01:00 mx postfix/postsuper[15]: Requeued: 1 message
Nov 23 10:01:00 mx postfix/pickup[14]: AAAAAA02: uid=102 from=<a@x> orig_id=AAAAAA01
Nov 23 10:01:00 mx postfix/cleanup[11]: AAAAAA02: message-id=<m@x>
Nov 23 10:02:00 mx postfix/pickup[14]: AAAAAA03: uid=0 from=<a@x>
Nov 23 10:02:00 mx postfix/cleanup[11]: AAAAAA03: message-id=<m@x>
)";
    CHECK(shape(trace({.id = "<m@x>"}, {requeued})) == "AAAAAA01(AAAAAA02) AAAAAA03");
    CHECK(shape(trace({.id = "AAAAAA02"}, {requeued})) == "AAAAAA01(AAAAAA02)");
}

TEST_CASE("deferrals: what the process and the daemon said of it, and nothing that is old") {
    const char* deferred = R"(
Nov 23 10:00:00 mx sendconnectord[5]: warning: lookup: "tls/partner [192.0.2.1]:25" answered TEMP: 454 4.7.5 Certificate validation failure, Reason:SubjectMismatch
Nov 23 10:00:00 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
Nov 23 10:30:00 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
Nov 23 11:00:00 mx postfix/partner/smtp[14]: server certificate verification failed for r[192.0.2.1]:25: num=62:hostname mismatch
Nov 23 11:00:00 mx postfix/partner/smtp[14]: Untrusted TLS connection established to r[192.0.2.1]:25: TLSv1.3 with cipher X
Nov 23 11:00:00 mx postfix/partner/smtp[14]: AAAAAA01: to=<b@y>, relay=r[192.0.2.1]:25, delay=0, delays=0/0/0.1/0, dsn=4.7.5, status=deferred (Server certificate not verified)
Nov 23 12:00:00 mx postfix/partner/smtp[14]: AAAAAA01: to=<b@y>, relay=r[192.0.2.1]:25, delay=0, delays=0/0/0.1/0, dsn=4.2.0, status=deferred (busy)
)";
    const Trace found = trace({.id = "AAAAAA01"}, {deferred});
    REQUIRE(found.lives.size() == 1);
    const std::vector<Step>& steps = found.lives[0].steps;
    REQUIRE(steps.size() == 4);
    CHECK(steps[0].verdict == "454 4.7.5 Certificate validation failure, Reason:SubjectMismatch");
    CHECK(steps[1].verdict.empty());
    CHECK(steps[2].trouble.find("hostname mismatch") != std::string::npos);
    CHECK(steps[2].tls == "Untrusted TLSv1.3 with cipher X");
    CHECK(steps[3].trouble.empty());
    CHECK(steps[3].tls.empty());
}

TEST_CASE("deferrals: the daemon's word where it has a log of its own") {
    const char* daemon = R"(
Nov 23 09:00:00 mx sendconnectord[5]: warning: lookup: "tls/partner [192.0.2.1]:25" answered TEMP: first
Nov 23 11:00:00 mx sendconnectord[5]: warning: lookup: "tls/partner [192.0.2.1]:25" answered TEMP: second
Nov 23 11:00:00 mx sendconnectord[5]: warning: lookup: "tls/other [192.0.2.1]:25" answered TEMP: third
)";
    const char* postfix = R"(
Nov 23 09:00:00 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
Nov 23 10:00:00 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
Nov 23 11:00:05 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
)";
    const Trace found = trace({.id = "AAAAAA01"}, {daemon, postfix});
    REQUIRE(found.lives.size() == 1);
    REQUIRE(found.lives[0].steps.size() == 3);
    CHECK(found.lives[0].steps[0].verdict == "first");
    CHECK(found.lives[0].steps[1].verdict.empty());
    CHECK(found.lives[0].steps[2].verdict == "second");
}

TEST_CASE("refusals before there was a queue ID are found by address") {
    const char* refused = R"(
Nov 23 10:00:00 mx postfix/smtpd[10]: NOQUEUE: milter-reject: RCPT from c[192.0.2.9]: 550 5.7.1 No send connector serves this sender; from=<a@x> to=<b@y> proto=ESMTP helo=<c>
Nov 23 10:00:00 mx sendconnectord[5]: NOQUEUE: action=reject from=<a@x> to=<b@y> reply="550 5.7.1"
Nov 23 10:00:00 mx postfix/smtpd[10]: NOQUEUE: reject: RCPT from c[192.0.2.9]: 554; from=<z@x> to=<b@y>
)";
    CHECK(trace({.from = "a@x"}, {refused}).refusals.size() == 2);
    CHECK(trace({.from = "a@x", .to = "b@y"}, {refused}).refusals.size() == 2);
    CHECK(trace({.to = "b@y"}, {refused}).refusals.size() == 3);
    CHECK(trace({.from = "a@x", .to = "c@y"}, {refused}).refusals.empty());
    CHECK(trace({.from = "a@x", .since = reference()}, {refused}).refusals.empty());
}

TEST_CASE("message-ids of any shape") {
    for (const std::string id : {"<>", "<a b@c>", "no-brackets", "<\"quoted > inside\"@x>", "<(comment)x@y>",
                                 "<m=1,2@x>", "ABCDEF", "<>><<@", "<\xc3\xa4@\xff>"}) {
        const std::string text = "Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA01: message-id=" + id + "\n";
        INFO(id);
        CHECK(shape(trace({.id = id}, {text.c_str()})) == "AAAAAA01");
    }
    const std::string long_id = "<" + std::string(900, 'x') + "@y>";
    const std::string cut =
        "Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA01: message-id=" + long_id.substr(0, 700) + "\n";
    CHECK(shape(trace({.id = long_id}, {cut.c_str()})) == "AAAAAA01");
}

TEST_CASE("since and until bound what is found, not what is told of it") {
    const auto time = [](const char* text) { return *StampReader(reference()).read(text); };
    CHECK(
        shape(trace(
            {.from = "a@contoso.example", .since = time("Nov 23 09:59:59"), .until = time("Nov 23 10:00:00")},
            {split})) == "AAAAAA01(AAAAAA02 AAAAAA03(AAAAAA04))");
    CHECK(shape(trace({.from = "a@contoso.example", .since = time("Nov 23 10:00:05")}, {split})).empty());
    CHECK(shape(trace({.from = "a@contoso.example", .until = time("Nov 23 09:00:00")}, {split})).empty());
}

TEST_CASE("the daemon's lines from a file without times are put with their messages") {
    const char* daemon = R"(
sendconnectord: AAAAAA02: action=route from=<a@contoso.example> connector="Partner" recipients=1 ours=1
sendconnectord: AAAAAA01: action=accept from=<a@contoso.example> recipients=2 ours=2
)";
    std::string without;
    std::istringstream lines(split);
    for (std::string line; std::getline(lines, line);)
        if (line.find("sendconnectord") == std::string::npos)
            without += line + "\n";
    const Trace found = trace({.id = "AAAAAA01"}, {without.c_str(), daemon});
    CHECK(shape(found) == "AAAAAA01(AAAAAA02 AAAAAA03(AAAAAA04))");
    CHECK_FALSE(step_of(life_of(found, "AAAAAA02"), Step::Kind::decided).time);
}

TEST_CASE("lines that claim to come of each other end in a tree") {
    const char* circle = R"(
Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA01: message-id=<m@x>
Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA02: message-id=<m@x>
Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA03: message-id=<m@x>
Nov 23 10:00:00 mx postfix/smtp[1]: AAAAAA01: to=<b@y>, relay=r[::1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 queued as AAAAAA02)
Nov 23 10:00:00 mx postfix/smtp[1]: AAAAAA02: to=<b@y>, relay=r[::1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 queued as AAAAAA03)
Nov 23 10:00:00 mx postfix/smtp[1]: AAAAAA03: to=<b@y>, relay=r[::1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 queued as AAAAAA01)
)";
    CHECK(shape(trace({.id = "AAAAAA02"}, {circle})) == "AAAAAA01(AAAAAA02(AAAAAA03))");
}
