// SPDX-License-Identifier: Apache-2.0
// What a mail log says of one message, and where it is read.
#include "milter/ctl/mail_log.hpp"
#include "milter/ctl/message_fate.hpp"
#include "milter/ctl/message_trial.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

#include <fstream>

using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

namespace {

const std::string message_id = "<0123.sendconnectorctl@mail.contoso.com>";

void append(const Folder& folder, const std::string& text) {
    std::ofstream(folder.path("mail.log"), std::ios::app) << text;
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

} // namespace

TEST_CASE("the queue ID of a message is in cleanup's line about its Message-ID") {
    struct Case {
        std::string line;
        std::string queue_id;
    };
    const Case cases[] = {
        {"Nov 23 13:45:13 mx postfix/cleanup[77]: 4TcKz10Vq1z3: message-id=" + message_id, "4TcKz10Vq1z3"},
        {"2026-11-23T13:45:13.1+01:00 mx postfix-out/cleanup[7]: A1B2C3: message-id=" + message_id, "A1B2C3"},
        {"Nov 23 13:45:13 mx postfix/cleanup[77]: A1B2C3: message-id=<other@mail.contoso.com>", ""},
        {"Nov 23 13:45:13 mx postfix/smtpd[77]: A1B2C3: message-id=" + message_id, ""},
        {"Nov 23 13:45:13 mx postfix/cleanup[77]: A1B2C3: message-id=" + message_id + " and more", ""},
        {"message-id=" + message_id, ""},
        {"", ""},
    };
    for (const Case& one : cases) {
        INFO(one.line);
        CHECK(queue_id_of(one.line, message_id) == one.queue_id);
    }
}

TEST_CASE("a delivery agent's line says who took the message, and with which words") {
    const LoggedStep sent = logged_step(
        "Nov 23 13:45:14 mx postfix/contoso/smtp[78]: A1B2C3: to=<a@b.example>, "
        "relay=smtp.b.example[192.0.2.1]:587, "
        "delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4T (really))",
        "A1B2C3");
    CHECK(sent.service == "postfix/contoso/smtp");
    CHECK(sent.relay == "smtp.b.example[192.0.2.1]:587");
    CHECK(sent.status == "sent");
    CHECK(sent.text == "250 2.0.0 Ok: queued as 4T (really)");

    const LoggedStep deferred =
        logged_step("Nov 23 13:45:14 mx postfix/contoso/smtp[78]: A1B2C3: to=<a@b.example>, orig_to=<x>, "
                    "relay=none, delay=1, "
                    "delays=1/0/0/0, dsn=4.7.5, status=deferred (client TLS configuration problem)",
                    "A1B2C3");
    CHECK(deferred.status == "deferred");
    CHECK(deferred.relay == "none");
    CHECK(deferred.text == "client TLS configuration problem");

    for (const std::string_view other :
         {"Nov 23 13:45:14 mx postfix/contoso/smtp[78]: A1B2C34: to=<a@b.example>, relay=none, status=sent "
          "(x)",
          "Nov 23 13:45:14 mx postfix/qmgr[78]: A1B2C3: removed",
          "Nov 23 13:45:14 mx postfix/qmgr[78]: A1B2C3: from=<a@b>, size=1, nrcpt=1 (queue active)", "",
          "]: "})
        CHECK(logged_step(other, "A1B2C3").status.empty());
}

TEST_CASE("a mail log is read from now on, line by line, over a rotation") {
    const Folder folder("");
    append(folder, "old\n");
    MailLog log = MailLog::open(folder.path("mail.log"));
    CHECK(log.sources().front() == folder.path("mail.log"));
    CHECK_FALSE(has(log.new_lines(), "old"));
    append(folder, "one\ntw");
    const std::vector<std::string> first = log.new_lines();
    CHECK(has(first, "one"));
    CHECK_FALSE(has(first, "tw"));
    append(folder, "o\n");
    CHECK(has(log.new_lines(), "two"));
    std::filesystem::rename(folder.path("mail.log"), folder.path("mail.log.1"));
    append(folder, "three\n");
    CHECK(has(log.new_lines(), "three"));
    CHECK_FALSE(has(log.new_lines(), "three"));
}

TEST_CASE("a test message counts when this connector delivered it, and only then") {
    MessageTrial trial;
    CHECK(trial.result() == HopResult::unknown);
    trial.fate.kind = MessageFate::Kind::left_queue;
    CHECK(trial.result() == HopResult::unknown);
    trial.fate.kind = MessageFate::Kind::delivered;
    CHECK(trial.result() == HopResult::passes);
    trial.other_way = true;
    CHECK(trial.result() == HopResult::fails);
    trial.fate.kind = MessageFate::Kind::deferred;
    CHECK(trial.result() == HopResult::fails);
}
