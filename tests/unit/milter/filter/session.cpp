// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/session.hpp"

#include "conf/postfix/answers.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector;
using filter::Response;
using SnapshotPointer = std::shared_ptr<const conf::postfix::Snapshot>;

namespace {

constexpr filter::Shown everything{true, true, true};

constexpr std::string_view connectors = R"(
[[connector]]
name = "Small"
senders = ["small.example"]
address_spaces = ["*"]
max_message_size = "1000B"

[[connector]]
name = "Unlimited"
senders = ["unlimited.example"]
address_spaces = ["*"]
max_message_size = "unlimited"
)";

SnapshotPointer with(std::string_view unmatched) {
    return test::snapshot_of("unmatched_senders = \"" + std::string(unmatched) + "\"\n" +
                             std::string(connectors));
}

std::string to_text(const Response& response) {
    switch (response.action) {
    case Response::Action::proceed:
        return "continue";
    case Response::Action::accept:
        return "accept";
    default:
        return response.code + " " + response.dsn;
    }
}

filter::Basis basis(const SnapshotPointer& snapshot) {
    return {snapshot, std::make_shared<const conf::postfix::Facts>(snapshot->applied().facts)};
}

std::string mail(filter::Session& session, const SnapshotPointer& snapshot, std::string_view from,
                 std::string_view parameter = "") {
    const std::string_view list[] = {"BODY=8BITMIME", parameter};
    return to_text(session.mail(basis(snapshot), from, list));
}

std::string rcpt(filter::Session& session, std::string_view to, std::optional<std::string_view> mailer,
                 std::string_view host = "") {
    return to_text(session.rcpt({to, mailer, host}));
}

// A message of exactly `octets`: "Subject: x" CRLF CRLF is 14.
std::string message(filter::Session& session, std::uint64_t octets) {
    session.header("Subject", " x", true);
    if (const auto said = to_text(session.end_of_headers()); said != "continue") {
        return said;
    }
    session.body(octets - 14);
    return to_text(session.end_of_message({}));
}

} // namespace

