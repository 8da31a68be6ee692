// SPDX-License-Identifier: Apache-2.0
// Senders, recipients and servers whose words look like the rest of the line.
#include "milter/mail_log/client_line.hpp"
#include "milter/mail_log/pickup_line.hpp"
#include "milter/mail_log/refused_envelope.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/mail_log/traced.hpp"

#include <fmt/format.h>

using namespace sendconnector::mail_log;

TEST_CASE("forged: a sender that looks like the queue manager's words") {
    const char* log = R"(
Nov 23 10:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<m@x>
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<"x, status=expired"@evil.example>, size=397, nrcpt=2 (queue active)
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA02: from=<"x>, size=1"@evil.example>, size=2, nrcpt=1 (queue active)
Nov 23 10:00:02 mx postfix/qmgr[12]: AAAAAA02: from=<"x>, size=1"@evil.example>, status=expired, returned to sender
)";
    const Trace found = trace({.from = "@evil.example"}, {log});
    const Life& queued = life_of(found, "AAAAAA01");
    CHECK(queued.sender == "<\"x, status=expired\"@evil.example>");
    CHECK(queued.size == "397");
    CHECK(queued.steps.back().kind == Step::Kind::queued);
    CHECK(life_of(found, "AAAAAA02").steps.back().kind == Step::Kind::expired);
}

TEST_CASE("forged: whose message was turned away") {
    constexpr std::string_view head = "NOQUEUE: reject: RCPT from c[192.0.2.9]: 550 5.1.1 ";
    struct Case {
        std::string text;
        const char* from; // "-": none
        const char* to;
    };
    const Case cases[] = {
        {fmt::format("{}<v@x>: no; from=<a@b> to=<v@x> proto=ESMTP helo=<c>", head), "a@b", "v@x"},
        {fmt::format("{}<v@x>: no; from=<a@b> to=<v@x>", head), "a@b", "v@x"},
        {fmt::format("{}<v@x>: no; from=<a@b> to=<v@x> proto=ESMTP helo=<c> sasl_username=x", head), "a@b",
         "v@x"},
        {fmt::format("{}<v@x>: 5 < 10; from=<> to=<v@x> proto=ESMTP helo=<c>", head), "", "v@x"},
        {fmt::format("{}<a@b>: no; from=<a@b> proto=ESMTP helo=<c>", head), "a@b", "-"},
        {fmt::format("{}no; proto=SMTP", head), "-", "-"},
        // In the sender, the recipient, the reply, in all of them.
        {fmt::format(R"({}no; from=<"a from=<ceo@f> "@evil> to=<v@x> proto=ESMTP helo=<c>)", head),
         R"("a from=<ceo@f> "@evil)", "v@x"},
        {fmt::format(
             R"({}no; from=<"a; from=<ceo@f> to=<w@x> proto=E helo=<y> "@evil> to=<v@x> proto=E helo=<c>)",
             head),
         R"("a; from=<ceo@f> to=<w@x> proto=E helo=<y> "@evil)", "v@x"},
        {fmt::format(R"({}no; from=<a@b> to=<" from=<ceo@f> to=<\""@x> proto=ESMTP helo=<c>)", head), "a@b",
         R"(" from=<ceo@f> to=<\""@x)"},
        {fmt::format(
             "{}<a; from=<ceo@f> to=<v@x> proto=E helo=<y>@x>: no; from=<a@b> to=<v@x> proto=E helo=<c>",
             head),
         "a@b", "v@x"},
        {fmt::format(R"({}<a; from=<"@x>: no; from=<"x"@evil> to=<v@x> proto=E helo=<c>)", head),
         R"("x"@evil)", "v@x"},
        // Cut off.
        {fmt::format(R"({}<" from=<ceo@f>"@x>: no; from=<a@b> to=<v@x> proto=ESMTP helo=<c)", head), "a@b",
         "v@x"},
        {fmt::format("{}<v@x>: no; from=<a@b> to=<v@", head), "a@b", "-"},
        // The daemon's.
        {R"(NOQUEUE: action=reject from=<a@b> to=<v@x> reply="550 5.7.1" reason="of from=<ceo@f> to=<w@x>")",
         "a@b", "v@x"},
        {R"(NOQUEUE: action=tempfail to=<v@x> reason="RCPT before MAIL")", "-", "v@x"},
    };
    for (const Case& c : cases) {
        INFO(c.text);
        const RefusedEnvelope envelope = refused_envelope(c.text);
        CHECK(envelope.from.value_or("-") == c.from);
        CHECK(envelope.to.value_or("-") == c.to);
    }
}

