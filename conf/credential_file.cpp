// SPDX-License-Identifier: Apache-2.0
#include "conf/credential_file.hpp"

#include "conf/plain_text.hpp"
#include "conf/text_check.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t largest_file = 64U << 10U;
constexpr std::size_t longest_value = 1024;

tl::unexpected<FileFlaw> refused(std::string text, std::string hint) {
    return tl::unexpected(FileFlaw{Error{std::move(text), std::move(hint)}, false});
}

bool is_file_name(const std::string& name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos && !has_control(name);
}

bool belongs_to_us(const struct stat& status) {
    return status.st_uid == 0 || status.st_uid == ::geteuid();
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto point = code_point_at(text, i);
        if (!point) {
            return false;
        }
        i += point->length;
    }
    return true;
}

tl::expected<Credential, FileFlaw> parse(const std::string& path, std::string_view text) {
    const auto not_toml = [&](std::uint32_t line, std::uint32_t column) {
        // The parser's own words could quote the password.
        return refused(fmt::format("{}:{}:{} is not valid TOML", path, line, column),
                       "write two lines: username = \"...\" and password = \"...\"");
    };
    if (const auto problem = check_text(text)) {
        return not_toml(problem->at.line, problem->at.column);
    }
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return not_toml(static_cast<std::uint32_t>(error.source().begin.line),
                        static_cast<std::uint32_t>(error.source().begin.column));
    }
    Credential credential;
    for (const auto& [key, node] : table) {
        if (key != "username" && key != "password") {
            return refused(fmt::format("{} holds something other than username and password", path),
                           "keep these two lines only");
        }
        if (!node.is_string()) {
            return refused(fmt::format("{} in {} is not a string", key.str(), path),
                           "put it in quotation marks");
        }
        (key == "username" ? credential.username : credential.password) = **node.as_string();
    }
    for (const std::string_view key : {std::string_view("username"), std::string_view("password")}) {
        if (!table.contains(key)) {
            return refused(fmt::format("{} has no {}", path, key),
                           fmt::format("add a line {} = \"...\"", key));
        }
        const std::string& value = key == "username" ? credential.username : credential.password;
        if (const std::string_view flaw = flaw_of_credential(value); !flaw.empty()) {
            return refused(fmt::format("{} in {} {}", key, path, flaw), "use another one");
        }
    }
    if (credential.username.find(':') != std::string::npos) {
        return refused(
            fmt::format("username in {} holds a colon, where Postfix takes the password to begin", path),
            "use another one");
    }
    return credential;
}

} // namespace

std::string_view flaw_of_credential(std::string_view value) {
    if (value.empty()) {
        return "is empty";
    }
    if (value.size() > longest_value) {
        return "is longer than 1024 octets";
    }
    if (!is_utf8(value)) {
        return "is not UTF-8";
    }
    // A line of a map is `key username:password`.
    if (has_control(value)) {
        return "holds a control character, which Postfix' maps cannot carry";
    }
    if (value.front() == ' ' || value.back() == ' ') {
        return "begins or ends with a blank, which Postfix' maps cannot carry";
    }
    return {};
}

tl::expected<Credential, FileFlaw> open_credential(const std::filesystem::path& directory,
                                                   const std::string& name) {
    if (!is_file_name(name)) {
        return refused(fmt::format("{} is not the name of a file in credentials.d", in_quotes(name)),
                       "write the file's name only, without a folder and not beginning with a dot");
    }
    const std::string path = (directory / name).string();
    // Everything below goes through these two descriptors: what is looked at is what is read.
    const OwnedDescriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0) {
        const int error_number = errno;
        return tl::unexpected(flaw_of(path, {{"cannot be read: " + error_text(error_number),
                                              "make the folder and put the file into it"},
                                             error_number}));
    }
    struct stat folder_status {};
    if (::fstat(folder.get(), &folder_status) != 0 || !belongs_to_us(folder_status) ||
        (folder_status.st_mode & 0022U) != 0) {
        return refused(fmt::format("others may replace the files in {}", directory.string()),
                       fmt::format("chown root {0} and chmod 0700 {0}", directory.string()));
    }
    const auto content = read_file(folder.get(), name, largest_file, Links::refuse);
    if (!content) {
        return tl::unexpected(flaw_of(path, content.error()));
    }
    if (!belongs_to_us(content->status)) {
        return refused(fmt::format("{} belongs to another user", path), fmt::format("chown root {}", path));
    }
    if ((content->status.st_mode & 0077U) != 0) {
        return refused(
            fmt::format("{} may be used by others (mode {:04o})", path, content->status.st_mode & 07777U),
            fmt::format("chmod 0600 {}, and change the password if others could have seen it", path));
    }
    return parse(path, content->bytes);
}

} // namespace sendconnector::conf
