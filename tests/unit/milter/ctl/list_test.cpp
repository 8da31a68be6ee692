// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector::ctl::test;

TEST_CASE("list is Exchange's table") {
    const Folder folder(R"(
[[connector]]
name = "To Internet"
address_spaces = ["*"]
)");
    const Ran ran = folder.run({"list"});
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out == "Identity    AddressSpaces Enabled\n"
                     "--------    ------------- -------\n"
                     "To Internet {smtp:*;1}    True\n");
}

TEST_CASE("list pads to what the columns hold") {
    const Folder folder(company);
    CHECK(folder.run({"list"}).out == R"(Identity             AddressSpaces Enabled
--------             ------------- -------
Contoso via Mimecast {smtp:*;1}    True
CEO                  {smtp:*;1}    True
Bounces              {smtp:*;1}    True
Old relay            {smtp:*;1}    False
)");
}

TEST_CASE("list --wide") {
    const Folder folder(company);
    folder.mark_applied();
    const Ran ran = folder.run({"list", "--wide"});
    CHECK(ran.err.empty());
    CHECK(
        ran.out ==
        R"(Identity             AddressSpaces Enabled Senders                      SmartHosts                                                     Port TLS                       Service                 Applied
--------             ------------- ------- -------                      ----------                                                     ---- ---                       -------                 -------
Contoso via Mimecast {smtp:*;1}    True    {contoso.com, *.contoso.net} {[smtp-a.mimecast.example]:587, [smtp-b.mimecast.example]:587} 25   domain *.mimecast.example sc-contoso-via-mimecast True
CEO                  {smtp:*;1}    True    {ceo@contoso.com}            {192.0.2.7}                                                    25   encrypt                   sc-ceo                  True
Bounces              {smtp:*;1}    True    {<>}                         {}                                                             25   opportunistic             sc-bounces              True
Old relay            {smtp:*;1}    False   {contoso.com}                {[old.contoso.com]}                                            25   opportunistic             sc-old-relay            True
)");
}

TEST_CASE("list --json holds the wide table, whatever is asked for") {
    const Folder folder(company);
    const nlohmann::json json = folder.run({"list", "--json"}).json();
    REQUIRE(json.size() == 4);
    CHECK(json[1] == nlohmann::json{{"name", "CEO"},
                                    {"address_spaces", {"smtp:*;1"}},
                                    {"enabled", true},
                                    {"senders", {"ceo@contoso.com"}},
                                    {"listed_senders", 0},
                                    {"smart_hosts", {"192.0.2.7"}},
                                    {"port", 25},
                                    {"tls", "encrypt"},
                                    {"service", "sc-ceo"},
                                    {"applied", false}});
    CHECK(json == folder.run({"--json", "list", "--wide"}).json());
}

TEST_CASE("an unreadable record of what is applied is unknown, not False") {
    const Folder folder(company);
    folder.write("state/applied.json", "{");
    const Ran ran = folder.run({"list", "--wide"});
    CHECK(ran.status == 0);
    CHECK(ran.out.find(" sc-ceo                  unknown\n") != std::string::npos);
    CHECK(ran.err.find("sendconnectorctl: note: cannot tell what is applied: ") == 0);
    CHECK(folder.run({"list", "--json"}).json()[0]["applied"].is_null());
}

TEST_CASE("a configuration that cannot be used lists nothing and says why") {
    const Folder folder("[[connector]]\nname = \"X\"\n");
    const Ran ran = folder.run({"list"});
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("connector \"X\": ") != std::string::npos);
    CHECK(ran.err.find("sendconnectorctl: error: the configuration cannot be used; " + folder.hint("check") +
                       " says the same and more\n") != std::string::npos);
}
