// SPDX-License-Identifier: Apache-2.0
#include "conf/load_files.hpp"

#include "conf/draft.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::string_view suffix = ".toml";

bool counts(const std::string& name) {
    return name.size() > suffix.size() && name.front() != '.' && name.ends_with(suffix);
}

// The names in conf.d that count.
std::vector<std::string> names_in(const std::filesystem::path& folder, std::vector<Finding>& findings) {
    namespace fs = std::filesystem;
    std::vector<std::string> names;
    // Not fs::exists(): a dangling link is there, and somebody meant something by it.
    std::error_code error;
    if (fs::symlink_status(folder, error).type() == fs::file_type::not_found) {
        return names;
    }
    const auto unlistable = [&] {
        Reporter(findings, folder.string())
            .error({}, fmt::format("cannot be listed: {}", error.message()),
                   "make it a folder that can be read, or remove it");
    };
    fs::directory_iterator entry(folder, error);
    if (error) {
        unlistable();
        return names;
    }
    while (entry != fs::directory_iterator()) {
        if (std::string name = entry->path().filename().string(); counts(name)) {
            names.push_back(std::move(name));
        }
        entry.increment(error);
        if (error) {
            unlistable();
            break;
        }
    }
    return names;
}

} // namespace

std::vector<ConfigurationFile> configuration_files(const std::filesystem::path& main,
                                                   std::vector<Finding>& findings,
                                                   std::span<const FileChange> changes) {
    const std::filesystem::path folder = main.parent_path() / "conf.d";
    std::vector<std::string> names = names_in(folder, findings);
    for (const FileChange& change : changes) {
        if (change.file.parent_path() != folder) {
            continue;
        }
        std::string name = change.file.filename().string();
        std::erase(names, name);
        if (change.content && counts(name)) {
            names.push_back(std::move(name));
        }
    }
    std::sort(names.begin(), names.end());
    std::vector<ConfigurationFile> files{{main.string(), FileRole::main}};
    for (const std::string& name : names) {
        files.push_back({(folder / name).string(), FileRole::drop_in});
    }
    return files;
}

} // namespace sendconnector::conf
