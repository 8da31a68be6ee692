// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/reload.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/daemon_process.hpp"
#include "tests/unit/milter/support/recording_log.hpp"

using namespace sendconnector;
using daemon::Reload;

namespace {

std::string connector(std::string_view name, std::string_view more = "") {
    return "[[connector]]\nname = \"" + std::string(name) + "\"\nsenders = [\"" + std::string(name) +
           ".example\"]\naddress_spaces = [\"*\"]\n" + std::string(more) + "\n";
}

struct Fixture {
    test::DaemonFolder folder;
    std::shared_ptr<daemon::SnapshotHolder> holder = std::make_shared<daemon::SnapshotHolder>();
    std::shared_ptr<test::RecordingLog> log = std::make_shared<test::RecordingLog>();
    Reload reload{folder.config(), holder, log};
};

bool has(const std::vector<std::string>& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

} // namespace

TEST_CASE("a reload takes what was changed and applied") {
    Fixture f;
    f.folder.configure(connector("contoso"));
    f.folder.apply();
    REQUIRE(f.reload.load().ok);
    const auto first = f.holder->get();
    f.folder.configure(connector("contoso") + connector("fabrikam"));
    f.folder.apply();
    REQUIRE(f.reload.load().ok);
    CHECK(f.holder->get() != first);
    CHECK(f.holder->get()->policy().connectors().size() == 2);
    // Whoever had the first one still has it, whole.
    CHECK(first->policy().connectors().size() == 1);
}

TEST_CASE("a configuration that does not check out changes nothing, and every finding is told") {
    Fixture f;
    f.folder.configure(connector("contoso"));
    f.folder.apply();
    REQUIRE(f.reload.load().ok);
    const auto running = f.holder->get();
    SECTION("errors in the file") {
        f.folder.configure(connector("contoso", "port = 99999\nfqnd = \"x\""));
        const auto& report = f.reload.load();
        CHECK_FALSE(report.ok);
        CHECK(report.errors.size() == 2);
        CHECK(has(report.errors, f.folder.config() + ":"));
        CHECK(has(report.errors, "fqnd"));
        CHECK(f.log->count("fqnd") == 1);
    }
    SECTION("not TOML") {
        f.folder.directory.write("sendconnector.toml", "[[connector\n");
        CHECK_FALSE(f.reload.load().ok);
    }
    SECTION("no file") {
        std::filesystem::remove(f.folder.config());
        CHECK_FALSE(f.reload.load().ok);
    }
    SECTION("connectors that are not applied") {
        f.folder.configure(connector("contoso") + connector("fabrikam"));
        const auto& report = f.reload.load();
        CHECK_FALSE(report.ok);
        CHECK(has(report.errors, "connector \"fabrikam\": is not applied"));
        CHECK(has(report.errors, "run sendconnectorctl apply"));
        CHECK_FALSE(has(report.errors, "\"contoso\""));
    }
    SECTION("a damaged applied.json") {
        f.folder.directory.write("state/applied.json", "{\"services\":");
        CHECK_FALSE(f.reload.load().ok);
    }
    CHECK(f.holder->get() == running);
    CHECK(f.log->count("reload refused; the former configuration stays in force") == 1);
    CHECK_FALSE(f.reload.last().ok);
    // And the way back is open.
    f.folder.configure(connector("contoso"));
    f.folder.apply();
    CHECK(f.reload.load().ok);
}

TEST_CASE("at the start connectors that are not applied are a warning; disabled ones never are") {
    Fixture f;
    f.folder.configure(connector("contoso") + connector("off", "enabled = false"));
    const auto& report = f.reload.load();
    CHECK(report.ok);
    CHECK(report.warnings.size() == 1);
    CHECK(has(report.warnings, "connector \"contoso\": "));
    CHECK(has(report.warnings, "is not applied"));
    REQUIRE(f.holder->get());
    CHECK(f.holder->get()->unapplied().size() == 1);
}

TEST_CASE("at the start a bad configuration leaves no snapshot") {
    Fixture f;
    f.folder.configure("nonsense = 1\n[[connector]]\n");
    CHECK_FALSE(f.reload.load().ok);
    CHECK_FALSE(f.holder->get());
    CHECK(f.log->count("the configuration is not usable") == 1);
}

TEST_CASE("socket paths stay until a restart, and every reload says so") {
    Fixture f;
    f.folder.configure(connector("contoso"));
    f.folder.apply();
    REQUIRE(f.reload.load().ok);
    auto other = f.folder.daemon_table();
    other.replace(other.find("run/lookup"), 10, "run/better");
    f.folder.directory.write("sendconnector.toml", other + connector("contoso"));
    for (int i = 0; i < 2; ++i) {
        const auto& report = f.reload.load();
        CHECK(report.ok);
        REQUIRE(report.warnings.size() == 1);
        CHECK(has(report.warnings, "[daemon] lookup_socket stays"));
    }
}
