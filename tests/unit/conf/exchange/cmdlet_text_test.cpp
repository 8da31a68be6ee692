// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/cmdlet_text.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

std::string shown(const Value& value) {
    if (value.is_null()) {
        return "null";
    }
    if (const bool* flag = value.flag()) {
        return *flag ? "true" : "false";
    }
    if (const auto* number = value.number()) {
        return fmt::format("{}", *number);
    }
    if (const std::string* text = value.text()) {
        return "<" + *text + ">";
    }
    std::string list = "[";
    for (const Value& item : *value.items()) {
        list += shown(item);
    }
    return list + "]";
}

std::string shown(const Element& element) {
    if (element.kind == Element::Kind::parameter) {
        return "-" + element.text + (element.has_colon ? ":" : "");
    }
    if (element.kind == Element::Kind::raw) {
        return "raw<" + element.text + ">";
    }
    if (!element.expression.empty()) {
        return "expression<" + element.expression + ">";
    }
    if (element.change) {
        return "add" + shown(Value(element.change->add)) + "remove" + shown(Value(element.change->remove));
    }
    return shown(element.value);
}

std::string shown(const Statement& statement) {
    std::string text = fmt::format("{}:", statement.line);
    if (statement.error) {
        return text + " error " + statement.error->text;
    }
    for (std::size_t i = 0; i < statement.stages.size(); ++i) {
        text += (i > 0 ? " | " : " ") + statement.stages[i].command;
        for (const Element& element : statement.stages[i].elements) {
            text += " " + shown(element);
        }
    }
    return text;
}

std::string words(std::string_view script) {
    std::string text;
    for (const Statement& statement : read_statements(script)) {
        text += (text.empty() ? "" : "\n") + shown(statement);
    }
    return text;
}

} // namespace

TEST_CASE("PowerShell's words") {
    struct Row {
        const char* script;
        const char* want;
    };
    const Row table[] = {
        {"", ""},
        {" \n# nothing\n<# nor\nhere #>\n;;\n", ""},
        {"Get-SendConnector", "1: Get-SendConnector"},
        {"New-SendConnector -Name \"To Internet\" -Usage Internet -AddressSpaces * -SourceTransportServer "
         "EXCH01,EXCH02",
         "1: New-SendConnector -Name <To Internet> -Usage <Internet> -AddressSpaces <*> "
         "-SourceTransportServer "
         "[<EXCH01><EXCH02>]"},
        {"x $true $FALSE $Null 25 -5", "1: x true false null <25> <-5>"},
        {"x 'it''s' 'a\"b' ''", "1: x <it's> <a\"b> <>"},
        {"x \"a`tb`nc`\"d`$e``f\" \"say \"\"hi\"\"\" \"it's $5\"",
         "1: x <a\tb\nc\"d$e`f> <say \"hi\"> expression<\"it's $5\">"},
        {"x a\"b c\"d a'b c'd a`,b", "1: x <ab cd> <ab cd> <a,b>"},
        {"x a, b ,c,\n  d", "1: x [<a><b><c><d>]"},
        {"x @(\"a\",\"b\") @('a'\n'b') (\"a\", 'b') @()", "1: x [<a><b>] [<a><b>] [<a><b>] []"},
        {"x @{Add=\"a\",\"b\"; Remove=\"c\"} @{ remove = 'c'\n add = @('a') }",
         "1: x add[<a><b>]remove[<c>] add[<a>]remove[<c>]"},
        {"x -Confirm:$false -Name:\"a b\" -Name: a", "1: x -Confirm: false -Name: <a b> -Name: <a>"},
        {"x (Get-Credential) $cred $(Get-Thing -Deep (1)) \"$name\" $cred.Name",
         "1: x expression<(Get-Credential)> expression<$cred> expression<$(Get-Thing -Deep (1))> "
         "expression<\"$name\"> expression<$cred.Name>"},
        {"x -a 1 `\n  -b 2 `\r\n -c 3", "1: x -a <1> -b <2> -c <3>"},
        {"x a; y b # and why\nz c", "1: x <a>\n1: y <b>\n2: z <c>"},
        {"x a|y -b c |\n  z", "1: x <a> | y -b <c> | z"},
        {"x a#b #c", "1: x <a#b>"},
        {"\xEF\xBB\xBFx a\r\ny b\r\n", "1: x <a>\n2: y <b>"},
        {"x \xE2\x80\x93Name \xE2\x80\x9C"
         "a b\xE2\x80\x9D \xE2\x80\x98"
         "c d\xE2\x80\x99\xC2\xA0"
         "e",
         "1: x -Name <a b> <c d> <e>"},
        {"[PS] C:\\>x a\nPS C:\\Scripts> y b\n", "1: x <a>\n2: y <b>"},
        {"$cred = Get-Credential\nx a", "1: $cred <=> <Get-Credential>\n2: x <a>"},
        {"if ($true) {\n  x a\n}\ny b",
         "1: error \"{\" stands where a value should\n2: x <a>\n3: error \"}\" "
         "stands where a command should\n4: y <b>"},
        {"Don't forget\nx a", "1: error a single quotation mark is not closed\n2: x <a>"},
        {"x \"open\ny b", "1: error a quotation mark is not closed\n2: y <b>"},
        {"x @(a\ny b", "1: error a value is missing at the end\n2: y <b>"},
        {"x @{Set=\"a\"}\ny b", "1: error a list is changed with Add and Remove only\n2: y <b>"},
        {"x a,", "1: error a value is missing at the end"},
        {"x a, | y", "1: error \"|\" stands where a value should"},
        {"x 'two\r\nlines'", "1: x <two\nlines>"},
    };
    for (const Row& row : table) {
        INFO(row.script);
        CHECK(words(row.script) == row.want);
    }
}

