// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/trace_view.hpp"
#include "milter/ctl/trace_words.hpp"
#include "milter/mail_log/tracer.hpp"
#include "tests/unit/catch.hpp"

#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace sendconnector;
using namespace sendconnector::ctl;

namespace {

mail_log::Trace traced(const std::string& log, const mail_log::TraceQuery& query) {
    const mail_log::Time latest{std::chrono::seconds(1'795'500'000)}; // November 2026
    mail_log::Tracer tracer(query);
    for (const bool is_first : {true, false}) {
        mail_log::StampReader stamps(latest);
        std::istringstream lines(log);
        for (std::string line; std::getline(lines, line);)
            is_first ? tracer.survey(line, stamps) : tracer.collect(line, stamps);
        if (is_first && !tracer.follow())
            break;
    }
    return tracer.finish();
}

const std::string split = R"(
Nov 23 10:00:00 mx postfix/smtpd[10]: AAAAAA01: client=pc[192.0.2.9], sasl_method=PLAIN, sasl_username=anna
Nov 23 10:00:00 mx postfix/cleanup[11]: AAAAAA01: message-id=<m@x>
Nov 23 10:00:00 mx sendconnectord[5]: AAAAAA01: action=accept from=<a@x> recipients=2 ours=2
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA01: from=<a@x>, size=397, nrcpt=2 (queue active)
Nov 23 10:00:01 mx postfix/smtpd[14]: AAAAAA02: client=unknown[127.0.0.1], orig_queue_id=AAAAAA01, orig_client=pc[192.0.2.9]
Nov 23 10:00:01 mx sendconnectord[5]: AAAAAA02: action=accept from=<a@x> connector="Partner" route="sc-partner:[192.0.2.1]:25" recipients=1 ours=1
Nov 23 10:00:01 mx postfix/sc-split/smtp[13]: AAAAAA01: to=<x@y>, relay=127.0.0.1[127.0.0.1]:9, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAAA02)
Nov 23 10:00:01 mx postfix/qmgr[12]: AAAAAA01: removed
Nov 23 10:00:02 mx postfix/qmgr[12]: AAAAAA02: from=<a@x>, size=578, nrcpt=1 (queue active)
Nov 23 10:00:02 mx postfix/partner/smtp[15]: Verified TLS connection established to mx.y[192.0.2.1]:25: TLSv1.3 with cipher X
Nov 23 10:00:02 mx postfix/partner/smtp[15]: AAAAAA02: to=<x@y>, relay=mx.y[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=4.2.0, status=deferred (host mx.y[192.0.2.1] said: 450 busy)
)";

class InUtc {
public:
    InUtc() { set("UTC"); }
    ~InUtc() { set(""); }
    InUtc(const InUtc&) = delete;
    InUtc& operator=(const InUtc&) = delete;

private:
    static void set(const std::string& zone) {
        zone.empty() ? ::unsetenv("TZ") : ::setenv("TZ", zone.c_str(), 1);
        ::tzset();
    }
};

} // namespace

TEST_CASE("trace: a message that was split, as people read it") {
    const InUtc zone;
    const mail_log::Trace trace = traced(split, {.id = "<m@x>"});
    const TraceView view{trace, {{"partner", "Partner"}}, {{"AAAAAA02 x@y", "the smart host is down"}}};
    CHECK(text_of(view, Paint(false)) ==
          R"(AAAAAA01  2026-11-23 10:00:00  from <a@x>, 397 octets  message-id <m@x>
    10:00:00  received     from pc[192.0.2.9] by postfix/smtpd, login anna
    10:00:00  decided      taken; the way of each recipient is found when it is delivered (2 of 2 recipients by connectors)
    10:00:01  handed over  x@y to 127.0.0.1[127.0.0.1]:9: 2.0.0 250 2.0.0 Ok: queued as AAAAAA02
    AAAAAA02  2026-11-23  from <a@x>, 578 octets
        10:00:01  received     from unknown[127.0.0.1] by postfix/smtpd
        10:00:01  decided      connector "Partner", sc-partner:[192.0.2.1]:25 (1 of 1 recipients by connectors)
        10:00:02  deferred     x@y by connector "Partner" to mx.y[192.0.2.1]:25, Verified TLSv1.3: 4.2.0 host mx.y[192.0.2.1] said: 450 busy
                               because now: the smart host is down
    10:00:01  removed
)");
}

TEST_CASE("trace: the same for programs") {
    const mail_log::Trace trace = traced(split, {.id = "AAAAAA02"});
    const Json json = json_of({trace, {{"partner", "Partner"}}, {}});
    REQUIRE(json["messages"].size() == 1);
    const Json& message = json["messages"][0];
    CHECK(message["queue_id"] == "AAAAAA01");
    CHECK(message["asked_for"] == false);
    CHECK(message["steps"][0]["time"] != nullptr);
    REQUIRE(message["copies"].size() == 1);
    const Json& copy = message["copies"][0];
    CHECK(copy["asked_for"] == true);
    CHECK(copy["removed"] == false);
    const Json& last = copy["steps"].back();
    CHECK(last["step"] == "deferred");
    CHECK(last["connector"] == "Partner");
    CHECK(last["chosen_by"] == "milter");
    for (const Json& step : message["steps"]) // the hop of the split has no connector
        CHECK((!step.contains("chosen_by") || step["chosen_by"] == nullptr));
    CHECK(last["relay"] == "mx.y[192.0.2.1]:25");
    CHECK(last["tls"] == "Verified TLSv1.3 with cipher X");
    CHECK(last["delay"] == 1.0);
}

TEST_CASE("trace: a connector that the sender alone decides for, of which the milter says nothing") {
    const InUtc zone;
    const std::string log = R"(
Nov 23 10:00:00 mx postfix/smtpd[10]: AAAAAA01: client=pc[192.0.2.9]
Nov 23 10:00:00 mx postfix/qmgr[12]: AAAAAA01: from=<a@x>, size=397, nrcpt=3 (queue active)
Nov 23 10:00:01 mx postfix/local[9]: AAAAAA01: to=<box@mx>, relay=local, delay=1, dsn=2.0.0, status=sent (delivered to mailbox)
Nov 23 10:00:01 mx postfix/partner/smtp[15]: AAAAAA01: to=<x@y>, relay=mx.y[192.0.2.1]:25, delay=1, dsn=4.2.0, status=deferred (busy)
Nov 23 10:00:02 mx postfix/partner/smtp[15]: AAAAAA01: to=<x@y>, relay=mx.y[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)
Nov 23 10:00:03 mx postfix/other/smtp[15]: AAAAAA01: to=<z@y>, relay=mx.y[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)
)";
    const mail_log::Trace trace = traced(log, {.id = "AAAAAA01"});
    const TraceView view{trace, {{"partner", "Partner"}, {"other", "Other"}}, {}};
    CHECK(text_of(view, Paint(false)) == R"(AAAAAA01  2026-11-23 10:00:00  from <a@x>, 397 octets
    10:00:00  received     from pc[192.0.2.9] by postfix/smtpd
    10:00:01  delivered    box@mx to local: 2.0.0 delivered to mailbox
              decided      connector "Partner", by the sender alone (lookup endpoint)
    10:00:01  deferred     x@y by connector "Partner" to mx.y[192.0.2.1]:25, no TLS logged: 4.2.0 busy
    10:00:02  delivered    x@y by connector "Partner" to mx.y[192.0.2.1]:25, no TLS logged: 2.0.0 250 Ok
              decided      connector "Other", by the sender alone (lookup endpoint)
    10:00:03  delivered    z@y by connector "Other" to mx.y[192.0.2.1]:25, no TLS logged: 2.0.0 250 Ok
)");
    const Json steps = json_of(view)["messages"][0]["steps"];
    CHECK(steps[2]["chosen_by"] == nullptr);
    CHECK(steps[3]["chosen_by"] == "lookup");
    // A FILTER in the queue file, though the daemon's own line is not there.
    const mail_log::Trace routed = traced(
        log + "Nov 23 10:00:00 mx postfix/cleanup[1]: AAAAAA01: milter-header-filter: header "
              "X-Sendconnector-Route: sc-partner:[192.0.2.1]:25 from pc[192.0.2.9]; from=<a@x> to=<x@y>: "
              "sc-partner:[192.0.2.1]:25\n",
        {.id = "AAAAAA01"});
    CHECK(text_of({routed, {}, {}}, Paint(false)).find("by the sender alone") == std::string::npos);
}

