// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/values.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@").find(c) != std::string_view::npos;
}

// For an error's text: nothing in it can end a line.
std::string shown(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += is_control(c) ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return result;
}

} // namespace

Result<std::string> parameter_value(std::string_view text, std::string_view what) {
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return fail(fmt::format("{} \"{}\" has a control character in it", what, shown(text)), "remove it");
    }
    if (text.find_first_of("{}") != std::string_view::npos) {
        return fail(fmt::format("{} \"{}\" has a brace in it, which master.cf cannot carry", what, text),
                    "use a name without braces");
    }
    if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) {
        return fail(
            fmt::format("{} \"{}\" starts or ends with a blank, which master.cf cannot carry", what, text),
            "remove the blank");
    }
    std::string value;
    for (const char c : text) {
        value.append(c == '$' ? "$$" : std::string(1, c));
    }
    return value;
}

Result<void> check_table_path(std::string_view path, std::string_view what) {
    if (!path.starts_with('/') || !std::all_of(path.begin(), path.end(), is_plain)) {
        return fail(fmt::format("{} \"{}\" cannot be part of a Postfix table name", what, shown(path)),
                    "use an absolute path of letters, digits and / . _ - + @ only");
    }
    return {};
}

bool braces_balance(std::string_view value) {
    int depth = 0;
    for (const char c : value) {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth < 0) {
            return false;
        }
    }
    return depth == 0;
}

std::string regexp_literal(std::string_view text) {
    std::string expression;
    for (const char c : text) {
        if (std::string_view(R"(.[]{}()*+?|^$\/)").find(c) != std::string_view::npos) {
            expression += '\\';
        }
        expression += c;
    }
    return expression;
}

Result<std::string> relative_to_queue(const std::string& path, const std::string& queue_directory,
                                      std::string_view what) {
    namespace fs = std::filesystem;
    if (auto plain = check_table_path(path, what); !plain) {
        return tl::unexpected(plain.error());
    }
    // The folder may be reached through a symbolic link (/var/spool on another disk): compare where both
    // really are.
    const auto resolved = [](const fs::path& name) {
        std::error_code error;
        fs::path real = fs::weakly_canonical(name, error);
        return error ? name.lexically_normal() : real;
    };
    const fs::path file = fs::path(path).lexically_normal();
    for (const auto& [name, queue] : {std::pair(file, fs::path(queue_directory).lexically_normal()),
                                      std::pair(resolved(file), resolved(queue_directory))}) {
        const std::string relative = name.lexically_relative(queue).string();
        if (!relative.empty() && relative != "." && relative != ".." && !relative.starts_with("../") &&
            check_table_path("/" + relative, what)) {
            return relative;
        }
    }
    return fail(
        fmt::format(
            "{} {} is not below Postfix' queue directory {}, where its chrooted services could reach it",
            what, path, queue_directory),
        fmt::format("choose a path like {}/sendconnector/{}", queue_directory,
                    fs::path(path).filename().string()));
}

} // namespace sendconnector::conf::postfix
