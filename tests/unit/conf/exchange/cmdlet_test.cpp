// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/cmdlet.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

// The call as it is written back, or what is said against it.
std::string bound(CmdletName name, const std::vector<Element>& elements) {
    const auto cmdlet = bind(name, elements);
    return cmdlet ? to_string(*cmdlet) : to_string(cmdlet.error());
}

std::string from_script(std::string_view script) {
    const auto statements = read_statements(script);
    REQUIRE(statements.size() == 1);
    REQUIRE(!statements[0].error);
    const Stage& stage = statements[0].stages.front();
    return bound(*find_cmdlet(stage.command), stage.elements);
}

std::string from_shell(CmdletName name, const std::vector<std::string>& arguments) {
    return bound(name, read_arguments(arguments));
}

} // namespace

TEST_CASE("names are cut short, in any case, and by position") {
    struct Row {
        const char* script;
        const char* want;
    };
    const Row table[] = {
        {"new-sendconnector 'To Internet' *",
         "\"*\" belongs to no parameter; put quotation marks around a value "
         "with blanks"},
        {"NEW-SENDCONNECTOR 'To Internet' -addressspaces * -SOURCETRANSPORTSERVER EXCH01,EXCH02",
         "New-SendConnector -Name 'To Internet' -AddressSpaces * -SourceTransportServers EXCH01,EXCH02"},
        {"New-SendConnector -Na X -Ad * -DNS $false -SmartHosts a -Int",
         "-Int may be -Internal, -Internet; write more of its name"},
        {"New-SendConnector -Name X -Ad * -S a",
         "-S may be -SmartHosts, -SourceIPAddress, -SmartHostAuthMechanism, -SmtpMaxMessagesPerConnection, "
         "-SourceTransportServers; write more of its name"},
        {"New-SendConnector -Name X -Ad * -TlsC '/a.pem' -Send contoso.com",
         "-Send may be -Senders, -SendersFile, -SenderIdentity; write more of its name"},
        {"New-SendConnector -Name X -Ad * -TlsC '/a.pem' -Senders contoso.com",
         "New-SendConnector -Name X -AddressSpaces * -TlsCertificateName '/a.pem' -Senders contoso.com"},
        {"New-SendConnector -Name X -Ad * -TlsCa '/a.pem'",
         "New-SendConnector -Name X -AddressSpaces * -TlsCaFile '/a.pem'"},
        {"Set-SendConnector X -Enabled $false -Comment $null",
         "Set-SendConnector -Identity X -Enabled $false -Comment $null"},
        {"Set-SendConnector X -AddressSpaces @{Add='b.com','c.com';Remove='a.com'}",
         "Set-SendConnector -Identity X -AddressSpaces @{Add='b.com','c.com'; Remove='a.com'}"},
        {"Set-SendConnector -Identity X -Usage Internet",
         "Set-SendConnector has no parameter -Usage; it is one of New-SendConnector"},
        {"Get-SendConnector X -Port 25",
         "Get-SendConnector has no parameter -Port; it is one of New-SendConnector, Set-SendConnector"},
        {"New-SendConnector X -AddresSpace *",
         "New-SendConnector has no parameter -AddresSpace; did you mean "
         "-AddressSpaces?"},
        {"New-SendConnector X -Quux 1", "New-SendConnector has no parameter -Quux; sendconnectorctl help "
                                        "New-SendConnector lists its parameters"},
        {"New-SendConnector X -Port 25 -port 26 -AddressSpaces *", "-Port is given twice; give it once"},
        {"New-SendConnector",
         "New-SendConnector wants -Name and -AddressSpaces; as in New-SendConnector -Name "
         "\"To Internet\" -AddressSpaces '*'"},
        {"Set-SendConnector -Port 25", "Set-SendConnector wants -Identity; as in Set-SendConnector -Identity "
                                       "\"To Internet\""},
        {"New-SendConnector X -AddressSpaces @{Add='a.com'}",
         "-AddressSpaces: there is no list yet that @{...} could change; write the list itself"},
        {"Set-SendConnector X -Fqdn @{Add='a.com'}",
         "-Fqdn is no list, and @{...} changes one; write its new "
         "value"},
        {"New-SendConnector X -AddressSpaces $spaces",
         "-AddressSpaces: \"$spaces\" is for PowerShell to work out; "
         "write the value itself, in single quotation marks where "
         "it holds a $"},
        {"New-SendConnector X -AddressSpaces",
         "-AddressSpaces wants a value, and none stands behind it; write it, "
         "in quotation marks where it begins with a dash"},
        {"New-SendConnector X -Enabled -AddressSpaces *",
         "-Enabled wants a value, and none stands behind it; write $true or $false; in a shell '$true' in "
         "single "
         "quotation marks, or true"},
    };
    for (const Row& row : table) {
        INFO(row.script);
        CHECK(from_script(row.script) == row.want);
    }
}

