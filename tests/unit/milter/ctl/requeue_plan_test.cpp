// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_view.hpp"
#include "milter/ctl/requeue_plan.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

using namespace sendconnector;
using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

namespace {

const char* const two = R"(
[[connector]]
name = "Contoso"
senders = ["contoso.com"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[192.0.2.2]:587", "[192.0.2.1]"]

[[connector]]
name = "Fabrikam"
senders = ["fabrikam.com"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.fabrikam.com]:587"]
require_tls = true
tls_auth_level = "DomainValidation"
tls_domain = "smtp.fabrikam.com"

[[connector]]
name = "Internet"
senders = ["internet.example"]
address_spaces = ["*"]
)";

// The queue of a configuration in which every connector is applied.
struct Queue {
    Folder folder;
    std::unique_ptr<conf::postfix::Snapshot> snapshot;
    std::map<std::string, RecipientClass> classes{{"root@local.example", RecipientClass::local},
                                                  {"a@branch.example", RecipientClass::relay},
                                                  {"a@odd.example", RecipientClass::unknown}};

    explicit Queue(const std::string& top = {}) : folder(two, top) {
        folder.mark_applied();
        conf::Loaded loaded = conf::load_configuration(folder.configuration());
        REQUIRE(loaded.configuration.has_value());
        auto applied = conf::postfix::read_applied(folder.path("state"));
        REQUIRE(applied.has_value());
        snapshot = std::make_unique<conf::postfix::Snapshot>(*loaded.configuration, *applied);
    }
    QueueRouting routing() const { return {*snapshot, RecipientClasses(classes)}; }
};

QueuedMessage message(const std::string& sender, const std::string& filter,
                      const std::vector<std::string>& recipients = {"bob@remote.example"},
                      const std::string& queue = "deferred") {
    QueuedMessage one{
        .queue = queue,
        .queue_id = "4jYByq1czpz1hFT5",
        .arrival = 1'000,
        .size = 390,
        .sender = sender,
        .recipients = {},
        .file = QueueFile{.queue_id = "4jYByq1czpz1hFT5", .path = "", .filter = filter, .first_id = ""},
        .header_from = {}};
    for (const std::string& recipient : recipients)
        one.recipients.push_back({recipient, "Connection refused"});
    return one;
}

using Fate = RequeueCase::Fate;

} // namespace

TEST_CASE("queue: whose mail it is") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    struct Case {
        std::string sender;
        std::string filter;
        std::string recipient;
        std::string name;
        std::string name_now;
    };
    const Case cases[] = {
        {"a@contoso.com", "", "bob@remote.example", "Contoso", "Contoso"},
        {"a@contoso.com", "sc-fabrikam:[x]", "bob@remote.example", "Fabrikam", "Contoso"},
        {"a@nobody.com", "sc-fabrikam:[x]", "bob@remote.example", "Fabrikam", "(no connector)"},
        {"a@contoso.com", "sc-gone:[x]", "bob@remote.example", "(sc-gone)", "Contoso"},
        {"a@contoso.com", "sc-split:[127.0.0.1]:10725", "bob@remote.example", "Contoso", "Contoso"},
        {"a@contoso.com", "smtp:[scanner]:10024", "bob@remote.example", "(filter smtp)", "Contoso"},
        {"a@contoso.com", "", "root@local.example", "(local)", "(local)"},
        {"a@contoso.com", "sc-contoso:[x]", "root@local.example", "Contoso", "(local)"},
        {"a@contoso.com", "", "a@branch.example", "(relay)", "(relay)"},
        {"a@contoso.com", "", "a@odd.example", "Contoso", "Contoso"},
        {"<>", "", "bob@remote.example", "(no connector)", "(no connector)"},
        {"a@contoso.com", "", "no domain", "Contoso", "Contoso"},
        {"a@contoso.com", "sc-", "bob@remote.example", "(sc-)", "Contoso"},
    };
    for (const Case& one : cases) {
        const QueuedMessage queued = message(one.sender, one.filter, {one.recipient});
        INFO(one.sender << " " << one.filter << " " << one.recipient);
        CHECK(routing.route(queued, one.recipient).name == one.name);
        CHECK(routing.route_now(queued, one.recipient).name == one.name_now);
    }
    CHECK(routing.names(message("a@contoso.com", "", {"x@y.example", "root@local.example", "z@y.example"})) ==
          "Contoso, (local)");
}

