// SPDX-License-Identifier: Apache-2.0
// The small forms that exports are made of.
#include "conf/exchange/clixml_primitive.hpp"
#include "conf/exchange/clixml_string.hpp"
#include "conf/exchange/detect.hpp"
#include "conf/exchange/list_text.hpp"
#include "conf/exchange/powershell_writer.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

std::string joined(const Nested& list) {
    std::string text;
    for (const Value& item : *list.value.items())
        text += "<" + *item.text() + ">";
    return text + (list.lost.empty() ? "" : " lost");
}

std::string detected(std::string_view text) {
    const auto format = detect(text);
    return format ? std::string(to_string(*format)) : "none";
}

} // namespace

TEST_CASE("a file is known by its text") {
    const std::pair<const char*, const char*> cases[] = {
        {"<Objs/>", "CLIXML"},
        {"\n  <?xml version='1.0'?><Objs/>", "CLIXML"},
        {"#< CLIXML\n<Objs/>", "CLIXML"},
        {"{\"Name\": 1}", "JSON"},
        {"[{}]", "JSON"},
        {"[\n  {\n", "JSON"},
        {"[]", "JSON"},
        {"[[connector]]\nname = \"a\"", "TOML"},
        {"# New-SendConnector -Name a -AddressSpaces *\n[[connector]]\n", "TOML"},
        {"[daemon]\n", "TOML"},
        {"unmatched_senders = \"mx\"\n", "TOML"},
        {"#TYPE System.Object\n\"Name\"\n", "CSV"},
        {"\"Name\"\n\"a\"\n", "CSV"},
        {"Name,Enabled\na,True\n", "CSV"},
        {"Enabled;Identity\n", "CSV"},
        {"Enabled\tName\n", "CSV"},
        {"New-SendConnector -Name a -AddressSpaces *", "a PowerShell script"},
        {"<# comment\n#>\n$a = 1\nset-sendconnector a -Port 25", "a PowerShell script"},
        {"[CmdletBinding()]\nparam()\nNew-SendConnector a *", "a PowerShell script"},
        {"[PS] C:\\>New-SendConnector a *", "a PowerShell script"},
        {"# New-SendConnector\n", "none"},
        {"Subject: hello\n\nhello", "none"},
        {"<#", "none"},
    };
    for (const auto& [text, format] : cases) {
        CAPTURE(text);
        CHECK(detected(text) == format);
    }
}

TEST_CASE("lists that were made texts are lists again") {
    const std::pair<const char*, const char*> cases[] = {
        {"SMTP:*;1", "<SMTP:*;1>"},
        {"SMTP:*;1 SMTP:contoso.com;2", "<SMTP:*;1><SMTP:contoso.com;2>"},
        {"SMTP:*;1;SMTP:contoso.com;2", "<SMTP:*;1><SMTP:contoso.com;2>"},
        {"contoso.com;fabrikam.com", "<contoso.com><fabrikam.com>"},
        {"{SMTP:*;1, SMTP:contoso.com;2}", "<SMTP:*;1><SMTP:contoso.com;2>"},
        {"{SMTP:*;1, SMTP:contoso.com;2...}", "<SMTP:*;1><SMTP:contoso.com;2> lost"},
        {"a|b|c", "<a><b><c>"},
        {"a\nb", "<a><b>"},
        {"[smtp.example]:587;10,[smtp2.example]:587;90", "<[smtp.example]:587;10><[smtp2.example]:587;90>"},
        {"{}", ""},
        {"", ""},
        {" ; ,", ""},
    };
    for (const auto& [text, items] : cases) {
        CAPTURE(text);
        CHECK(joined(items_of_text(text)) == items);
    }
}

TEST_CASE("strings survive CLIXML") {
    const std::pair<const char*, const char*> cases[] = {
        {"plain", "plain"},
        {"a\nb\tc", "a_x000A_b_x0009_c"},
        {"_x000A_", "_x005F_x000A_"},
        {"_x00", "_x00"},
        {"<a & \"b\">", "&lt;a &amp; &quot;b&quot;&gt;"},
        {"\u6771\u4EAC \U0001F4E7", "\u6771\u4EAC \U0001F4E7"},
        {"\x1b[31m", "_x001B_[31m"},
    };
    for (const auto& [text, encoded] : cases) {
        CAPTURE(text);
        CHECK(encode_clixml_string(text) == encoded);
        if (std::string_view(encoded).find('&') == std::string_view::npos)
            CHECK(decode_clixml_string(encoded) == text);
    }
    CHECK(decode_clixml_string("_xD83D__xDCE7_") == "\U0001F4E7");
    CHECK(decode_clixml_string("_xD83D_a") == "\uFFFDa");
    CHECK(decode_clixml_string("_x0000_") == "\uFFFD");
}

TEST_CASE("durations") {
    const std::pair<const char*, const char*> cases[] = {{"PT10M", "00:10:00"},
                                                         {"PT10M0.5S", "00:10:00"},
                                                         {"P1D", "1.00:00:00"},
                                                         {"P1DT2H3M4S", "1.02:03:04"},
                                                         {"PT0S", "00:00:00"},
                                                         {"PT90M", "01:30:00"},
                                                         {"P1Y", "none"},
                                                         {"P", "none"},
                                                         {"PT", "none"},
                                                         {"-PT1S", "none"},
                                                         {"PT1", "none"},
                                                         {"10M", "none"},
                                                         {"PT99999999999999999999S", "none"}};
    for (const auto& [duration, span] : cases) {
        CAPTURE(duration);
        CHECK(time_span_of_duration(duration).value_or("none") == span);
    }
}

TEST_CASE("nothing in a text ends its quotation marks") {
    CHECK(powershell_string("it's $(calc) `n \"x\"") == "'it''s $(calc) `n \"x\"'");
    CHECK(powershell_string("\u2018a\u2019b\u201Ac\u201B") ==
          "'\u2018\u2018a\u2019\u2019b\u201A\u201Ac\u201B\u201B'");
    CHECK(powershell_string("") == "''");
}

} // namespace sendconnector::conf::exchange
