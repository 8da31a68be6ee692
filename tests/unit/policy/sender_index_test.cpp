// SPDX-License-Identifier: Apache-2.0
// The index of senders, held against a map; what it costs in octets.
#include "policy/sender_index.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

std::vector<std::uint32_t> found(const SenderIndex& index, const std::string& text) {
    std::vector<std::uint32_t> connectors;
    const auto pattern = *SenderPattern::parse(text);
    index.each(key_of(pattern), [&](const ListedSender& listed) {
        CHECK(to_text(listed.key) == pattern.text());
        connectors.push_back(listed.connector);
    });
    return connectors;
}

} // namespace

TEST_CASE("an empty index finds nothing") {
    const SenderIndex index;
    CHECK(found(index, "contoso.com").empty());
    CHECK_FALSE(index.may_have(SenderPattern::Kind::domain));
    CHECK_FALSE(index.may_have_below(2));
    CHECK(SenderIndex(SenderList()).size() == 0);
}

TEST_CASE("an index finds exactly what is listed, with all its connectors in the order of the list") {
    const auto seed = GENERATE(0U, 1U, 0xfeedU);
    std::mt19937 random(seed);
    SenderList list;
    std::map<std::string, std::vector<std::uint32_t>> wanted;
    std::vector<SenderIndex::Repeated> repeated;
    std::vector<std::pair<std::string, std::uint32_t>> entries;
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::to_string(random() % 15'000);
        const std::vector<std::string> forms = {"d" + number + ".example", "*.d" + number + ".example",
                                                "u@d" + number + ".example", "*", "<>"};
        const auto& text = forms[random() % 50 == 0 ? random() % 5 : random() % 3];
        const auto connector = static_cast<std::uint32_t>(random() % 3);
        const auto number_of = [&](const std::string& sender, std::optional<std::uint32_t> whose) {
            return std::find_if(
                       entries.begin(), entries.end(),
                       [&](const auto& e) { return e.first == sender && (!whose || e.second == *whose); }) -
                   entries.begin();
        };
        auto& connectors = wanted[text];
        const bool same = std::find(connectors.begin(), connectors.end(), connector) != connectors.end();
        if (!connectors.empty() && repeated.size() < 300)
            repeated.push_back(
                {static_cast<std::size_t>(number_of(text, same ? std::optional(connector) : std::nullopt)),
                 static_cast<std::size_t>(i), same});
        if (!same)
            connectors.push_back(connector);
        REQUIRE(list.add(text, connector));
        entries.emplace_back(text, connector);
    }
    std::vector<SenderIndex::Repeated> told;
    const SenderIndex index(list, seed, [&](const SenderIndex::Repeated& one) {
        CHECK(to_text(one.entry.key) == entries[one.again].first);
        told.push_back(one);
    });
    for (const auto& [text, connectors] : wanted) {
        INFO(text);
        REQUIRE(found(index, text) == connectors);
    }
    REQUIRE(told.size() >= repeated.size());
    for (std::size_t i = 0; i < repeated.size(); ++i) {
        INFO("repeated " << i);
        REQUIRE(told[i].first == repeated[i].first);
        REQUIRE(told[i].again == repeated[i].again);
        REQUIRE(told[i].same == repeated[i].same);
        REQUIRE(told[i].entry.connector == entries[told[i].again].second);
        REQUIRE(told[i].first_connector == entries[told[i].first].second);
    }
    for (int i = 15'000; i < 16'000; ++i)
        REQUIRE(found(index, "d" + std::to_string(i) + ".example").empty());
    CHECK(index.may_have(SenderPattern::Kind::domain));
    CHECK(index.may_have_below(2));
    CHECK_FALSE(index.may_have_below(3));
    std::multiset<std::pair<std::string, std::uint32_t>> all;
    for (const auto& [text, connectors] : wanted)
        for (const auto connector : connectors)
            all.emplace(text, connector);
    CHECK(index.size() == all.size());
    std::multiset<std::pair<std::string, std::uint32_t>> seen;
    index.any_of([&](const ListedSender& listed) {
        seen.emplace(to_text(listed.key), listed.connector);
        return false;
    });
    CHECK(seen == all);
}

// A careless administrator's.
TEST_CASE("a list that is one sender over and over is no slower than another") {
    SenderList list;
    for (std::uint32_t i = 0; i < 300'000; ++i)
        REQUIRE(list.add("contoso.com", i % 100));
    std::size_t told = 0;
    const SenderIndex index(list, 0, [&](const SenderIndex::Repeated& one) {
        REQUIRE(one.same == (one.again >= 100));
        REQUIRE(one.first == (one.same ? one.again % 100 : 0));
        ++told;
    });
    CHECK(told == 299'999);
    CHECK(index.size() == 100);
    CHECK(found(index, "contoso.com").size() == 100);
    CHECK(found(index, "fabrikam.com").empty());
}

TEST_CASE("a sender costs less than 48 octets over those of its text") {
    constexpr std::size_t count = 100'000;
    SenderList list;
    std::size_t texts = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto text =
            i % 2 ? fmt::format("c{}.example", i) : fmt::format("first.last@customer{}.example", i);
        texts += text.size();
        REQUIRE(list.add(text, 0));
    }
    const SenderIndex index(list);
    CHECK(index.memory() <= texts + 48 * count);
}
