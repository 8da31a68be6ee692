// SPDX-License-Identifier: Apache-2.0
#include "conf/file_path.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t longest_path = 1024;
constexpr std::size_t longest_socket_path = 107;
constexpr std::string_view meaningful_to_postfix = " \t'\"`,;:${}\\#()<>|&*?!";

Result<std::string> parse(std::string_view text, std::size_t longest) {
    if (text.empty() || text.front() != '/') {
        return fail(in_quotes(text) + " is not an absolute path", "write the whole path, beginning with /");
    }
    if (const auto at = text.find_first_of(meaningful_to_postfix); at != std::string_view::npos) {
        return fail(fmt::format("the path {} holds {}, which Postfix cannot take there", in_quotes(text),
                                text[at] == ' ' ? std::string("a blank") : in_quotes(text.substr(at, 1))),
                    "use a path of letters, digits and / . _ - + @ % = ~");
    }
    if (text.size() > longest) {
        return fail(fmt::format("the path {} is {} characters long, and {} is the most", in_quotes(text),
                                text.size(), longest),
                    "use a shorter path");
    }
    return std::string(text);
}

} // namespace

Result<std::string> parse_path(std::string_view text) {
    return parse(text, longest_path);
}

Result<std::string> parse_socket_path(std::string_view text) {
    return parse(text, longest_socket_path);
}

} // namespace sendconnector::conf
