// SPDX-License-Identifier: Apache-2.0
// A folder with a configuration, and sendconnectorctl run on it as a function.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sendconnector::ctl::test {

struct Ran {
    int status;
    std::string out;
    std::string err;

    // Fails the test when `out` is not one JSON document.
    nlohmann::json json() const;
};

struct As {
    bool terminal = false;
    bool no_color = false;
    bool root = false;
    std::size_t columns = 80;
};

Ran run_bare(const std::vector<std::string>& arguments, As as = {});

// Removed with all that is in it at the end.
class Folder {
public:
    // Writes sendconnector.toml: `top`, then [daemon] and [postfix] that point into the folder (a Postfix
    // that does not exist, a daemon that does not run), then `connectors`.
    explicit Folder(const std::string& connectors, const std::string& top = {});
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    std::string path(const std::string& name) const { return (m_path / name).string(); }
    std::string configuration() const { return path("sendconnector.toml"); }
    void write(const std::string& name, const std::string& content) const;
    // Records in applied.json that every connector stands in Postfix as the file says.
    void mark_applied() const;

    // --config is added.
    Ran run(std::vector<std::string> arguments, As as = {}) const;
    // "sendconnectorctl --config DIR/sendconnector.toml COMMAND", as hints have it.
    std::string hint(const std::string& command) const;
    // `text` with this folder's path as DIR.
    std::string anonymous(std::string text) const;

private:
    std::filesystem::path m_path;
};

// Three that are enabled, one that is not; what a small company might have.
extern const char* const company;

} // namespace sendconnector::ctl::test
