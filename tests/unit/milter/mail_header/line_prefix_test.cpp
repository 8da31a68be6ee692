// SPDX-License-Identifier: Apache-2.0
// Headers that were indented, or quoted in a mail, before they were pasted.
#include "milter/mail_header/header.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

using namespace sendconnector::mail_header;

namespace {

// "NAME=VALUE@LINE" of every field, with "; " between.
std::string fields_of(std::string_view text) {
    std::string fields;
    for (const Field& field : split_header(text).fields)
        fields += fmt::format("{}{}={}@{}", fields.empty() ? "" : "; ", field.name, field.value, field.line);
    return fields;
}

struct Row {
    std::string_view given;
    std::string_view fields;
};

} // namespace

TEST_CASE("indented and quoted headers are read") {
    const Row table[] = {
        {"   A: b\n     c\n   D: e\n", "A=b c@1; D=e@3"},
        {"\n\n   A: b\n   \tc\n   D: e\n\n   F: body\n", "A=b c@3; D=e@5"},
        {"\tA: b\n\t\tc\n\tD: e\n", "A=b c@1; D=e@3"},
        {"> A: b\n>  c\n> D: e\n>\n> F: body\n", "A=b c@1; D=e@3"},
        {"> A: b\n> \tc\n> D: e\n> \n> F: body\n", "A=b c@1; D=e@3"},
        {">A: b\n> c\n>D: e\n", "A=b c@1; D=e@3"},
        {"> A: b\r\n>\tc\r\n> D: e\r\n", "A=b c@1; D=e@3"},
        {"> A: b\r>  c\r> D: e\r", "A=b c@1; D=e@3"},
        {">> A: b\n>>  c\n", "A=b c@1"},
        {"> > A: b\n> >  c\n> > D: e\n", "A=b c@1; D=e@3"},
        {"  > A: b\n  >  c\n", "A=b c@1"},
        {"   A: b\n  c\n   D: e\n", "A=b c@1; D=e@3"},
        {"Ada wrote:\n> A: b\n>  c\n", "A=b c@2"},
        {"Dear all,\n\nsee there:\n\n> A: b\n>  c\n", "A=b c@5"},
        {"  A: b\n\n    c\n\n  D: e\n\n  F: g\n\n", "A=b c@1; D=e@5; F=g@7"},
        {"\xC2\xA0\xC2\xA0"
         "A: b\n\xC2\xA0\xC2\xA0"
         "C: d\n",
         "A=b@1; C=d@2"},
    };
    for (const Row& row : table) {
        INFO(row.given);
        CHECK(fields_of(row.given) == row.fields);
    }
}

TEST_CASE("headers with fields of their own are read as they stand, quoted lines and all") {
    const Row table[] = {
        {"A: b\n> C: d\n> E: f\n", "A=b > C: d > E: f@1"},
        {"> C: d\nA: b\n> E: f\n", "A=b > E: f@2"},
        {"  C: d\nA: b\n  E: f\n", "A=b E: f@2"},
        {"From x\nA: b\n", "A=b@2"},
    };
    for (const Row& row : table) {
        INFO(row.given);
        CHECK(fields_of(row.given) == row.fields);
    }
}

TEST_CASE("what is no header stays none") {
    const std::string_view table[] = {"",
                                      ">",
                                      "> \n>\n",
                                      " ",
                                      ">>>>>",
                                      "> a\n",
                                      "a word\n  C: d\n",
                                      "> C: d\nnot\n",
                                      "  C: d\nnot\n",
                                      "\n\n\r\n>\r\n",
                                      "> :\n> :\n",
                                      "\t>\n \t\n>A"};
    for (const std::string_view given : table) {
        INFO(given);
        CHECK(fields_of(given).empty());
    }
}
