// SPDX-License-Identifier: Apache-2.0
// What apply tries before it switches mail over, and what it then does.
#include "milter/ctl/apply_validation.hpp"
#include "milter/ctl/smart_host_record.hpp"
#include "milter/ctl/watched_validation.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/one_connector.hpp"

#include <sstream>

using namespace sendconnector;
using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

namespace {

conf::Configuration loaded(const Folder& folder) {
    const conf::Loaded loaded = conf::load_configuration(folder.configuration());
    REQUIRE(loaded.configuration.has_value());
    return *loaded.configuration;
}

std::vector<std::string> to_validate(const Folder& folder) {
    const conf::Configuration configuration = loaded(folder);
    std::vector<std::string> hops;
    for (const HopToTry& hop : hops_to_validate(configuration))
        hops.push_back(hop.next_hop);
    return hops;
}

void remember(const Folder& folder) {
    folder.mark_applied();
    REQUIRE(SmartHostRecord(loaded(folder)).write(folder.path("state")).has_value());
}

// Two connectors under a rule, one without; as text, to be changed.
const std::string two_rules = R"(
[[connector]]
name = "Strict"
senders = ["a.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[one.example]", "[two.example]"]
require_tls = true
tls_auth_level = "DomainValidation"
tls_domain = "mx.example"
[[connector]]
name = "Encrypted"
senders = ["b.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[three.example]"]
require_tls = true
[[connector]]
name = "Opportunistic"
senders = ["c.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[four.example]"]
[[connector]]
name = "Direct"
senders = ["d.example"]
address_spaces = ["*"]
require_tls = true
)";

std::string with(std::string text, const std::string& what, const std::string& instead) {
    REQUIRE(text.find(what) != std::string::npos);
    return text.replace(text.find(what), what.size(), instead);
}

struct Asked {
    bool may;
    std::string out;
    std::string err;
};

Asked ask_whether_it_may(const Folder& folder, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    Environment environment{.out = out, .err = err};
    arguments.insert(arguments.end(), {"--config", folder.configuration()});
    ctl::Context context(environment, *parse_command_line(arguments));
    const conf::Configuration configuration = loaded(folder);
    const bool may = may_go_live(context, configuration, hops_to_validate(configuration));
    return {may, out.str(), err.str()};
}

} // namespace

TEST_CASE("apply tries what is new, where the rule wants TLS") {
    const Folder folder(two_rules);
    CHECK(to_validate(folder) ==
          std::vector<std::string>{"[one.example]:25", "[two.example]:25", "[three.example]:25"});
    remember(folder);
    CHECK(to_validate(folder).empty());
}

TEST_CASE("apply tries what changed since it was in production, and nothing else") {
    struct Case {
        std::string what;
        std::string instead;
        std::vector<std::string> hops;
    };
    const Case cases[] = {
        {"[two.example]", "[new.example]", {"[new.example]:25"}},
        {"\"[one.example]\", ", "", {}},
        {"[three.example]", "[three.example]:587", {"[three.example]:587"}},
        {"tls_domain = \"mx.example\"",
         "tls_domain = \"mx2.example\"",
         {"[one.example]:25", "[two.example]:25"}},
        {"tls_domain = \"mx.example\"",
         "tls_domain = \"mx.example\"\nrevocation = \"strict\"",
         {"[one.example]:25", "[two.example]:25"}},
        {"senders = [\"a.example\"]", "senders = [\"z.example\"]", {}},
        {"senders = [\"b.example\"]",
         "senders = [\"b.example\"]\nfqdn = \"mail.b.example\"",
         {"[three.example]:25"}},
        {"[four.example]", "[five.example]", {}},
        {"senders = [\"c.example\"]", "senders = [\"c.example\"]\nrequire_tls = true", {"[four.example]:25"}},
        {"name = \"Encrypted\"", "name = \"Encrypted\"\nenabled = false", {}},
    };
    for (const Case& one : cases) {
        const Folder before(two_rules);
        remember(before);
        const Folder after(with(two_rules, one.what, one.instead));
        for (const std::string name : {"applied.json", "smart_hosts.json"})
            std::filesystem::copy_file(before.path("state/" + name), after.path("state/" + name));
        INFO(one.instead);
        CHECK(to_validate(after) == one.hops);
    }
}

TEST_CASE("a record that is damaged remembers nothing") {
    const Folder folder(two_rules);
    remember(folder);
    for (const std::string text :
         {"", "[]", "{", "{\"sc-strict\":[1]}", "{\"sc-strict\":{\"[one.example]:25\":1}}"}) {
        folder.write("state/smart_hosts.json", text);
        CHECK(to_validate(folder).size() == 3);
    }
}

TEST_CASE("apply goes on when every smart host passes, without a word") {
    const SmartHost host({.chain = always(good())});
    const OneConnector one(host.next_hop(), strict);
    const Asked asked = ask_whether_it_may(one.folder(), {"apply"});
    CHECK(asked.may);
    CHECK(asked.out.empty());
    CHECK(asked.err.empty());
}

TEST_CASE("apply refuses a smart host that fails, and says how to see more and how to go on") {
    const SmartHost host({.chain = always(expired())});
    const OneConnector one(host.next_hop(), strict);
    const Asked asked = ask_whether_it_may(one.folder(), {"apply"});
    INFO(asked.err);
    CHECK_FALSE(asked.may);
    CHECK(asked.err.find("sendconnectorctl: error: connector \"Contoso\": " + host.next_hop() +
                         " fails: CertExpired") == 0);
    CHECK(asked.err.find("sendconnectorctl: note: " + one.folder().hint("validate Contoso") +
                         " says more\n") != std::string::npos);
    CHECK(
        asked.err.find("sendconnectorctl: error: refused: mail would be switched to smart hosts that do not "
                       "pass; nothing was changed; correct them, or take them as they are: sudo " +
                       one.folder().hint("apply --no-validate") + "\n") != std::string::npos);
    const nlohmann::json json =
        nlohmann::json::parse(ask_whether_it_may(one.folder(), {"apply", "--json"}).out);
    CHECK(json["applied"] == false);
    CHECK(json["validation"][0]["result"] == "fails");
}

TEST_CASE("apply refuses a smart host that could not be judged") {
    std::string next_hop;
    {
        const SmartHost gone({});
        next_hop = gone.next_hop();
    }
    const OneConnector one(next_hop, "require_tls = true\n");
    const Asked asked = ask_whether_it_may(one.folder(), {"apply"});
    INFO(asked.err);
    CHECK_FALSE(asked.may);
    CHECK(asked.err.find(next_hop + " could not be judged: connect: ") != std::string::npos);
}

TEST_CASE("a bar shows how far it is") {
    CHECK(bar(0, 4, "a") == "[----------] 0/4 a");
    CHECK(bar(2, 4, "b") == "[#####-----] 2/4 b");
    CHECK(bar(4, 4, "c") == "[##########] 4/4 c");
    CHECK(bar(0, 0, "") == "[##########] 0/0 ");
}
