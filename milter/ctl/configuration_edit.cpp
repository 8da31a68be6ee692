// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/configuration_edit.hpp"

#include "conf/load_files.hpp"
#include "conf/slug.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>

namespace sendconnector::ctl {
namespace {

namespace fs = std::filesystem;
namespace postfix = conf::postfix;

constexpr std::chrono::seconds patience{20};

// A file may be a link into a folder of its own; the link stays.
fs::path target_of(const fs::path& file) {
    std::error_code error;
    const fs::path target = fs::canonical(file, error);
    return error ? file : target;
}

std::optional<std::string> bytes_of(const fs::path& file) {
    Result<std::optional<std::string>> bytes = postfix::read_file(file);
    return bytes ? std::move(*bytes) : std::nullopt;
}

} // namespace

Result<ConfigurationEdit> ConfigurationEdit::begin(const Context& context) {
    const fs::path main = context.configuration_file();
    const fs::path folder = main.has_parent_path() ? main.parent_path() : fs::path(".");
    Result<postfix::FileDescriptor> lock = postfix::lock_directory(folder, patience);
    if (!lock)
        return tl::unexpected<Error>(lock.error());
    return ConfigurationEdit(main, std::move(*lock));
}

std::optional<fs::path> ConfigurationEdit::file_of(std::string_view connector) const {
    std::vector<conf::Finding> ignored;
    for (const conf::ConfigurationFile& file : conf::configuration_files(m_main, ignored))
        if (const auto parsed = conf::ConnectorFile::parse(bytes_of(file.path).value_or(""));
            parsed && parsed->has(connector))
            return file.path;
    return std::nullopt;
}

std::optional<Error> ConfigurationEdit::obstacle() const {
    std::vector<conf::Finding> ignored;
    for (const conf::ConfigurationFile& file : conf::configuration_files(m_main, ignored))
        if (const Result<conf::ConnectorFile> opened = open(file.path); !opened)
            return opened.error();
    return std::nullopt;
}

std::vector<std::string> ConfigurationEdit::names() const {
    std::vector<std::string> names;
    std::vector<conf::Finding> ignored;
    for (const conf::ConfigurationFile& file : conf::configuration_files(m_main, ignored))
        if (const auto parsed = conf::ConnectorFile::parse(bytes_of(file.path).value_or("")))
            names.insert(names.end(), parsed->names().begin(), parsed->names().end());
    return names;
}

fs::path ConfigurationEdit::own_file_of(std::string_view connector) const {
    return m_main.parent_path() / "conf.d" / (conf::slug(connector) + ".toml");
}

Result<conf::ConnectorFile> ConfigurationEdit::open(const fs::path& file) const {
    Result<std::optional<std::string>> bytes = postfix::read_file(file);
    if (!bytes)
        return tl::unexpected<Error>(bytes.error());
    return conf::ConnectorFile::parse(bytes->value_or("")).map_error([&](const Error& error) {
        return Error{fmt::format("{}: {}", file.string(), error.text), error.hint};
    });
}

void ConfigurationEdit::put(const fs::path& file, const conf::ConnectorFile& content) {
    const bool goes = file != m_main && content.is_blank();
    m_changes.push_back({file, goes ? std::nullopt : std::optional(content.text())});
}

std::optional<std::string> ConfigurationEdit::text_now(const fs::path& file) const {
    return bytes_of(file);
}

Result<void> ConfigurationEdit::write_one(const conf::FileChange& change) const {
    if (!change.content)
        return postfix::remove_file(change.file);
    const fs::path file = target_of(change.file);
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0)
        return postfix::write_file(file, *change.content, status.st_mode & 07777,
                                   postfix::FileOwner{status.st_uid, status.st_gid});
    if (const fs::path folder = file.parent_path(); !fs::exists(folder))
        if (Result<void> made = postfix::ensure_private_directory(folder); !made)
            return made;
    if (::stat(m_main.c_str(), &status) != 0)
        return fail(fmt::format("{} is not there", m_main.string()), "make the main file first");
    const bool may_give_away = ::geteuid() == 0;
    return postfix::write_file(file, *change.content, status.st_mode & 07777,
                               may_give_away ? std::optional(postfix::FileOwner{status.st_uid, status.st_gid})
                                             : std::nullopt);
}

Result<void> ConfigurationEdit::write() const {
    std::vector<conf::FileChange> before;
    for (const conf::FileChange& change : m_changes) {
        before.push_back({change.file, bytes_of(change.file)});
        if (const Result<void> written = write_one(change); !written) {
            // The failed one is as it was: files are replaced whole.
            before.pop_back();
            std::string text = written.error().text;
            for (const conf::FileChange& old : before)
                if (const Result<void> restored = write_one(old); !restored)
                    text +=
                        fmt::format("; {} is already written: {}", old.file.string(), restored.error().text);
            const bool not_allowed = text.find("Permission denied") != std::string::npos ||
                                     text.find("not permitted") != std::string::npos;
            return fail(text, not_allowed && ::geteuid() != 0 ? "run this as root" : written.error().hint);
        }
    }
    return {};
}

} // namespace sendconnector::ctl
