// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_file.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::ctl;

namespace {

// As postcat -q -e of Postfix 3.7 prints it.
std::string printed(const std::string& id, const std::string& filter, const std::string& inside = {}) {
    const std::string path = "deferred/3/" + id + " ***\n";
    return "*** ENVELOPE RECORDS " + path +
           "message_size:             417             675               2               0             417\n"
           "message_arrival_time: Mon Nov 23 17:00:35 2026\n"
           "named_attribute: log_ident=4jYByq1czpz1hFT5\n"
           "sender: a@x.example\n"
           "named_attribute: dsn_orig_rcpt=rfc822;one@slow.example\n"
           "original_recipient: one@slow.example\n"
           "recipient: one@slow.example\n"
           "*** MESSAGE CONTENTS " +
           path + inside + "*** HEADER EXTRACTED " + path +
           (filter.empty() ? "" : "content_filter: " + filter + "\n") + "*** MESSAGE FILE END " + path;
}

} // namespace

TEST_CASE("queue file: its FILTER, and the queue ID that it had first") {
    const auto files = parse_queue_files(printed("4jYBys3BB0z1hFKt", "sc-contoso:[192.0.2.1]:587"));
    REQUIRE(files.size() == 1);
    CHECK(files[0].queue_id == "4jYBys3BB0z1hFKt");
    CHECK(files[0].filter == "sc-contoso:[192.0.2.1]:587");
    CHECK(files[0].first_id == "4jYByq1czpz1hFT5");
}

TEST_CASE("queue file: several in a row, with and without a FILTER") {
    const auto files = parse_queue_files(printed("A1", "") + printed("B2", "sc-b:") + printed("C3", ""));
    REQUIRE(files.size() == 3);
    CHECK(files[0].filter.empty());
    CHECK(files[1].filter == "sc-b:");
    CHECK(files[2].queue_id == "C3");
    CHECK(files[2].filter.empty());
}

TEST_CASE("queue file: what is cut off is left out, wherever the cut is") {
    const std::string whole = printed("A1", "sc-a:[192.0.2.1]");
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK(parse_queue_files(whole.substr(0, length)).empty());
    CHECK(parse_queue_files(whole).size() == 1);
    const auto files = parse_queue_files(whole.substr(0, whole.size() / 2) + printed("B2", "sc-b:"));
    for (const QueueFile& file : files)
        CHECK(file.queue_id != "A1");
}

TEST_CASE("queue file: lines of the message itself are no records") {
    struct Case {
        const char* inside;
    };
    const Case cases[] = {
        {"content_filter: sc-evil:[192.0.2.66]\n"},
        {"*** HEADER EXTRACTED deferred/3/OTHER ***\ncontent_filter: sc-evil:[192.0.2.66]\n"},
        {"*** MESSAGE FILE END deferred/3/A1 ***\n*** ENVELOPE RECORDS deferred/3/A1 ***\n"
         "content_filter: sc-evil:[192.0.2.66]\n"},
        {"*** HEADER EXTRACTED\n***\n******\n*** ***\n"},
    };
    for (const Case& one : cases) {
        const auto files = parse_queue_files(printed("A1", "sc-a:[192.0.2.1]", one.inside));
        REQUIRE(files.size() == 1);
        CHECK(files[0].filter == "sc-a:[192.0.2.1]");
    }
}

TEST_CASE("queue file: anything else is passed over") {
    CHECK(parse_queue_files("").empty());
    CHECK(parse_queue_files("content_filter: sc-a:\nrecipient: x\n").empty());
    CHECK(parse_queue_files(std::string("\0\n\xff\n*** ENVELOPE RECORDS", 23)).empty());
}

TEST_CASE("FILTER: service and next-hops") {
    struct Case {
        std::string filter;
        std::string service;
        std::vector<std::string> next_hops;
    };
    const Case cases[] = {
        {"", "", {}},
        {"sc-a", "sc-a", {}},
        {"sc-a:", "sc-a", {}},
        {"sc-a:[192.0.2.2]:25,[192.0.2.1]", "sc-a", {"[192.0.2.1]", "[192.0.2.2]:25"}},
        {"sc-a:[::1]:25, b.example", "sc-a", {"[::1]:25", "b.example"}},
        {"sc-a:,,", "sc-a", {}},
        {":x", "", {"x"}},
    };
    for (const Case& one : cases) {
        const FilterTarget target = parse_filter(one.filter);
        CHECK(target.service == one.service);
        CHECK(target.next_hops == one.next_hops);
    }
}