TEST_CASE(
    "a message that announces its size is refused at the first recipient whose connector is too small") {
    struct Case {
        std::string_view from, size, to;
        std::optional<std::string_view> mailer;
        std::string_view want;
    };
    const Case cases[] = {
        // The limit itself passes.
        {"<a@small.example>", "SIZE=1000", "<b@far.example>", "sc-small", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@far.example>", "sc-small", "552 5.3.4"},
        {"<a@small.example>", "size=1001", "<b@far.example>", "sc-small", "552 5.3.4"},
        {"<A@Small.Example>", "SIZE=1001", "<b@far.example>", "sc-small", "552 5.3.4"},
        {"<a@small.example>", "SIZE=99999999999999999999999", "<b@far.example>", "sc-small", "552 5.3.4"},
        // Not ours: what the site routes by itself (transport_maps), local users, relayed and virtual
        // domains.
        {"<a@small.example>", "SIZE=1001", "<b@far.example>", "smtp", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@near.example>", "local", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@near.example>", "virtual", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@near.example>", "relay", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@near.example>", "error", "continue"},
        {"<a@small.example>", "SIZE=1001", "<b@far.example>", std::nullopt, "continue"},
        // No limit, no connector, no size.
        {"<a@unlimited.example>", "SIZE=999999999", "<b@far.example>", "sc-unlimited", "continue"},
        {"<a@other.example>", "SIZE=999999999", "<b@far.example>", "smtp", "continue"},
        {"<a@small.example>", "", "<b@far.example>", "sc-small", "continue"},
        {"<a@small.example>", "SIZE=", "<b@far.example>", "sc-small", "continue"},
        {"<a@small.example>", "SIZE=12x", "<b@far.example>", "sc-small", "continue"},
        {"<a@small.example>", "SIZE=-1", "<b@far.example>", "sc-small", "continue"},
        {"<>", "SIZE=1001", "<b@far.example>", "smtp", "continue"},
    };
    const auto snapshot = with("postfix");
    for (const auto& c : cases) {
        CAPTURE(c.from, c.size, c.to, c.mailer.value_or("(none)"));
        filter::Session session(everything);
        mail(session, snapshot, c.from, c.size);
        CHECK(rcpt(session, c.to, c.mailer) == c.want);
    }
}

TEST_CASE("a message whose size was not announced, or wrongly, is counted and refused at its end") {
    struct Case {
        std::string_view from, size;
        std::optional<std::string_view> mailer;
        std::uint64_t octets;
        std::string_view want;
    };
    const Case cases[] = {
        {"<a@small.example>", "", "sc-small", 1000, "continue"},
        {"<a@small.example>", "", "sc-small", 1001, "552 5.3.4"},
        {"<a@small.example>", "SIZE=10", "sc-small", 1001, "552 5.3.4"},
        {"<a@small.example>", "", "smtp", 1001, "accept"}, // by transport_maps
        {"<a@unlimited.example>", "", "sc-unlimited", 100'000'000, "continue"},
        {"<a@other.example>", "", "smtp", 100'000'000, "accept"}, // no connector: nothing to count for
        {"<a@small.example>", "", "local", 1001, "accept"},
        {"<a@unlimited.example>", "", std::nullopt, 1001, "accept"}, // sendmail(1)
    };
    const auto snapshot = with("postfix");
    for (const auto& c : cases) {
        CAPTURE(c.from, c.size, c.mailer.value_or("(none)"), c.octets);
        filter::Session session(everything);
        mail(session, snapshot, c.from, c.size);
        CHECK(rcpt(session, "<b@far.example>", c.mailer) == "continue");
        CHECK(message(session, c.octets) == c.want);
        CHECK_FALSE(session.in_message());
    }
}

TEST_CASE("octets are counted as SMTP sends them") {
    const auto snapshot = with("postfix");
    filter::Session session(everything);
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@far.example>", "sc-small");
    session.header("Subject", " one\n two", true);          // "Subject: one" CRLF " two" CRLF: 20
    session.header("X-Empty", "", true);                    // 10
    session.header("X-Space-Taken", "value", false);        // "X-Space-Taken: value" CRLF: 22
    CHECK(to_text(session.end_of_headers()) == "continue"); // 2
    session.body(900);
    session.body(46);
    const auto fits = session.end_of_message({});
    CHECK(to_text(fits) == "continue");
    CHECK(fits.note ==
          "action=accept from=<a@small.example> connector=\"Small\" recipients=1 ours=1 size=1000");
}

TEST_CASE(
    "a message for local and foreign recipients is refused as a whole when a connector cannot take it") {
    const auto snapshot = with("postfix");
    filter::Session session(everything);
    mail(session, snapshot, "<a@small.example>");
    CHECK(rcpt(session, "<local@near.example>", "local") == "continue");
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "continue");
    CHECK(message(session, 5000) == "552 5.3.4");
}