TEST_CASE("the words of a shell are taken as they come") {
    struct Row {
        std::vector<std::string> arguments;
        const char* want;
    };
    const Row table[] = {
        {{"-Name", "To Internet", "-AddressSpaces", "*"}, "-Name raw<To Internet> -AddressSpaces raw<*>"},
        {{"-Confirm:$false", "-WhatIf"}, "-Confirm: raw<$false> -WhatIf"},
        {{"-Confirm:", "-5", "-", "--", ""}, "-Confirm: raw<-5> raw<-> raw<--> raw<>"},
        {{"\xE2\x80\x93Name", "x"}, "-Name raw<x>"},
    };
    for (const Row& row : table) {
        std::string text;
        for (const Element& element : read_arguments(row.arguments)) {
            text += (text.empty() ? "" : " ") + shown(element);
        }
        CHECK(text == row.want);
    }
}

TEST_CASE("text is quoted so that it is read as it was") {
    for (const std::string text :
         {"plain", "a b", "", "it's", "say \"hi\"", "$true", "two\nlines", "tab\tand `back` $x \"q\"",
          "-dash", "a,b", "*", "\xE2\x80\x99quoted\xE2\x80\x9D", "line\n\xE2\x80\x9C$(x)'\xE2\x80\x98",
          "a;b|c", "@{a}", "<I>CN=a<S>CN=b", "25"}) {
        for (const Quotes quotes : {Quotes::where_needed, Quotes::always}) {
            const std::string quoted = quoted_text(text, quotes);
            INFO(quoted);
            CHECK(words("x " + quoted) == "1: x <" + text + ">");
            CHECK(quoted.find('\n') == std::string::npos);
        }
    }
}

TEST_CASE("a statement that is too long says so") {
    std::string list = "x -A a";
    while (list.size() < 70'000) {
        list += ",user@contoso.example";
    }
    CHECK(words(list + "\ny\n") == "1: error a statement is longer than is read\n2: y");
}

TEST_CASE("what PowerShell would have to work out is no value, however deep it stands") {
    CHECK(words("x (Get-A)") == "1: x expression<(Get-A)>");
    CHECK(words("x (\"a\", (Get-A))") == "1: x expression<(\"a\", (Get-A))>");
    CHECK(words("x ((((Get-A))))") == "1: x expression<((((Get-A))))>");
    CHECK(words("x @(\"a\", (Get-A))") == "1: error a list holds what PowerShell would have to work out");
    CHECK(words("x @((Get-A \"(\"))") == "1: error a list holds what PowerShell would have to work out");
    CHECK(words("x @{Add=(Get-A)}") == "1: error Add is what PowerShell would have to work out");
    CHECK(words("x @{Add=((Get-A))}") == "1: error Add is what PowerShell would have to work out");
    CHECK(words("x @((\"a\"") == "1: error a bracket is not closed");
    CHECK(words("x (((\"a\"") == "1: error a bracket is not closed");
}

// Else what does not end is read again at each of its lines.
TEST_CASE("a script is given up after 500 broken statements, or a mebioctet read in vain") {
    const std::size_t size = 1U << 18U;
    const auto repeated = [&](std::string_view piece) {
        std::string text;
        while (text.size() < size) {
            text += piece;
        }
        return text;
    };
    std::string of_words = "x -A a";
    std::string of_an_expression = "x -A $a";
    while (of_words.size() < 60'000) {
        of_words += ",a";
        of_an_expression += ",a";
    }
    of_words += '\n';
    of_an_expression += '\n';
    struct Row {
        std::string piece;
        std::size_t statements;
    };
    const Row table[] = {
        {of_words, 5},     {of_an_expression, 5},
        {"(", 1},          {"@(", 1},
        {"@{Add=", 1},     {"'\n", 501},
        {"\"\n", 501},     {"(\n", 501},
        {"x (\n", 17},     {"`", 1},
        {"x `\n", 17},     {"$(", 1},
        {"x '", 1},        {"a,", 1},
        {"\xE2\x80", 1},   {"<#", 0},
        {"|", 1},          {"x|", 1},
        {"{", 1},          {"x ((((((((((\n", 17},
        {"[PS] C:\\>", 0},
    };
    for (const auto& [piece, statements] : table) {
        INFO(piece);
        CHECK(read_statements(repeated(piece)).size() == statements);
    }
}

} // namespace sendconnector::conf::exchange
