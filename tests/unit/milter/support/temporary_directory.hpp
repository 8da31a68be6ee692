// SPDX-License-Identifier: Apache-2.0
// A folder for one test, short enough for socket paths.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sendconnector::test {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = "/tmp/sc-test-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        m_path = name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    std::string operator/(std::string_view name) const { return (m_path / name).string(); }
    std::string write(std::string_view name, std::string_view content) const {
        std::filesystem::create_directories((m_path / name).parent_path());
        std::ofstream(m_path / name, std::ios::binary) << content;
        return *this / name;
    }

private:
    std::filesystem::path m_path;
};

} // namespace sendconnector::test