TEST_CASE("forged: what pickup(8) took in") {
    struct Case {
        const char* said;
        const char* sender;
        const char* old_id;
    };
    const Case cases[] = {
        {"uid=102 from=<a@x> orig_id=AAAAAAAA01", "a@x", "AAAAAAAA01"},
        {"uid=102 from=<a@x>", "a@x", ""},
        {"uid=102 from=<>", "", ""},
        {R"(uid=0 from=<"x orig_id=AAAAAAAA01 "@evil>)", R"("x orig_id=AAAAAAAA01 "@evil)", ""},
        {R"(uid=0 from=<"x> orig_id=AAAAAAAA01"@evil> orig_id=BBBBBBBB02)", R"("x> orig_id=AAAAAAAA01"@evil)",
         "BBBBBBBB02"},
        {"uid=0 from=<a@x> orig_id=AAAAAAAA01>", "a@x", ""},
        {"uid=0", "", ""},
        {"uid=0 from=<", "", ""},
    };
    for (const Case& c : cases) {
        INFO(c.said);
        const auto line = parse_pickup_line(c.said);
        REQUIRE(line);
        CHECK(line->user_id.starts_with(c.said[4]));
        CHECK(line->sender == c.sender);
        CHECK(line->old_id == c.old_id);
    }
    CHECK_FALSE(parse_pickup_line("from=<a@x>"));
    const char* log = R"(
Nov 23 10:00:00 mx postfix/pickup[14]: AAAAAAAA01: uid=0 from=<a@x>
Nov 23 10:01:00 mx postfix/pickup[14]: BBBBBBBB02: uid=0 from=<"x orig_id=AAAAAAAA01 "@evil>
Nov 23 10:01:00 mx postfix/qmgr[15]: BBBBBBBB02: from=<"x orig_id=AAAAAAAA01 "@evil>, size=2, nrcpt=1 (queue active)
)";
    CHECK(shape(trace({.id = "AAAAAAAA01"}, {log})) == "AAAAAAAA01");
    CHECK(shape(trace({.from = "@evil"}, {log})) == "BBBBBBBB02");
}

TEST_CASE("forged: whom smtpd(8) took it from") {
    struct Case {
        const char* said;
        const char* address;
        const char* login;
        const char* orig_queue_id;
    };
    const Case cases[] = {
        {"client=pc[192.0.2.9]", "192.0.2.9", "", ""},
        {"client=pc[2001:db8::1]:1234, sasl_method=PLAIN, sasl_username=anna", "2001:db8::1", "anna", ""},
        {"client=unknown[127.0.0.1], orig_queue_id=AAAAAAAA01, orig_client=pc[192.0.2.9]", "127.0.0.1", "",
         "AAAAAAAA01"},
        {"client=pc[192.0.2.9], sasl_sender=a, sasl_username=ceo", "192.0.2.9", "", ""},
        {"client=pc[192.0.2.9], sasl_method=PLAIN, sasl_username=anna, sasl_sender=x, sasl_username=ceo",
         "192.0.2.9", "anna", ""},
        {"client=pc[192.0.2.9], sasl_method=PLAIN, sasl_username=a, orig_queue_id=AAAAAAAA01", "192.0.2.9",
         "a", ""},
        {"client=pc[192.0.2.9], orig_queue_id=none", "192.0.2.9", "", ""},
        {"client=", "", "", ""},
        {"client=x]y[", "", "", ""},
    };
    for (const Case& c : cases) {
        INFO(c.said);
        const auto line = parse_client_line(c.said);
        REQUIRE(line);
        CHECK(line->address == c.address);
        CHECK(line->login == c.login);
        CHECK(line->orig_queue_id == c.orig_queue_id);
    }
    CHECK_FALSE(parse_client_line("uid=0"));
}

TEST_CASE("forged: why the daemon did not answer") {
    const char* log = R"(
Nov 23 10:00:00 mx sendconnectord[5]: warning: x lookup: "tls/partner [192.0.2.1]:25" answered TEMP: forged
Nov 23 10:00:00 mx postfix/partner/smtp[13]: AAAAAA01: to=<b@y>, relay=none, delay=0, delays=0/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)
)";
    const Trace found = trace({.id = "AAAAAA01"}, {log});
    REQUIRE(found.lives.size() == 1);
    CHECK(found.lives[0].steps[0].verdict.empty());
}

TEST_CASE("mail log: which queue file pickup(8) made of a requeued one") {
    const auto told = picked_up("Nov 23 17:04:54 mx postfix/pickup[18090]: 4jYC3p4JMMz1hJZL: uid=102 "
                                "from=<a@filtered.example> orig_id=4jYC3h2QL7z1hJZD");
    REQUIRE(told);
    CHECK(told->old_id == "4jYC3h2QL7z1hJZD");
    CHECK(told->new_id == "4jYC3p4JMMz1hJZL");
    const auto forged = picked_up("Nov 23 17:04:54 mx postfix/pickup[1]: BBBBBB02: uid=102 "
                                  "from=<\"x orig_id=EEEEEE03\"@x.example> orig_id=AAAAAA01");
    REQUIRE(forged);
    CHECK(forged->old_id == "AAAAAA01");
    for (const char* line :
         {"", "Nov 23 17:04:54 mx postfix/pickup[1]: BBBBBB02: uid=0 from=<a@b.example>",
          "Nov 23 17:04:54 mx postfix/smtpd[1]: BBBBBB02: uid=102 from=<> orig_id=AAAAAA01",
          "Nov 23 17:04:54 mx postfix/pickup[1]: warning: orig_id=AAAAAA01"})
        CHECK_FALSE(picked_up(line));
}
