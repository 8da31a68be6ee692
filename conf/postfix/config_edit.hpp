// SPDX-License-Identifier: Apache-2.0
// ConfigEdit: one change to main.cf or master.cf, all or nothing.
#pragma once

#include "conf/postfix/file_descriptor.hpp"
#include "conf/postfix/main_cf_text.hpp"
#include "policy/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace sendconnector::conf::postfix {

// postconf(1) replaces main.cf and master.cf by new files of mode 0644 that belong to the caller, turns a
// symbolic link into a file, and (3.7) glues what it appends to a last line that has no newline. So it edits
// a private copy here, and the result takes the file's place under the lock that postconf itself takes
// (edit_file(3): FILE.tmp), with mode, owner and link as they were.
class ConfigEdit {
public:
    // Takes the lock, for at most ten seconds, and reads the file.
    static Result<ConfigEdit> begin(const std::filesystem::path& config_directory, ConfigKind kind);
    ConfigEdit(ConfigEdit&&) noexcept = default;
    ConfigEdit& operator=(ConfigEdit&&) = delete;
    ConfigEdit(const ConfigEdit&) = delete;
    ConfigEdit& operator=(const ConfigEdit&) = delete;
    // Gives up the lock; without commit() nothing has changed.
    ~ConfigEdit();

    const std::string& before() const { return m_before; }
    const std::string& text() const { return m_text; }
    // Replaces the text as it will be written.
    void set_text(std::string text) { m_text = std::move(text); }

    // Runs postconf with each of these argument lists (what follows `-c DIR`) on a copy of the text. Fails,
    // with the text as it was, when postconf does, when postconf cannot read the result, or when more changed
    // than the logical lines that `ours` names.
    Result<void> run_postconf(const std::vector<std::vector<std::string>>& commands,
                              const std::function<bool(const std::string&)>& ours);

    // Puts the text in place and gives up the lock. Writes nothing when it is what it was.
    Result<void> commit();

private:
    ConfigEdit(std::filesystem::path path, ConfigKind kind) : m_path(std::move(path)), m_kind(kind) {}
    std::filesystem::path lock_path() const { return m_path.string() + ".tmp"; }

    std::filesystem::path m_path;   // in the configuration directory
    std::filesystem::path m_target; // what it is, or links to
    ConfigKind m_kind;
    struct stat m_status {};
    FileDescriptor m_lock; // open on lock_path()
    std::string m_before;
    std::string m_text;
};

} // namespace sendconnector::conf::postfix
