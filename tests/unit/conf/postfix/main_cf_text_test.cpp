// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/main_cf_text.hpp"

#include "tests/unit/catch.hpp"

using namespace sendconnector::conf::postfix;

namespace {

struct Expected {
    std::string name;
    std::vector<std::string> lines;
};

std::vector<Expected> parse(std::string_view text, ConfigKind kind) {
    std::vector<Expected> all;
    for (const LogicalLine& logical : logical_lines(text, kind)) {
        Expected one{logical.name, {}};
        for (const PhysicalLine& line : logical.lines) {
            one.lines.emplace_back(text.substr(line.offset, line.length));
        }
        all.push_back(one);
    }
    return all;
}

bool operator==(const Expected& left, const Expected& right) {
    return left.name == right.name && left.lines == right.lines;
}

} // namespace

TEST_CASE("logical lines of main.cf", "[main_cf_text]") {
    struct Row {
        std::string text;
        std::vector<Expected> want;
    };
    const std::vector<Row> rows = {
        {"", {}},
        {"# comment\n\n   \n", {}},
        {"a = 1\n", {{"a", {"a = 1\n"}}}},
        {"a=1", {{"a", {"a=1"}}}},
        {"a\t=\t1\r\nb = 2\r\n", {{"a", {"a\t=\t1\r\n"}}, {"b", {"b = 2\r\n"}}}},
        {"a = 1\n  2\n\t3\n", {{"a", {"a = 1\n", "  2\n", "\t3\n"}}}},
        {"a = 1\n# in between\n\n   # as well\n  2\n# after\nb = 3\n",
         {{"a", {"a = 1\n", "  2\n"}}, {"b", {"b = 3\n"}}}},
        {"  nobody's\na = 1\n", {{"a", {"a = 1\n"}}}},
        {"a =\na = 2\n", {{"a", {"a =\n"}}, {"a", {"a = 2\n"}}}},
        {"a = x # y\n", {{"a", {"a = x # y\n"}}}},
        {"novalue\n", {{"novalue", {"novalue\n"}}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse(row.text, ConfigKind::main_cf) == row.want);
    }
}

TEST_CASE("logical lines of master.cf", "[main_cf_text]") {
    const auto found = parse("smtp      inet  n  -  y  -  -  smtpd\n  -o a=b\nsc-x unix - - - - - smtp\n",
                             ConfigKind::master_cf);
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "smtp/inet");
    CHECK(found[0].lines.size() == 2);
    CHECK(found[1].name == "sc-x/unix");
}

TEST_CASE("without() leaves every other octet", "[main_cf_text]") {
    const std::string text = "a = 1\n# c\nb = 2\n # in b\n  3\n\nc = 4";
    const auto b = [](const std::string& name) { return name == "b"; };
    CHECK(without(text, ConfigKind::main_cf, b) == "a = 1\n# c\n # in b\n\nc = 4");
    CHECK(without(text, ConfigKind::main_cf, [](const std::string&) { return false; }) == text);
}

TEST_CASE("list elements", "[main_cf_text]") {
    struct Row {
        std::string value;
        std::vector<std::string> want;
    };
    for (const Row& row :
         std::vector<Row>{{"", {}},
                          {" , ,", {}},
                          {"a", {"a"}},
                          {"a, b\tc", {"a", "b", "c"}},
                          {"{ unix:x, default_action=accept },b", {"{ unix:x, default_action=accept }", "b"}},
                          {"pcre:{{/a b/ x, y}, {/c/ d}} e", {"pcre:{{/a b/ x, y}, {/c/ d}}", "e"}},
                          {"{ never closed, a", {"{ never closed, a"}},
                          {"a} b", {"a}", "b"}}}) {
        CAPTURE(row.value);
        std::vector<std::string> found;
        for (const ListElement& element : list_elements(row.value)) {
            found.push_back(row.value.substr(element.offset, element.length));
        }
        CHECK(found == row.want);
    }
}