TEST_CASE("what becomes of senders without a connector") {
    const auto refusing = with("reject");
    const auto answer = conf::postfix::transport_answer(*refusing, "a@other.example", 0);
    REQUIRE(answer.text.starts_with("error:"));
    const auto refusal = answer.text.substr(6);
    struct Case {
        std::string_view unmatched, from, to;
        std::optional<std::string_view> mailer;
        std::string_view host, want;
    };
    const Case cases[] = {
        {"postfix", "<a@other.example>", "<b@far.example>", "smtp", "", "continue"},
        {"reject", "<a@other.example>", "<b@far.example>", "smtp", "", "continue"}, // by transport_maps
        {"reject", "<a@other.example>", "<b@far.example>", "sc-gone", "", "550 5.7.1"},
        {"reject", "<a@other.example>", "<b@far.example>", "error", refusal, "550 5.7.1"},
        {"reject", "<>", "<b@far.example>", "error", refusal, "550 5.7.1"},
        {"reject", "<a@other.example>", "<b@near.example>", "local", "", "continue"},
        {"reject", "<a@other.example>", "<b@near.example>", "relay", "", "continue"},
        {"reject", "<a@other.example>", "<b@near.example>", "virtual", "", "continue"},
        {"reject", "<a@other.example>", "<b@alias.example>", "error", "User unknown in virtual alias table",
         "continue"},
        {"reject", "<a@other.example>", "<b@far.example>", std::nullopt, "", "continue"},
        {"reject", "<a@small.example>", "<b@far.example>", "sc-small", "", "continue"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.unmatched, c.from, c.to, c.mailer.value_or("(none)"), c.host);
        filter::Session session(everything);
        mail(session, with(c.unmatched), c.from);
        CHECK(rcpt(session, c.to, c.mailer, c.host) == c.want);
    }
    filter::Session session(everything);
    session.mail(basis(refusing), "<a@other.example>", {});
    const auto refused = session.rcpt({"<b@far.example>", "error", refusal});
    CHECK("5.7.1 " + refused.text == refusal); // one text, wherever it is met
    CHECK(refused.note == "action=reject from=<a@other.example> to=<b@far.example> reply=\"550 5.7.1\" "
                          "reason=\"no connector matches the sender\"");
}

TEST_CASE("the default connector's limit counts for senders without one of their own") {
    const auto snapshot = test::snapshot_of(
        "unmatched_senders = \"default\"\ndefault_connector = \"Small\"\n" + std::string(connectors));
    filter::Session session(everything);
    mail(session, snapshot, "<a@other.example>", "SIZE=1001");
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "552 5.3.4");
    mail(session, snapshot, "<a@unlimited.example>", "SIZE=1001");
    CHECK(rcpt(session, "<b@far.example>", "sc-unlimited") == "continue");
}

TEST_CASE("nothing of one message is left in the next") {
    const auto snapshot = with("postfix");
    filter::Session session(everything);
    mail(session, snapshot, "<a@small.example>", "SIZE=5000");
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "552 5.3.4");
    SECTION("RSET") {
        session.reset();
    }
    SECTION("MAIL without RSET") {}
    SECTION("end of message") {
        CHECK(message(session, 5000) == "accept");
    }
    mail(session, snapshot, "<a@small.example>");
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "continue");
    CHECK(message(session, 1000) == "continue");
    // The octets of the message before are not added to this one's.
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@far.example>", "sc-small");
    session.body(5000);
    session.reset();
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@far.example>", "sc-small");
    CHECK(message(session, 1000) == "continue");
    // Nor are its recipients.
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@far.example>", "sc-small");
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@near.example>", "local");
    CHECK(message(session, 5000) == "accept");
}

TEST_CASE("events out of order never let a message through") {
    const auto snapshot = with("postfix");
    filter::Session session(everything);
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "451 4.3.0");
    session.header("Subject", " x", true);
    session.body(100);
    CHECK(to_text(session.end_of_headers()) == "continue");
    CHECK(to_text(session.end_of_message({})) == "451 4.3.0");
    session.reset();
    CHECK(to_text(session.end_of_message({})) == "451 4.3.0");
    CHECK(mail(session, snapshot, "<a@small.example>") == "continue");
    CHECK(to_text(session.end_of_message({})) == "continue"); // no recipient was ours
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "451 4.3.0");
}

TEST_CASE("after an exception the message is not let through, the next one is") {
    const auto snapshot = with("postfix");
    filter::Session session(everything);
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@near.example>", "local");
    session.spoil();
    CHECK(to_text(session.end_of_headers()) == "continue");
    CHECK(to_text(session.end_of_message({})) == "451 4.3.0");
    mail(session, snapshot, "<a@small.example>");
    rcpt(session, "<b@far.example>", "sc-small");
    CHECK(message(session, 100) == "continue");
}

