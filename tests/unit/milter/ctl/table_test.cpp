// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/table.hpp"
#include "tests/unit/catch.hpp"

using namespace sendconnector::ctl;

TEST_CASE("Format-Table: as wide as the content, one blank between columns, no blanks at the end") {
    CHECK(format_table({"Identity", "AddressSpaces", "Enabled"}, {{"To Internet", "{smtp:*;1}", "True"}}) ==
          "Identity    AddressSpaces Enabled\n"
          "--------    ------------- -------\n"
          "To Internet {smtp:*;1}    True\n");
    CHECK(format_table({"A", "B"}, {}) == "A B\n- -\n");
    CHECK(format_table({"A", "B"}, {{"", "x"}, {"long"}}) == "A    B\n-    -\n     x\nlong\n");
}

TEST_CASE("columns count characters, not octets, and control characters are shown") {
    CHECK(format_table({"A", "B"}, {{"Zürich", "x"}, {"a\tb\x1b", "y"}}) == "A        B\n"
                                                                            "-        -\n"
                                                                            "Zürich   x\n"
                                                                            "a\\tb\\x1b y\n");
}

TEST_CASE("Format-List aligns its colons") {
    CHECK(format_list({{"Name", "X"}, {"Comment", ""}}) == "Name    : X\nComment :\n");
    CHECK(format_list({{"Name", "two\nlines"}}, 8) == "Name     : two\\nlines\n");
}

TEST_CASE("lists and counts") {
    CHECK(braced({}) == "{}");
    CHECK(braced({"a", "b"}) == "{a, b}");
    CHECK(counted(1, "error") == "1 error");
    CHECK(counted(0, "error") == "0 errors");
}
