// SPDX-License-Identifier: Apache-2.0
// A lookup table in a file, asked as Postfix asks it: by postmap(1).
#pragma once

#include "conf/postfix/command.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace sendconnector::conf::postfix::test {

class Table {
public:
    Table(std::string type, const std::string& content) : m_type(std::move(type)) {
        spill(path(), content);
        std::filesystem::last_write_time(path(), std::filesystem::file_time_type::clock::now() -
                                                     std::chrono::minutes(1));
    }
    // "(none)" when there is no answer; what postmap complains of otherwise.
    std::string ask(const std::string& key) const {
        const auto result =
            run_command({"postmap", "-c", m_site.root() / "etc", "-q", key, m_type + ":" + path().string()});
        REQUIRE(result);
        CHECK(result->err.empty());
        return result->exit_status == 0 ? result->out.substr(0, result->out.rfind('\n')) : "(none)";
    }

private:
    std::filesystem::path path() const { return m_site.root() / "table"; }
    PrivateInstance m_site;
    std::string m_type;
};

struct Row {
    std::string key;
    std::string want;
};

inline void check(const Table& table, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.key);
        CHECK(table.ask(row.key) == row.want);
    }
}

} // namespace sendconnector::conf::postfix::test