TEST_CASE("a message is decided on the snapshot that was current at MAIL") {
    const auto before = with("postfix");
    const auto after = with("reject");
    filter::Session session(everything);
    mail(session, before, "<a@other.example>");
    CHECK(rcpt(session, "<b@far.example>", "sc-gone") == "continue");
    mail(session, after, "<a@other.example>");
    CHECK(rcpt(session, "<b@far.example>", "sc-gone") == "550 5.7.1");
}

TEST_CASE("a size limit that is newer than the connection could not be told, so the sender tries again") {
    const auto snapshot = with("postfix");
    filter::Session session({}); // negotiated when no connector had a limit
    mail(session, snapshot, "<a@small.example>");
    CHECK(rcpt(session, "<b@near.example>", "local") == "continue");
    CHECK(rcpt(session, "<b@far.example>", "sc-small") == "451 4.3.2");
    mail(session, snapshot, "<a@unlimited.example>");
    CHECK(rcpt(session, "<b@far.example>", "sc-unlimited") == "continue");
    CHECK(to_text(session.end_of_message({})) == "continue");
}

TEST_CASE("what a policy reads of the header and a connection does not show could not be told") {
    const auto by_login = test::snapshot_of("[[connector]]\nname = \"Login\"\nsenders = [\"x@x.example\"]\n"
                                            "address_spaces = [\"*\"]\nsender_identity = \"login\"\n" +
                                            std::string(connectors));
    for (const auto shown : {filter::Shown{}, filter::Shown{true, false, false}}) {
        filter::Session session(shown); // negotiated before a reload
        CHECK(mail(session, by_login, "<a@unlimited.example>") == "continue");
        // An alias may be meant, and the login would be lost.
        CHECK(rcpt(session, "<b@near.example>", "virtual") == "451 4.3.2");
        CHECK(rcpt(session, "<b@far.example>", "sc-unlimited") == "451 4.3.2");
    }
    filter::Session session(everything);
    mail(session, by_login, "<a@unlimited.example>");
    CHECK(rcpt(session, "<b@near.example>", "virtual") == "continue");
}

TEST_CASE("messages need counting exactly when a connector takes less than Postfix") {
    const auto limit = [](std::string_view size, std::uint64_t postfix, bool enabled = true) {
        const auto snapshot =
            test::snapshot_of("[[connector]]\nname = \"X\"\naddress_spaces = [\"*\"]\n"
                              "max_message_size = \"" +
                                  std::string(size) + "\"\nenabled = " + (enabled ? "true" : "false") + "\n",
                              postfix);
        return filter::wanted(*snapshot, snapshot->applied().facts).octets;
    };
    CHECK(limit("9MB", 10'240'000));
    CHECK(limit("9MB", 0)); // Postfix takes any size
    CHECK_FALSE(limit("35MB", 10'240'000));
    CHECK_FALSE(limit("10240000B", 10'240'000));
    CHECK(limit("10239999B", 10'240'000));
    CHECK_FALSE(limit("unlimited", 10'240'000));
    CHECK_FALSE(limit("unlimited", 0));
    CHECK_FALSE(limit("9MB", 10'240'000, false));
}

TEST_CASE("log notes cannot be forged by addresses") {
    filter::Session session(everything);
    mail(session, with("postfix"), "<a b> action=accept@small.example>", "SIZE=5000");
    const auto refused = session.rcpt({"<x\r\ny@far.example>", "sc-small", ""});
    CHECK(refused.note.find('\n') == std::string::npos);
    CHECK(refused.note == "action=reject from=<a\\x20b\\x3e\\x20action=accept@small.example> "
                          "to=<x\\x0d\\x0ay@far.example> connector=\"Small\" size=5000 limit=1000 "
                          "reply=\"552 5.3.4\"");
}
