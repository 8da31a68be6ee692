// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/left_through.hpp"
#include "milter/mail_header/analysis.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace sendconnector;
using namespace sendconnector::ctl;

namespace {

policy::SendConnector connector(std::string name, std::string fqdn, std::vector<std::string> smart_hosts,
                                std::string source = {}) {
    policy::SendConnector made;
    made.name = std::move(name);
    made.fqdn = std::move(fqdn);
    made.source_ipv4 = std::move(source);
    made.senders = {*policy::SenderPattern::parse(made.name + ".example")};
    made.address_spaces = {*policy::AddressSpace::parse("smtp:*;1")};
    made.dns_routing_enabled = smart_hosts.empty();
    for (const std::string& host : smart_hosts)
        made.smart_hosts.push_back(*policy::SmartHost::parse(host));
    return made;
}

const policy::Policy& ours() {
    static const policy::Policy policy = *policy::Policy::make(
        {}, {connector("contoso", "out.contoso.example", {"[smtp.smart.example]:587"}),
             connector("fabrikam", "", {"[relay.cloud.example]"}), connector("adatum", "", {"192.0.2.80"}),
             connector("twin-a", "twin.example", {"[a.twin.example]"}),
             connector("twin-b", "twin.example", {"[b.twin.example]"}),
             connector("bound", "", {"[shared.isp.example]"}, "192.0.2.33"), connector("northwind", "", {})});
    return policy;
}

const OurHost this_host{{"mail.host.example", "mail"}, "helo.host.example"};
constexpr const char* submitted =
    "Received: from pc (pc [10.0.0.7]) by mail.host.example (Postfix) with ESMTPSA id 1 "
    "for <x@remote.example>; Mon, 2 Nov 2026 10:00:00 +0000\n";

// "2 contoso: evidence; evidence", a line each.
std::string found(const std::string& leaving, const std::string& return_path = {},
                  const std::string& first = submitted) {
    const mail_header::Analysis analysis = mail_header::analyse(leaving + first);
    std::string text;
    for (const LeftThrough& left : left_through(analysis.way, return_path, ours(), this_host)) {
        std::vector<std::string> names;
        for (const policy::SendConnector* one : left.connectors)
            names.push_back(one->name);
        text += fmt::format("{} {}{}: {}\n", left.hop + 1, fmt::join(names, "|"), left.is_guess ? "?" : "",
                            fmt::join(left.evidence, "; "));
    }
    return text;
}

std::string leaving(const std::string& helo, const std::string& address, const std::string& by) {
    return "Received: from " + helo + " (x [" + address + "]) by " + by +
           " with ESMTPS id 2; Mon, 2 Nov 2026 10:00:01 +0000\n";
}

} // namespace

TEST_CASE("a connector is known by its fqdn") {
    CHECK(found(leaving("OUT.contoso.example", "192.0.2.1", "mx.elsewhere.example")) ==
          "2 contoso: HELO out.contoso.example is its fqdn\n");
    // Also where our own field is not there any more.
    CHECK(found(leaving("out.contoso.example", "192.0.2.1", "mx.elsewhere.example"), "", "") ==
          "1 contoso: HELO out.contoso.example is its fqdn\n");
    CHECK(found(leaving("out.contoso.example", "192.0.2.1", "smtp.smart.example")) ==
          "2 contoso: HELO out.contoso.example is its fqdn; smtp.smart.example is its smart host\n");
}

TEST_CASE("a connector is known by its smart host, where the message came from us") {
    CHECK(found(leaving("helo.host.example", "192.0.2.1", "relay.cloud.example")) ==
          "2 fabrikam: relay.cloud.example is its smart host\n");
    CHECK(found(leaving("helo.host.example", "192.0.2.1", "in7.cloud.example")) ==
          "2 fabrikam: in7.cloud.example is in the domain of its smart host relay.cloud.example\n");
    CHECK(found("Received: from helo.host.example by adatum-in (192.0.2.80) with ESMTP; "
                "Mon, 2 Nov 2026 10:00:01 +0000\n") == "2 adatum: 192.0.2.80 is its smart host\n");
    // Everybody else uses the same smart hosts.
    CHECK(found(leaving("mail.stranger.example", "192.0.2.9", "relay.cloud.example"), "", "").empty());
}

TEST_CASE("a connector is known by its source address, where the message came from us") {
    CHECK(found(leaving("helo.host.example", "192.0.2.33", "mx.elsewhere.example")) ==
          "2 bound: 192.0.2.33 is its source address\n");
    CHECK(found(leaving("mail.stranger.example", "192.0.2.33", "mx.elsewhere.example"), "", "").empty());
}

TEST_CASE("connectors that the header does not tell apart") {
    CHECK(found(leaving("twin.example", "192.0.2.1", "mx.elsewhere.example")) ==
          "2 twin-a|twin-b: HELO twin.example is its fqdn\n");
    CHECK(found(leaving("twin.example", "192.0.2.1", "b.twin.example")) ==
          "2 twin-b: HELO twin.example is its fqdn; b.twin.example is its smart host\n");
    CHECK(found(leaving("twin.example", "192.0.2.1", "mx.elsewhere.example"), "<a@twin-b.example>") ==
          "2 twin-b: HELO twin.example is its fqdn; of those that fit, the configuration chooses it now for "
          "this "
          "sender\n");
}

TEST_CASE("a message from us without a trace of a connector is guessed at, and says so") {
    CHECK(found(leaving("helo.host.example", "192.0.2.1", "mx.remote.example"), "<a@northwind.example>") ==
          "2 northwind?: the configuration chooses it now for this sender\n");
    CHECK(
        found(leaving("helo.host.example", "192.0.2.1", "mx.remote.example"), "<a@nobody.example>").empty());
    CHECK(found(leaving("helo.host.example", "192.0.2.1", "mx.remote.example")).empty());
}

TEST_CASE("a hop to ourselves, as behind a split, leaves through no connector") {
    CHECK(found(leaving("out.contoso.example", "127.0.0.1", "mail.host.example")).empty());
    CHECK(found(leaving("out.contoso.example", "127.0.0.1", "MAIL"), "<a@northwind.example>").empty());
}

TEST_CASE("headers without hosts do no harm") {
    CHECK(found("Received: ; Mon, 2 Nov 2026 10:00:01 +0000\n", "", "").empty());
    CHECK(found("Received: from by with\n", "<>", "Received:\n").empty());
}
