// SPDX-License-Identifier: Apache-2.0
// Files that tests read and write, and configurations made from text.
#pragma once

#include "conf/configuration.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::testing {

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!out.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

// A folder of its own, gone with its owner.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "unit_conf.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make " + name);
        }
        m_path = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(std::string_view name) const { return m_path / name; }
    // Writes `text` to sendconnector.toml and loads it.
    Loaded load(std::string_view text) const {
        write_text(m_path / "sendconnector.toml", text);
        return load_configuration(m_path / "sendconnector.toml");
    }

private:
    std::filesystem::path m_path;
};

inline std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

inline std::filesystem::path original_fixtures() {
    return std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/configurations";
}

// A copy of them, where @FIXTURES@ stands for its path: keys that name files want whole paths.
inline std::filesystem::path fixture_folder() {
    static const TemporaryFolder copy;
    static const bool is_made = [] {
        namespace fs = std::filesystem;
        fs::copy(original_fixtures(), copy.path(), fs::copy_options::recursive);
        for (const auto& entry : fs::recursive_directory_iterator(copy.path())) {
            if (entry.path().extension() == ".toml" && entry.is_regular_file()) {
                write_text(entry.path(),
                           replaced(read_text(entry.path()), "@FIXTURES@", copy.path().string()));
            }
        }
        return true;
    }();
    static_cast<void>(is_made);
    return copy.path();
}

// One finding a line, paths below `folder` relative to it.
inline std::string lines_of(const std::vector<Finding>& findings, const std::filesystem::path& folder) {
    std::string lines;
    for (const Finding& finding : findings) {
        lines += to_string(finding) + "\n";
    }
    return replaced(lines, folder.string() + "/", "");
}

// The smallest connector, with more lines.
inline std::string connector(std::string_view lines = {}) {
    return "[[connector]]\nname = \"Contoso\"\naddress_spaces = [\"*\"]\n" + std::string(lines) + "\n";
}

} // namespace sendconnector::conf::testing
