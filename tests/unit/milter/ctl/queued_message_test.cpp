// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/postfix_tables.hpp"
#include "milter/ctl/queued_message.hpp"
#include "milter/ctl/requeue_run.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::ctl;

namespace {

const std::string listed =
    R"({"queue_name": "deferred", "queue_id": "4jYByq1pHtz1hFTF", "arrival_time": 1795453235, )"
    R"("message_size": 390, "forced_expire": false, "sender": "\"a b\"@x.example", "recipients": )"
    R"([{"address": "\"odd\u0007\"@slow.example", "delay_reason": "connect to [x]: Connection refused"}, )"
    R"({"address": "new@slow.example"}]})";

} // namespace

TEST_CASE("postqueue -j: a message") {
    const auto message = parse_listed(listed);
    REQUIRE(message);
    CHECK(message->queue == "deferred");
    CHECK(message->queue_id == "4jYByq1pHtz1hFTF");
    CHECK(message->arrival == 1795453235);
    CHECK(message->size == 390);
    CHECK(message->sender == "\"a b\"@x.example");
    REQUIRE(message->recipients.size() == 2);
    CHECK(message->recipients[0].address == "\"odd\a\"@slow.example");
    CHECK(message->recipients[0].delay_reason == "connect to [x]: Connection refused");
    CHECK(message->recipients[1].delay_reason.empty());
}

TEST_CASE("postqueue -j: the null sender") {
    for (const char* sender : {R"("sender": "MAILER-DAEMON", )", R"("sender": "", )", ""}) {
        const auto message = parse_listed(std::string(R"({"queue_name": "hold", )") + sender +
                                          R"("queue_id": "A1", "recipients": []})");
        REQUIRE(message);
        CHECK(message->sender == "<>");
    }
    CHECK(
        parse_listed(R"({"queue_name":"hold","queue_id":"A1","sender":"mailer-daemon@x.example"})")->sender ==
        "mailer-daemon@x.example");
}

TEST_CASE("postqueue -j: what is cut off is no message, wherever the cut is") {
    for (std::size_t length = 0; length < listed.size(); ++length)
        CHECK_FALSE(parse_listed(listed.substr(0, length)));
}

TEST_CASE("postqueue -j: lines of another shape") {
    for (const char* line :
         {"null", "[]", "7", "\"x\"", "{}", R"({"queue_name":"hold"})", R"({"queue_name":1,"queue_id":"A1"})",
          R"({"queue_name":"hold","queue_id":""})", R"({"queue_name":"hold","queue_id":"-d"})",
          R"({"queue_name":"hold","queue_id":"A1\nB2"})", R"({"queue_name":"hold","queue_id":"../A1"})"})
        CHECK_FALSE(parse_listed(line));
    const auto odd = parse_listed(
        R"({"queue_name":"hold","queue_id":"A1","arrival_time":"x","message_size":-1,"recipients":[1,{},"x",)"
        R"({"address":7},{"address":"a@b.example","delay_reason":[]}]})");
    REQUIRE(odd);
    CHECK(odd->size == 0);
    REQUIRE(odd->recipients.size() == 1);
    CHECK(odd->recipients[0].delay_reason.empty());
}

TEST_CASE("postqueue -j: octets that are no UTF-8 hide no message") {
    const auto message =
        parse_listed("{\"queue_name\":\"hold\",\"queue_id\":\"A1\",\"sender\":\"caf\xe9@x.example\"}");
    REQUIRE(message);
    CHECK(message->sender == "caf?@x.example");
}

TEST_CASE("postqueue -j: a whole listing counts what it cannot read") {
    const QueueListing listing =
        parse_listing(listed + "\n\nnonsense\n" + listed + "\n" + listed.substr(0, 40));
    CHECK(listing.messages.size() == 2);
    CHECK(listing.unreadable == 2);
    CHECK(parse_listing("").messages.empty());
}

TEST_CASE("postsuper -r: what it says it has requeued") {
    const std::vector<std::string> ids = requeued_ids("postsuper: 4jYC3h2QL7z1hJZD: requeued\n"
                                                      "postsuper: Requeued: 2 messages\n"
                                                      "postsuper: 4jYC3h2khwz1hJZL: placed on hold\n"
                                                      "postsuper: : requeued\n"
                                                      "postsuper: B2: requeued");
    CHECK(ids == std::vector<std::string>{"4jYC3h2QL7z1hJZD", "B2"});
}

TEST_CASE("lists of main.cf: separators, and braces that hide them") {
    CHECK(list_elements("").empty());
    CHECK(list_elements(" a, b\tc,\n d ") == std::vector<std::string>{"a", "b", "c", "d"});
    CHECK(list_elements("hash:/x, inline:{ {a = b}, {c = d} } e") ==
          std::vector<std::string>{"hash:/x", "inline:{ {a = b}, {c = d} }", "e"});
    CHECK(list_elements("a, {b, c").size() == 2);
}

TEST_CASE("an address as tables have it") {
    CHECK(address_keys("Ann+News@X.Example", "+") ==
          std::vector<std::string>{"ann+news@x.example", "ann@x.example", "@x.example"});
    CHECK(address_keys("ann@x.example", "+") == std::vector<std::string>{"ann@x.example", "@x.example"});
    CHECK(address_keys("+ann@x.example", "+").size() == 2);
    CHECK(address_keys("ann", "+") == std::vector<std::string>{"ann"});
    CHECK(address_keys("ann-news@x.example", "+-").at(1) == "ann@x.example");
}
