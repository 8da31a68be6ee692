// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/list_change.hpp"
#include "conf/exchange/parameter_words.hpp"
#include "tests/unit/catch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::conf::exchange {

namespace {

using Items = std::vector<std::string>;

List values(const Items& items) {
    List list;
    for (const std::string& item : items) {
        list.emplace_back(item);
    }
    return list;
}

std::string changed(const char* key, const std::optional<Items>& written, const Items& add,
                    const Items& remove) {
    const auto list =
        changed_list(*find_key(KeyScope::connector, key), written, {values(add), values(remove)});
    REQUIRE(list);
    return fmt::format("{}, not there {}, already {}", fmt::join(list->items, " "), list->not_there.size(),
                       list->there_already.size());
}

} // namespace

TEST_CASE("entries are the same when they mean the same") {
    CHECK(changed("address_spaces", Items{"*", "SMTP:contoso.com;5"}, {"fabrikam.com"}, {"contoso.com"}) ==
          "* fabrikam.com, not there 0, already 0");
    CHECK(changed("address_spaces", Items{"contoso.com;5"}, {}, {"contoso.com;6"}) ==
          "contoso.com;5, not there 1, already 0");
    CHECK(changed("address_spaces", Items{"*"}, {"smtp:*;1"}, {}) == "*, not there 0, already 1");
    CHECK(changed("smart_hosts", Items{"a.example", "[192.0.2.1]:25"}, {"A.EXAMPLE"}, {"[192.0.2.1]:25"}) ==
          "a.example, not there 0, already 1");
    CHECK(changed("senders", Items{"Contoso.com"}, {"contoso.com", "x@contoso.com"}, {}) ==
          "Contoso.com x@contoso.com, not there 0, already 1");
    CHECK(changed("source_transport_servers", std::nullopt, {"EXCH01", "exch01"}, {"EXCH02"}) ==
          "EXCH01, not there 1, already 1");
}

TEST_CASE("a list that is not written is its default") {
    CHECK(changed("senders", std::nullopt, {"contoso.com"}, {"*"}) == "contoso.com, not there 0, already 0");
    CHECK(changed("routes", std::nullopt, {"relay"}, {}) == "default relay, not there 0, already 0");
    CHECK(changed("smart_hosts", std::nullopt, {"a"}, {}) == "a, not there 0, already 0");
}

TEST_CASE("a list that loses its last entry does not become its default") {
    struct Row {
        const char* key;
        const char* entry;
        const char* hint;
    };
    const Row table[] = {{"senders", "ceo@contoso.com", "leave one entry, or give $null for the default"},
                         {"routes", "relay", "leave one entry, or give $null for the default"},
                         {"address_spaces", "contoso.com", "leave one entry"}};
    for (const Row& row : table) {
        CAPTURE(row.key);
        const auto list = changed_list(*find_key(KeyScope::connector, row.key), Items{row.entry},
                                       {{}, values({row.entry})});
        REQUIRE(!list);
        CHECK(list.error().text == "nothing would be left in the list");
        CHECK(list.error().hint == row.hint);
    }
    CHECK(changed("smart_hosts", Items{"a"}, {}, {"a"}) == ", not there 0, already 0");
}

TEST_CASE("what is said about keys, said about parameters") {
    struct Row {
        const char* keys;
        const char* parameters;
    };
    const Row table[] = {
        {"tls_auth_level needs require_tls = true", "-TlsAuthLevel needs -RequireTLS $true"},
        {"set require_tls = true, or remove tls_auth_level",
         "set -RequireTLS $true, or remove -TlsAuthLevel"},
        {"smart_hosts needs dns_routing_enabled = false", "-SmartHosts needs -DNSRoutingEnabled $false"},
        {"smart_host_auth_mechanism = \"BasicAuth\" needs it",
         "-SmartHostAuthMechanism \"BasicAuth\" needs it"},
        {"add tls_domain with the name that their certificates carry",
         "add -TlsDomain with the name that their certificates carry"},
        {"port has no effect without smart_hosts", "-Port has no effect without -SmartHosts"},
        {"revocation needs tls_auth_level; set one of these, or remove revocation",
         "-Revocation needs -TlsAuthLevel; set one of these, or remove -Revocation"},
        {"name: \"require_tls = true\" is already taken", "-Name: \"require_tls = true\" is already taken"},
        {"the connector has no name", "the connector has no name"},
        {"set enabled = false", "set -Enabled $false"},
        {"\"open", "\"open"},
        {"", ""},
    };
    for (const Row& row : table) {
        CHECK(parameter_words(row.keys) == row.parameters);
    }
}

} // namespace sendconnector::conf::exchange
