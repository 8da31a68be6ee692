// SPDX-License-Identifier: Apache-2.0
// Where the parts of the installation are is known while only connectors are refused, and never guessed.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"

namespace sendconnector::conf {

using namespace testing;

TEST_CASE("places are known or absent, never the default in place of what was meant") {
    struct Row {
        const char* what;
        std::string text;
        bool known;
    };
    const std::string postfix = "[postfix]\nconfig_directory = \"/srv/postfix\"\n";
    const Row table[] = {
        {"all is well", postfix + connector(), true},
        {"a connector is refused", postfix + connector("port = 0"), true},
        {"a connector is not served", postfix + connector("domain_secure_enabled = true"), true},
        {"the value is refused", "[postfix]\nconfig_directory = \"postfix\"\n", false},
        {"the key is misspelt", "[postfix]\nconfig_dir = \"/srv/postfix\"\n", false},
        {"the table is misspelt", "[postfx]\nconfig_directory = \"/srv/postfix\"\n", false},
        {"the key stands in no table", "config_directory = \"/srv/postfix\"\n", false},
        {"the key stands in another table", "[daemon]\nconfig_directory = \"/srv/postfix\"\n", false},
        {"the key stands in a connector", connector("config_directory = \"/srv/postfix\""), false},
        {"a socket stands in a connector", connector("control_socket = \"/srv/control\""), false},
        {"a connector without a name is refused", postfix + "[[connector]]\n", false},
        {"not TOML", postfix + "[[connector]\n", false},
    };
    const TemporaryFolder folder;
    for (const Row& row : table) {
        CAPTURE(row.what);
        const auto loaded = folder.load(row.text);
        CHECK(loaded.places.has_value() == row.known);
        if (loaded.places) {
            CHECK(loaded.places->postfix.config_directory == "/srv/postfix");
        }
    }
}

TEST_CASE("settings in conf.d leave the places in doubt, a broken file there does not") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "conf.d");
    write_text(folder / "conf.d/a.toml", "[postfix]\nconfig_directory = \"/srv/postfix\"\n");
    CHECK_FALSE(folder.load("").places);
    write_text(folder / "conf.d/a.toml", "[[connector]\n");
    CHECK(folder.load("").places);
    std::filesystem::remove(folder / "sendconnector.toml");
    CHECK_FALSE(load_configuration(folder / "sendconnector.toml").places);
}

} // namespace sendconnector::conf