TEST_CASE("queue: which FILTER leads another way than a new decision") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    struct Case {
        std::string sender;
        std::string filter;
        bool old;
    };
    const Case cases[] = {
        {"a@contoso.com", "", false},
        {"a@contoso.com", "sc-contoso:[192.0.2.2]:587,[192.0.2.1]:25", false},
        {"a@contoso.com", "sc-contoso:[192.0.2.1]:25,[192.0.2.2]:587", false},
        {"a@contoso.com", "sc-contoso:[192.0.2.2]:587", true},
        {"a@contoso.com", "sc-contoso:[192.0.2.3]:25", true},
        {"a@contoso.com", "sc-contoso:", true},
        {"a@fabrikam.com", "sc-contoso:[192.0.2.2]:587,[192.0.2.1]:25", true},
        {"a@contoso.com", "sc-gone:[192.0.2.1]:25", true},
        {"a@internet.example", "sc-internet:", false},
        {"a@internet.example", "sc-internet:remote.example", false},
        {"a@internet.example", "sc-internet:[192.0.2.1]", true},
        {"a@contoso.com", "smtp:[scanner]:10024", false},
        // Nothing is split by this configuration: the service does not exist.
        {"a@contoso.com", "sc-split:[127.0.0.1]:10725", true},
    };
    for (const Case& one : cases) {
        INFO(one.filter);
        CHECK(routing.has_old_filter(message(one.sender, one.filter)) == one.old);
    }
    // Only the milter sends a relay recipient through a connector: what it decided cannot be told anew here.
    const std::string current = "sc-contoso:[192.0.2.2]:587,[192.0.2.1]:25";
    CHECK_FALSE(routing.has_old_filter(message("a@contoso.com", current, {"a@branch.example"})));
    CHECK(routing.has_old_filter(message("a@contoso.com", "sc-contoso:[192.0.2.9]", {"a@branch.example"})));
}

TEST_CASE("requeue: what may be requeued, and what is left") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    const std::string old = "sc-contoso:[192.0.2.9]:25";
    struct Case {
        std::string what;
        QueuedMessage message;
        Fate fate;
    };
    QueuedMessage unread = message("a@contoso.com", old);
    unread.file.reset();
    QueuedMessage big = message("a@contoso.com", old);
    big.file->octets = 9'999'000;
    const Case cases[] = {
        {"old", message("a@contoso.com", old), Fate::requeue},
        {"no filter", message("a@contoso.com", ""), Fate::follows},
        {"as decided", message("a@contoso.com", "sc-contoso:[192.0.2.2]:587,[192.0.2.1]:25"),
         Fate::up_to_date},
        {"hold", message("a@contoso.com", old, {"b@c.example"}, "hold"), Fate::on_hold},
        {"active", message("a@contoso.com", old, {"b@c.example"}, "active"), Fate::in_delivery},
        {"incoming", message("a@contoso.com", old, {"b@c.example"}, "incoming"), Fate::in_delivery},
        {"maildrop", message("a@contoso.com", "", {}, "maildrop"), Fate::follows},
        {"foreign", message("a@contoso.com", "smtp:[scanner]:10024"), Fate::foreign_filter},
        {"relay", message("a@contoso.com", old, {"b@c.example", "a@branch.example"}), Fate::loses_route},
        {"local", message("a@contoso.com", old, {"root@local.example"}), Fate::loses_route},
        {"not known", message("a@contoso.com", old, {"a@odd.example"}), Fate::loses_route},
        {"unread", unread, Fate::unknown},
        {"big", big, Fate::too_big},
    };
    for (const Case& one : cases) {
        INFO(one.what);
        const auto planned = plan_requeue({&one.message}, routing, SecondCopies(), {10'000'000, false});
        REQUIRE(planned.size() == 1);
        CHECK(word(planned[0].fate) == word(one.fate));
        CHECK(planned[0].why.empty() == (one.fate == Fate::requeue));
    }
    const QueuedMessage nobodys = message("a@nobody.com", old);
    CHECK(plan_requeue({&nobodys}, routing, SecondCopies(), {})[0].fate == Fate::requeue);
    const Queue strict("unmatched_senders = \"reject\"\n");
    const auto refused = plan_requeue({&nobodys}, strict.routing(), SecondCopies(), {});
    CHECK(refused[0].fate == Fate::returns);
    CHECK(needs_attention(refused[0].fate));
    QueuedMessage huge = message("a@contoso.com", old);
    huge.size = 50'000'000; // above max_message_size
    CHECK(plan_requeue({&huge}, routing, SecondCopies(), {})[0].fate == Fate::returns);
    const sendconnector::test::TemporaryDirectory postfix_queue;
    postfix_queue.write("bounce/" + nobodys.queue_id, "");
    const RequeueRules told_yet{0, false, UnsentNotices::in(postfix_queue / "")};
    CHECK(plan_requeue({&nobodys}, routing, SecondCopies(), told_yet)[0].fate == Fate::loses_notice);
    const QueuedMessage moved = message("a@fabrikam.com", old);
    const auto planned = plan_requeue({&moved}, routing, SecondCopies(), {});
    CHECK(planned[0].from == "Contoso via [192.0.2.9]:25");
    CHECK(planned[0].to == "Fabrikam via [smtp.fabrikam.com]:587");
}