TEST_CASE("trace: what is logged commands no terminal") {
    const std::string log =
        "Nov 23 10:00:00 mx postfix/smtpd[10]: AAAAAA01: client=\x1b[2J\x9b\x07\n"
        "Nov 23 10:00:00 mx postfix/\x1b(0/smtp[1]: AAAAAA01: to=<\x1b]0;x\x07>, relay=\x1b, "
        "delay=1, dsn=\x1b, status=deferred (\x1b[2J \xe2\x80\xae)\n"
        "Nov 23 10:00:00 mx postfix/qmgr[1]: AAAAAA01: from=<\x1b[2J>, size=\x1b, nrcpt=1\n";
    const std::string text = text_of({traced(log, {.id = "AAAAAA01"}), {}, {}}, Paint(false));
    CHECK(text.find_first_of("\x1b\x07\x9b") == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    CHECK(text.find("deferred") != std::string::npos);
}

TEST_CASE("trace: a value of the daemon's is not looked for in another") {
    const std::string text =
        R"(action=reject from=<a=b@x> reply="550 connector=Evil x" connector="One, two" reason="a")";
    CHECK(decision_value(text, "action") == "reject");
    CHECK(decision_value(text, "connector") == "One, two");
    CHECK(decision_value(text, "reason") == "a");
    CHECK(decision_value(text, "reply") == "550 connector=Evil x");
    CHECK(decision_value(text, "route").empty());
    CHECK(decision_value("action", "action").empty());
    CHECK(decision_value("connector=\"x", "connector") == "x");
}
