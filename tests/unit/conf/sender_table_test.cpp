// SPDX-License-Identifier: Apache-2.0
// Files of senders, read as one piece and in many. What each wrong line is told is in
// tests/fixtures/configurations/bad/senders_file_* and sender_tables_*.
#include "conf/sender_table.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <random>

namespace sendconnector::conf {

namespace {

ConnectorNames connectors() {
    ConnectorNames all;
    all.add("Contoso", policy::SenderIdentity::envelope);
    all.add("Contoso via Northrelay", policy::SenderIdentity::envelope);
    all.add("By login", policy::SenderIdentity::login);
    return all;
}

struct Table {
    policy::SenderList list;
    TableContent content;
};

Table read(std::string_view text, bool names_connectors, unsigned threads = 1,
           std::size_t chunk = 1U << 22U) {
    const ConnectorNames all = connectors();
    Table table;
    table.content =
        read_sender_table(text,
                          {.connectors = &all,
                           .owner = names_connectors ? std::nullopt : std::optional<std::uint32_t>(0),
                           .threads = threads,
                           .chunk = chunk},
                          table.list);
    return table;
}

// "LINE:COLUMN SENDER CONNECTOR" a line, and then "LINE:COLUMN: PROBLEM".
std::string described(const Table& table) {
    std::string text;
    std::size_t number = 0;
    table.list.any_of([&](const policy::ListedSender& listed) {
        const Spot at = table.content.places.at(number++);
        text +=
            fmt::format("{}:{} {} {}\n", at.line, at.column, policy::to_text(listed.key), listed.connector);
        return false;
    });
    for (const TableProblem& problem : table.content.problems) {
        text += fmt::format("{}:{}: {}\n", problem.at.line, problem.at.column, to_string(problem.error));
    }
    text += fmt::format("and {} from {}\n", table.content.more_problems, table.content.more_at.line);
    for (std::size_t i = 0; i < table.content.counts.size(); ++i) {
        text += fmt::format("{}: {} from {}:{}\n", i, table.content.counts[i], table.content.named[i].line,
                            table.content.named[i].column);
    }
    CHECK(number == table.content.places.size());
    return text;
}

} // namespace

TEST_CASE("a file of senders") {
    const auto table =
        read("# comment\n\ncontoso.com\r\n  *.Contoso.NET \t\n<>\n*\n\"john doe\"@contoso.com\n"
             "#not@a.sender\n\"#a\"@b.example\nlast@line.example",
             false);
    CHECK(described(table) == "3:1 contoso.com 0\n4:3 *.contoso.net 0\n5:1 <> 0\n6:1 * 0\n"
                              "7:1 \"john doe\"@contoso.com 0\n9:1 #a@b.example 0\n10:1 last@line.example 0\n"
                              "and 0 from 0\n0: 7 from 3:1\n1: 0 from 0:0\n2: 0 from 0:0\n");
}

TEST_CASE("a table of senders and connectors") {
    const auto table = read("\xEF\xBB\xBF"
                            "a@b.example contoso\n"
                            "*.b.example\t \"CONTOSO via northrelay\" \r\n"
                            "\"john doe\"@b.example   Contoso via Northrelay\n"
                            "c.example\n # amid\n\n   Contoso\n\tvia\r\n northrelay\n"
                            "d.example By Login\n",
                            true);
    CHECK(described(table) == "1:1 a@b.example 0\n2:1 *.b.example 1\n3:1 \"john doe\"@b.example 1\n"
                              "4:1 c.example 1\n10:1 d.example 2\n"
                              "and 0 from 0\n0: 1 from 1:1\n1: 3 from 2:1\n2: 1 from 10:1\n");
}

TEST_CASE("of many wrong lines the first are told, and the others counted") {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += i % 2 == 0 ? "contoso.com\n" : "no sender\n";
    }
    const auto table = read(text, false);
    REQUIRE(table.content.problems.size() == most_problems);
    CHECK(table.content.problems.back().at == Spot{100, 1});
    CHECK(table.content.more_problems == 450);
    CHECK(table.content.more_at == Spot{102, 1});
    CHECK(table.list.size() == 500);
}

TEST_CASE("octets that are no text are told once") {
    for (const std::string& text : {std::string("\xFF\xFE"
                                                "c\0o\0",
                                                6),
                                    std::string("a.example\n\0\0\0\n", 14)}) {
        for (const bool names_connectors : {false, true}) {
            const auto table = read(text, names_connectors);
            CHECK(table.content.problems.size() == 1);
            CHECK(table.list.size() == 0);
        }
    }
}

TEST_CASE("a line of any length is bounded") {
    const std::string longest(longest_table_line + 1, 'x');
    CHECK(read(longest + "\n", false).content.problems.size() == 1);
    CHECK(read("a.example\n  " + longest + "\n  b\n", true).content.problems.size() == 1);
    std::string joined = "a.example\n";
    for (int i = 0; i < 100'000; ++i) {
        joined += " x\n";
    }
    CHECK(read(joined + "b.example contoso\n", true).list.size() == 1);
}

TEST_CASE("pieces side by side give what one piece gives") {
    std::mt19937 random(6);
    const std::string_view parts[] = {
        "contoso.com", "a@b.example",  "*.c.example", " ",   "\n",        "\n",        "\n",  "#",
        " Contoso",    "\t",           "\r",          "\"",  "no sender", " By Login", "\n ", "<>",
        "*",           "m\xC3\xBC.de", "\xFC",        "\n#", " Nobody",   "\n\n ",     "\r\n"};
    for (int round = 0; round < 60; ++round) {
        std::string text;
        const std::size_t length = random() % 400;
        for (std::size_t i = 0; i < length; ++i) {
            text += parts[random() % std::size(parts)];
        }
        for (const bool names_connectors : {false, true}) {
            const std::string whole = described(read(text, names_connectors));
            for (const std::size_t chunk : {1U, 7U, 64U}) {
                for (const unsigned threads : {1U, 3U}) {
                    if (described(read(text, names_connectors, threads, chunk)) != whole) {
                        FAIL("round " << round << ", chunk " << chunk << ", threads " << threads << "\n"
                                      << text);
                    }
                }
            }
        }
    }
}

TEST_CASE("progress ends at the end") {
    const ConnectorNames all = connectors();
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += fmt::format("{}.example\n", i);
    }
    std::vector<std::size_t> told;
    policy::SenderList list;
    read_sender_table(text,
                      {.connectors = &all,
                       .owner = 0,
                       .threads = 2,
                       .chunk = 1000,
                       .progress = [&](std::size_t octets) { told.push_back(octets); }},
                      list);
    CHECK(told.size() > 3);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == text.size());
}

TEST_CASE("entries in runs are found again") {
    std::mt19937 random(7);
    EntryPlaces places;
    EntryPlaces half;
    std::vector<Spot> expected;
    Spot at{0, 1};
    for (int i = 0; i < 2000; ++i) {
        at.line += random() % 4 == 0 ? 2U : 1U;
        at.column = random() % 10 == 0 ? 3U : 1U;
        expected.push_back(at);
        if (i < 1000) {
            places.add(at);
        } else {
            half.add({at.line - 100, at.column});
        }
    }
    places.append(half, 100);
    REQUIRE(places.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(places.at(i) == expected[i]);
    }
}

} // namespace sendconnector::conf