TEST_CASE("queue: the daemon's reason stands in place of Postfix' own") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    QueuedMessage queued = message("a@fabrikam.com", "");
    const VerifiedHop refused{.connector = "Fabrikam",
                              .service = "sc-fabrikam",
                              .next_hop = "[smtp.fabrikam.com]:587",
                              .state = "refused",
                              .reason = "CertExpired: it expired",
                              .policy = "",
                              .checked_at = "",
                              .age_seconds = 12,
                              .good_until = "",
                              .next_check_seconds = {},
                              .addresses = {}};
    const std::string from_postfix = "4.7.5 client TLS configuration problem";
    const auto reason = [&](const std::string& delay_reason, auto hops) {
        queued.recipients.front().delay_reason = delay_reason;
        const QueueReasons reasons(routing, std::move(hops));
        return reasons.of(queued, queued.recipients.front());
    };
    using Hops = tl::expected<std::vector<VerifiedHop>, ControlFailure>;
    CHECK(reason(from_postfix, Hops({refused})) ==
          "TLS: [smtp.fabrikam.com]:587 refused: CertExpired: it expired");
    CHECK(reason("delivery temporarily suspended: " + from_postfix, Hops({refused})) ==
          "TLS: [smtp.fabrikam.com]:587 refused: CertExpired: it expired");
    CHECK(reason("Connection refused", Hops({refused})) == "Connection refused");
    CHECK(reason("", Hops({refused})).empty());
    CHECK(reason("address resolver failure", Hops({refused})) ==
          "address resolver failure: Postfix could not be told the connector; the daemon answers now");
    VerifiedHop verified = refused;
    verified.state = "verified";
    CHECK(reason(from_postfix, Hops({verified})) == "TLS: [smtp.fabrikam.com]:587 was verified 12 s ago");
    CHECK(reason("Server certificate not verified", Hops({verified})) == "Server certificate not verified");
    CHECK(reason(from_postfix, Hops(std::vector<VerifiedHop>{})) == from_postfix);

    QueuedMessage plain = message("a@contoso.com", "");
    plain.recipients.front().delay_reason = from_postfix;
    const QueueReasons with(routing, Hops({refused}));
    CHECK(with.of(plain, plain.recipients.front()) ==
          "TLS: Postfix could not be told the policy; the daemon answers now");

    queued.recipients.front().delay_reason = from_postfix;
    const QueueReasons without(
        routing, tl::unexpected<ControlFailure>(ControlFailure{ControlFailure::Kind::not_running, "nobody"}));
    CHECK(without.of(queued, queued.recipients.front()) == from_postfix);
    CHECK(without.misses_daemon());

    queued.file->filter = "sc-gone:[smtp.fabrikam.com]:587";
    CHECK(reason("mail transport unavailable", Hops({refused})) ==
          "no enabled connector has the service sc-gone");
    // A FILTER to a host that is no smart host of the connector any more: the daemon answers TEMP.
    queued.file->filter = "sc-fabrikam:[old.fabrikam.com]:587";
    CHECK(reason(from_postfix, Hops({refused})) ==
          "TLS: [old.fabrikam.com]:587 is no smart host of connector \"Fabrikam\"");
}

