// SPDX-License-Identifier: Apache-2.0
// ConfigurationEdit: connectors changed in the files of the configuration: nobody else changes them
// meanwhile, the whole is checked as it is to become, and then all is written or nothing.
#pragma once

#include "conf/connector_file.hpp"
#include "conf/postfix/durable_file.hpp"
#include "milter/ctl/context.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

class ConfigurationEdit {
public:
    // Waits for whoever changes the files now, for some seconds. The lock lasts as long as the edit; it does
    // not keep an editor from anything.
    static Result<ConfigurationEdit> begin(const Context& context);

    const std::filesystem::path& main_file() const { return m_main; }
    // The file a connector stands in, whatever else is wrong with the configuration; nothing when it is in
    // none. A file that cannot be read has none.
    std::optional<std::filesystem::path> file_of(std::string_view connector) const;
    // Why a connector may be in none of them: the first file that cannot be changed as it is written.
    std::optional<Error> obstacle() const;
    // Every connector's name, in the order of the files.
    std::vector<std::string> names() const;
    // conf.d/SLUG.toml
    std::filesystem::path own_file_of(std::string_view connector) const;
    // Fails when the file is there and cannot be changed; an empty one when it is not there.
    Result<conf::ConnectorFile> open(const std::filesystem::path& file) const;

    // What the file is to become; one in conf.d of which nothing is left goes.
    void put(const std::filesystem::path& file, const conf::ConnectorFile& content);
    std::span<const conf::FileChange> changes() const { return m_changes; }
    // What is on disk; nothing when there is no such file.
    std::optional<std::string> text_now(const std::filesystem::path& file) const;

    // The mode and the owner of a file that is there are kept; a new one has those of the main file. When one
    // cannot be written, those before it are put back.
    Result<void> write() const;

private:
    ConfigurationEdit(std::filesystem::path main, conf::postfix::FileDescriptor lock)
        : m_main(std::move(main)), m_lock(std::move(lock)) {}
    Result<void> write_one(const conf::FileChange& change) const;

    std::filesystem::path m_main;
    conf::postfix::FileDescriptor m_lock;
    std::vector<conf::FileChange> m_changes;
};

} // namespace sendconnector::ctl
