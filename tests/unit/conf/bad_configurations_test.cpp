// SPDX-License-Identifier: Apache-2.0
// tests/fixtures/configurations/bad: NAME.toml, or a folder NAME with sendconnector.toml and conf.d, and
// beside it NAME.expected with the very lines that `sendconnectorctl check` prints. To write these anew:
//     SENDCONNECTOR_UPDATE_GOLDEN=1 BUILD/bin/unit_conf "every bad configuration gives exactly the expected
//     lines"
#include "conf/rules.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <set>

namespace sendconnector::conf {

using namespace testing;

namespace {

std::filesystem::path bad_folder() {
    return fixture_folder() / "bad";
}

// Without suffix.
std::set<std::string> names_of_cases() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(bad_folder())) {
        if (entry.is_directory() || entry.path().extension() == ".toml") {
            names.insert(entry.path().stem().string());
        }
    }
    return names;
}

std::set<std::string> names_of_expectations() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(bad_folder())) {
        if (entry.path().extension() == ".expected") {
            names.insert(entry.path().stem().string());
        }
    }
    return names;
}

} // namespace

TEST_CASE("every bad configuration gives exactly the expected lines") {
    for (const std::string& name : names_of_cases()) {
        DYNAMIC_SECTION(name) {
            const bool is_folder = std::filesystem::is_directory(bad_folder() / name);
            const auto folder = is_folder ? bad_folder() / name : bad_folder();
            const auto loaded =
                load_configuration(folder / (is_folder ? "sendconnector.toml" : name + ".toml"));
            const std::string lines = lines_of(loaded.findings, folder);
            if (std::getenv("SENDCONNECTOR_UPDATE_GOLDEN") != nullptr) {
                write_text(original_fixtures() / "bad" / (name + ".expected"), lines);
            }
            CHECK(lines == read_text(bad_folder() / (name + ".expected")));
            CHECK(loaded.configuration.has_value() == !refuses(loaded.findings));
        }
    }
}

TEST_CASE("every bad configuration has an expectation, and the reverse") {
    CHECK(names_of_cases() == names_of_expectations());
    CHECK(names_of_cases().size() >= 80);
}

TEST_CASE("every conflict rule is met by a bad configuration") {
    std::string all;
    for (const std::string& name : names_of_expectations()) {
        all += read_text(bad_folder() / (name + ".expected"));
    }
    for (const Conflict& conflict : conflicts()) {
        const std::string line = std::string(conflict.text) + "; " + std::string(conflict.hint) + "\n";
        CAPTURE(line);
        CHECK(all.find(line) != std::string::npos);
        CHECK(line.find(conflict.key) != std::string::npos);
        CHECK(line.find(conflict.other) != std::string::npos);
    }
}

} // namespace sendconnector::conf
