// SPDX-License-Identifier: Apache-2.0
#include "conf/connector_file.hpp"
#include "conf/toml_layout.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

// Written by hand, with everything that must stay.
constexpr const char* by_hand = R"(# Top of the file.
unmatched_senders = "postfix"   # global

[daemon]
state_directory = '/srv/[[connector]]'

# About the first.
[[connector]]
name = "First"  # trailing
   address_spaces   =   [ "*",   # every one
     'b.example' ]
comment = """
[[connector]]
name = "not me"
"""

# About the second.
[[ connector ]]
"name" = "Second"
address_spaces = ["*"]
# port = 26
port = 25 # usual

# The end.
)";

ConnectorFile file_of(std::string text) {
    auto file = ConnectorFile::parse(std::move(text));
    REQUIRE(file);
    return std::move(*file);
}

std::string changed(std::string text, std::string_view name, const std::vector<KeyText>& keys) {
    ConnectorFile file = file_of(std::move(text));
    const auto done = file.change(name, keys);
    return done ? file.text() : to_string(done.error());
}

std::string with(std::string text, std::string_view old, std::string_view now) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
}

} // namespace

TEST_CASE("one value changes, and nothing else") {
    CHECK(changed(by_hand, "second", {{"port", "587"}}) == with(by_hand, "port = 25 #", "port = 587 #"));
    CHECK(changed(by_hand, "FIRST", {{"name", "\"Other\""}}) == with(by_hand, "\"First\"", "\"Other\""));
    CHECK(changed(by_hand, "Second", {{"name", "\"Other\""}}) == with(by_hand, "\"Second\"", "\"Other\""));
    CHECK(changed(by_hand, "First", {{"address_spaces", "[\"c.example\"]"}}) ==
          with(by_hand, "[ \"*\",   # every one\n     'b.example' ]", "[\"c.example\"]"));
    CHECK(changed(by_hand, "First", {{"comment", "\"short\""}}) ==
          with(by_hand, "\"\"\"\n[[connector]]\nname = \"not me\"\n\"\"\"", "\"short\""));
}

TEST_CASE("keys are added behind the last one, and taken out with their line") {
    CHECK(changed(by_hand, "Second", {{"fqdn", "\"mail.example\""}, {"enabled", "false"}}) ==
          with(by_hand, "# usual\n", "# usual\nfqdn = \"mail.example\"\nenabled = false\n"));
    CHECK(changed(by_hand, "First", {{"enabled", "false"}}) ==
          with(by_hand, "\"\"\"\n\n# About the second", "\"\"\"\nenabled = false\n\n# About the second"));
    CHECK(changed(by_hand, "Second", {{"port", std::nullopt}, {"fqdn", std::nullopt}}) ==
          with(by_hand, "port = 25 # usual\n", ""));
    CHECK(changed("[[connector]]\nname = \"X\"", "X", {{"port", "25"}}) ==
          "[[connector]]\nname = \"X\"\nport = 25\n");
    CHECK(changed("[[connector]]\r\nname = \"X\"\r\n\r\n", "X", {{"port", "25"}}) ==
          "[[connector]]\r\nname = \"X\"\r\nport = 25\r\n\r\n");
}

TEST_CASE("what has the value already is not touched") {
    CHECK(changed(by_hand, "First", {{"address_spaces", "[\"*\", \"b.example\"]"}, {"fqdn", std::nullopt}}) ==
          by_hand);
    CHECK(changed(by_hand, "Second", {{"port", "25"}}) == by_hand);
}

TEST_CASE("lists as they are written") {
    const ConnectorFile file = file_of(by_hand);
    CHECK(file.names() == std::vector<std::string>{"First", "Second"});
    CHECK(file.list("first", "address_spaces") == std::vector<std::string>{"*", "b.example"});
    CHECK(file.list("first", "name") == std::vector<std::string>{"First"});
    CHECK_FALSE(file.list("first", "smart_hosts"));
    CHECK_FALSE(file.list("third", "address_spaces"));
}

