// SPDX-License-Identifier: Apache-2.0
// The commands that change something: what they refuse before they touch anything.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector::ctl::test;

TEST_CASE("changes are for root, and the error says what to type") {
    const Folder folder(company);
    for (const std::string name : {"apply", "enable", "disable"}) {
        const Ran ran = folder.run({name});
        CHECK(ran.status == 2);
        CHECK(ran.out.empty());
        CHECK(ran.err == "sendconnectorctl: error: " + name + " must be root; run as root: sudo " +
                             folder.hint(name) + "\n");
    }
}

TEST_CASE("a configuration with findings is not applied and not attached") {
    const Folder folder("[[connector]]\nname = \"X\"\n");
    const Ran apply = folder.run({"apply"}, {.root = true});
    CHECK(apply.status == 1);
    CHECK(apply.out.empty());
    CHECK(apply.err.find("sendconnectorctl: error: refused: 1 error; nothing was changed\n") !=
          std::string::npos);
    const nlohmann::json json = folder.run({"apply", "--json"}, {.root = true}).json();
    CHECK(json["applied"] == false);
    CHECK(json["findings"].size() == 1);
    CHECK(folder.run({"apply", "--dry-run"}).status == 1);
    CHECK(folder.run({"enable"}, {.root = true}).status == 1);
}

TEST_CASE("detaching does not wait for connectors that check out, but for a file that says from what") {
    const Folder refused("[[connector]]\nname = \"X\"\n");
    const Ran reached = refused.run({"disable"}, {.root = true});
    CHECK(reached.status == 2);
    CHECK(
        refused.anonymous(reached.err).find("sendconnectorctl: error: there is no main.cf in DIR/postfix") ==
        0);

    const Folder broken(company, "[daemon\n");
    const Ran unknown = broken.run({"disable"}, {.root = true});
    CHECK(unknown.status == 2);
    CHECK(unknown.err.find(
              "sendconnectorctl: error: the configuration does not say what to detach from; correct it "
              "first\n") != std::string::npos);
}

TEST_CASE("no Postfix where the configuration says it is") {
    const Folder folder(company);
    for (const std::string name : {"apply", "enable", "disable"}) {
        const Ran ran = folder.run({name}, {.root = true});
        CHECK(ran.status == 2);
        CHECK(folder.anonymous(ran.err).find("DIR/postfix") != std::string::npos);
        const Ran other = folder.run({name, "--postfix-config", folder.path("other")}, {.root = true});
        CHECK(other.status == 2);
        CHECK(folder.anonymous(other.err).find("DIR/other") != std::string::npos);
    }
}