TEST_CASE("what a shell has split") {
    using Arguments = std::vector<std::string>;
    struct Row {
        Arguments arguments;
        const char* want;
    };
    const Row table[] = {
        {{"-Name", "To Internet", "-Usage", "Internet", "-AddressSpaces", "*", "-SourceTransportServer",
          "EXCH01,EXCH02"},
         "New-SendConnector -Name 'To Internet' -Usage Internet -AddressSpaces * -SourceTransportServers "
         "'EXCH01,EXCH02'"},
        {{"X", "-AddressSpaces", "*", "-SmartHosts", "a,", "b", ",c", "-DNSRoutingEnabled", "$False"},
         "New-SendConnector -Name X -AddressSpaces * -SmartHosts 'a,b,c' -DNSRoutingEnabled $false"},
        {{"X", "-AddressSpaces", "@('a.com','b.com')", "-Internet", "-SmartHosts", "\"a\",\"b\""},
         "New-SendConnector -Name X -AddressSpaces a.com,b.com -Internet -SmartHosts a,b"},
        {{"X", "-AddressSpaces", "*", "-Comment", "a, \"b\" $c"},
         "New-SendConnector -Name X -AddressSpaces * -Comment 'a, \"b\" $c'"},
        {{"X", "-AddressSpaces", "--", "-Internet:$false", "-Custom", "$true"},
         "New-SendConnector -Name X -AddressSpaces '--' -Internet:$false -Custom"},
        // Names of files where a star was, and nothing where $false was.
        {{"X", "-AddressSpaces", "conf.d", "credentials.d"},
         "\"credentials.d\" belongs to no parameter; put quotation marks around a value with blanks, and "
         "around "
         "* for the shell"},
        {{"X", "-AddressSpaces", "*", "-DNSRoutingEnabled", "-SmartHosts", "a"},
         "-DNSRoutingEnabled wants a value, and none stands behind it; write $true or $false; in a shell "
         "'$true' "
         "in single quotation marks, or true"},
        {{"X", "-AddressSpaces", "@{Add='a'"},
         "-AddressSpaces: a list is changed with Add and Remove only; write @{Add=\"...\",\"...\"; "
         "Remove=\"...\"}"},
    };
    for (const Row& row : table) {
        INFO(row.want);
        CHECK(from_shell(CmdletName::new_connector, row.arguments) == row.want);
    }
    CHECK(from_shell(CmdletName::set_connector,
                     {"X", "-Senders", "@{Add=\"a.com\",\"b.com\"; Remove=\"c.com\"}"}) ==
          "Set-SendConnector -Identity X -Senders @{Add='a.com','b.com'; Remove='c.com'}");
}

TEST_CASE("a credential is never written back") {
    for (const char* given : {"(Get-Credential)", "$cred",
                              "(New-Object PSCredential('u',(ConvertTo-SecureString 'secret' "
                              "-AsPlainText -Force)))",
                              "'user secret'", "$null"}) {
        const std::string line = from_script(
            fmt::format("New-SendConnector X -AddressSpaces * -AuthenticationCredential {}", given));
        INFO(line);
        CHECK(line == "New-SendConnector -Name X -AddressSpaces * -AuthenticationCredential ...");
    }
    CHECK(from_shell(CmdletName::new_connector,
                     {"X", "-AddressSpaces", "*", "-AuthenticationCredential", "relay"}) ==
          "New-SendConnector -Name X -AddressSpaces * -AuthenticationCredential relay");
}

} // namespace sendconnector::conf::exchange
