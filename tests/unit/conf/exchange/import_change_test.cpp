// SPDX-License-Identifier: Apache-2.0
// What an import writes where it is not sure, or leaves something to a person.
#include "conf/exchange/import_change.hpp"
#include "conf/exchange/read_export.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/described.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

using namespace conf::testing;

TEST_CASE("what an incomplete export makes is disabled, and stays so until somebody enables it") {
    const auto read = read_export(
        R"({"Name": "a", "Enabled": true, "AddressSpaces": ["*"], "TlsDomain": "System.Object[]"})");
    REQUIRE(read);
    CHECK(connector_text(keys_of_new(import_object(read->reading.objects.at(0)))) ==
          "[[connector]]\nname = \"a\"\nenabled = false\naddress_spaces = [\"*\"]\n");
    const TemporaryFolder folder;
    for (const char* enabled : {"true", "false"}) {
        const auto there = folder.load(
            fmt::format("[[connector]]\nname = \"a\"\nenabled = {}\naddress_spaces = [\"*\"]\n", enabled));
        REQUIRE(there.configuration);
        Imported again = import_object(read->reading.objects.at(0));
        CHECK(keys_that_change(again, there.configuration->policy->connectors()[0],
                               there.configuration->without_effect[0])
                  .empty());
    }
}

TEST_CASE("senders that an export leaves empty are not everybody") {
    const TemporaryFolder folder;
    const auto there = folder.load("[[connector]]\nname = \"a\"\naddress_spaces = [\"*\"]\n"
                                   "senders = [\"ceo@contoso.com\"]\n");
    REQUIRE(there.configuration);
    // Of `Select-Object Name,AddressSpaces,Senders`, where nothing has Senders.
    for (const char* text :
         {R"({"Name": "a", "AddressSpaces": ["*"], "Senders": null})", "Name,AddressSpaces,Senders\na,*,\n",
          R"(<Objs><Obj RefId="0"><MS><S N="Name">a</S><S N="AddressSpaces">*</S>)"
          R"(<Nil N="Senders"/></MS></Obj></Objs>)"}) {
        CAPTURE(text);
        const auto read = read_export(text);
        REQUIRE(read);
        Imported one = import_object(read->reading.objects.at(0));
        CHECK(!one.is_refused());
        CHECK(keys_that_change(one, there.configuration->policy->connectors()[0],
                               there.configuration->without_effect[0])
                  .empty());
    }
    for (const char* text : {R"({"Name": "a", "AddressSpaces": ["*"], "Senders": []})",
                             R"({"Name": "a", "AddressSpaces": ["*"], "Senders": ""})",
                             "New-SendConnector a -AddressSpaces * -Senders @()",
                             "New-SendConnector a -AddressSpaces * -Senders x.example\n"
                             "Set-SendConnector a -Senders @{Remove=\"x.example\"}"}) {
        CAPTURE(text);
        const auto read = read_export(text);
        REQUIRE(read);
        const Imported one = import_object(read->reading.objects.at(0));
        REQUIRE(one.is_refused());
        CHECK(one.properties.back().why.text == "there is nobody in the list");
    }
    const auto read = read_export("Set-SendConnector a -Senders $null");
    REQUIRE(read);
    Imported one = import_object(read->reading.objects.at(0));
    CHECK(keys_that_change(one, there.configuration->policy->connectors()[0],
                           there.configuration->without_effect[0])
              .size() == 1);
}

TEST_CASE("a number whose name is not public is lost, and the connector is not") {
    const auto read = read_export(
        R"({"Name": "a", "AddressSpaces": ["*"], "DNSRoutingEnabled": false, "SmartHosts": ["a.example"],
            "SmartHostAuthMechanism": 77, "AuthenticationCredential": {"UserName": "u", "Password": {}},
            "ErrorPolicies": 0, "TlsAuthLevel": 2, "RequireTLS": true, "Port": 587})");
    REQUIRE(read);
    const Imported one = import_object(read->reading.objects.at(0));
    CHECK(!one.is_refused());
    CHECK(connector_text(keys_of_new(one)) ==
          "[[connector]]\nname = \"a\"\nenabled = false\naddress_spaces = [\"*\"]\ndns_routing_enabled = "
          "false\n"
          "smart_hosts = [\"a.example\"]\nport = 587\nrequire_tls = true\n"
          "tls_auth_level = \"CertificateValidation\"\n");
    std::string by_hand;
    for (const PropertyFate& property : one.properties)
        if (property.fate == Fate::by_hand)
            by_hand += property.property + " " + property.why.text + "\n";
    CHECK(by_hand == "SmartHostAuthMechanism is not in the file: there is the number 77 in its place\n"
                     "AuthenticationCredential is for SmartHostAuthMechanism, which is not in the file\n");
}

TEST_CASE("a note is for a hand, and holds back where it says so") {
    Object object{"", 0, {{"Name", Value(std::string("a"))}, {"AddressSpaces", Value(std::string("*"))}}};
    object.notes.push_back({"Senders", {"look", "there"}, false});
    Imported one = import_object(object);
    CHECK(one.properties.back().fate == Fate::by_hand);
    CHECK(one.properties.back().why.text == "look");
    CHECK(!one.is_incomplete());
    object.notes.push_back({"Senders", {"no", ""}, true});
    CHECK(import_object(object).is_incomplete());
}

} // namespace sendconnector::conf::exchange