TEST_CASE("queue: counted by connector, most frequent reason first, and nothing for a terminal to obey") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    std::vector<QueuedMessage> messages = {
        message("a@contoso.com", "", {"x@r.example", "y@r.example"}),
        message("b@contoso.com", "", {"z@r.example"}, "active"),
        message("c@contoso.com", "", {"z@r.example"}, "hold"),
        message("d@contoso.com", "sc-gone:[x]", {"root@local.example"}),
        message("", "", {}, "maildrop"),
    };
    messages[1].recipients[0].delay_reason = "";
    messages[2].recipients[0].delay_reason = "odd\x1b[31m\nreason";
    const QueueReasons reasons(routing, std::vector<VerifiedHop>{});
    const auto counts = count_queue(messages, routing, reasons);
    CHECK(text_of(counts, 1'090, Paint(false)) ==
          R"(Identity            Active Deferred Hold Incoming Oldest Reason
--------            ------ -------- ---- -------- ------ ------
Contoso             1      1        1    0        90 s   2 x Connection refused
                                                         1 x odd\x1b[31m\nreason
(not picked up yet) 0      0        0    1        90 s
(sc-gone)           0      1        0    0        90 s   Connection refused
)");
    const Json json = json_of(counts, 1'090);
    CHECK(json[0]["connector"] == "Contoso");
    CHECK(json[0]["oldest_seconds"] == 90);
    CHECK(json[2]["connector"].is_null());
    CHECK(json[2]["old_filter"] == 1);
}

TEST_CASE("queue: messages of one connector") {
    const Queue queue;
    const QueueRouting routing = queue.routing();
    const std::vector<QueuedMessage> messages = {
        message("a@contoso.com", "sc-contoso:[192.0.2.9]:25", {"x@r.example", "y@r.example", "z@r.example"}),
        message("b@fabrikam.com", "")};
    const QueueReasons reasons(routing, std::vector<VerifiedHop>{});
    CHECK(text_of(messages, "Contoso", routing, reasons, 8'200, Paint(false)) ==
          R"(QueueID          Queue    Age Size  Sender        Recipients                          Reason
-------          -----    --- ----  ------        ----------                          ------
4jYByq1czpz1hFT5 deferred 2 h 390 B a@contoso.com x@r.example, y@r.example and 1 more goes the old way; Connection refused
)");
    const Json json = json_of(messages, "Contoso", routing, reasons, 8'200);
    REQUIRE(json.size() == 1);
    CHECK(json[0]["filter"] == "sc-contoso:[192.0.2.9]:25");
    CHECK(json[0]["recipients"].size() == 3);
}

TEST_CASE("queue, requeue: wrong usage and who may") {
    const Folder folder(two);
    CHECK(folder.run({"queue"}).err.find("queue must be root") != std::string::npos);
    CHECK(folder.run({"requeue", "Contoso"}).err.find("requeue must be root") != std::string::npos);
    CHECK(folder.run({"requeue"}, {.root = true}).status == 2);
    CHECK(folder.run({"requeue", "--all", "Contoso"}, {.root = true}).status == 2);
    CHECK(folder.run({"explain", "--queue-id", "A1"}).err.find("must be root") != std::string::npos);
    CHECK(folder.run({"explain", "--queue-id", "A1", "--from", "a@b"}, {.root = true}).status == 2);
}

TEST_CASE("header fields: unfolded, in any case, of the header only") {
    const std::string header =
        "*** MESSAGE CONTENTS deferred/A1 ***\nFrom : a@b.example\r\nfrom:\n\t<c@d.example>,\n e\n"
        "X-From: no\nFrom\nSubject: From: x\n\nFrom: body\n";
    CHECK(header_fields(header, "From") == std::vector<std::string>{"a@b.example", "\t<c@d.example>, e"});
    CHECK(header_fields("", "From").empty());
    CHECK(header_fields(" From: x\n", "From").empty());
}