TEST_CASE("a connector comes last") {
    const std::vector<KeyText> keys = {
        {"name", "\"X\""}, {"port", std::nullopt}, {"address_spaces", "[\"*\"]"}};
    const auto appended = [&](std::string text) {
        ConnectorFile file = file_of(std::move(text));
        REQUIRE(file.append(keys, "New-SendConnector -Name X"));
        return file.text();
    };
    const std::string block =
        "# Made by: New-SendConnector -Name X\n[[connector]]\nname = \"X\"\naddress_spaces = [\"*\"]\n";
    CHECK(appended("") == block);
    CHECK(appended(by_hand) == std::string(by_hand) + "\n" + block);
    CHECK(appended("# open line") == "# open line\n\n" + block);
    CHECK(appended("# a\r\n") == "# a\r\n\r\n# Made by: New-SendConnector -Name X\r\n[[connector]]\r\nname = "
                                 "\"X\"\r\naddress_spaces = [\"*\"]\r\n");
}

TEST_CASE("a connector goes, and what is about others stays") {
    const auto removed = [](std::string text, std::string_view name, bool all_comments) {
        ConnectorFile file = file_of(std::move(text));
        REQUIRE(file.remove(name, all_comments));
        return file.text();
    };
    const std::string top = "# Top of the file.\nunmatched_senders = \"postfix\"   # global\n\n[daemon]\n"
                            "state_directory = '/srv/[[connector]]'\n\n";
    const std::string first =
        "[[connector]]\nname = \"First\"  # trailing\n   address_spaces   =   [ \"*\",   # "
        "every one\n     'b.example' ]\ncomment = \"\"\"\n[[connector]]\nname = \"not "
        "me\"\n\"\"\"\n";
    const std::string second =
        "[[ connector ]]\n\"name\" = \"Second\"\naddress_spaces = [\"*\"]\n# port = 26\nport = "
        "25 # usual\n";
    CHECK(removed(by_hand, "first", true) == top + "# About the second.\n" + second + "\n# The end.\n");
    CHECK(removed(by_hand, "first", false) ==
          top + "# About the first.\n\n# About the second.\n" + second + "\n# The end.\n");
    CHECK(removed(by_hand, "second", true) == top + "# About the first.\n" + first + "\n# The end.\n");

    const std::string made = "# Made by: New-SendConnector X\n[[connector]]\nname = \"X\"\n";
    CHECK(removed(made, "X", false) == "");
    CHECK(removed(made, "X", true) == "");
    CHECK(removed("# mine\n\n" + made, "X", true) == "# mine\n");
    CHECK(removed("# mine\n" + made, "X", false) == "# mine\n");
    CHECK(file_of("\n \n").is_blank());
    CHECK_FALSE(file_of("# mine\n").is_blank());
}

TEST_CASE("files that cannot be changed a key at a time") {
    const auto refused = [](std::string text) {
        const auto file = ConnectorFile::parse(std::move(text));
        return file ? "taken" : to_string(file.error());
    };
    CHECK(refused("connector = [{name = \"X\"}]") ==
          "its connectors are not each below a line [[connector]]; change the file by hand");
    CHECK(refused("a = 1\nb = \n").substr(0, 24) == "line 2: not valid TOML: ");
    CHECK(refused("a = 1\n\xFF") == "line 2: the file is not UTF-8 here; save it in UTF-8");
    CHECK(changed("[[connector]]\nname = \"X\"\n", "X", {{"port", "no TOML"}}) ==
          "the change would not say what was meant; change the file by hand");
    CHECK(changed("[[connector]]\nname = \"X\"\n", "Y", {}) == "there is no connector \"Y\" in the file");
    CHECK(changed("[[connector]]\nname = \"X\"\n", "X", {{"port", "25\nenabled = false"}}) ==
          "the change would not say what was meant; change the file by hand");
}

} // namespace sendconnector::conf
