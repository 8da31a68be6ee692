// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_source.hpp"

#include "conf/read_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

Result<std::string> standard_input(std::size_t limit) {
    std::string bytes;
    std::array<char, 65536> chunk{};
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail("standard input cannot be read: " + conf::error_text(errno), "name a file");
        if (count == 0)
            return bytes;
        bytes.append(chunk.data(), static_cast<std::size_t>(count));
        if (bytes.size() > limit)
            return fail(fmt::format("standard input is longer than {} octets", limit),
                        "export fewer connectors at a time");
    }
}

} // namespace

Result<std::string> import_source(const std::string& file, std::size_t limit) {
    if (file == "-")
        return standard_input(limit);
    auto content = conf::read_file(AT_FDCWD, file, limit, conf::Links::follow);
    if (!content)
        return fail(fmt::format("{} {}", file, content.error().error.text), content.error().error.hint);
    return std::move(content->bytes);
}

} // namespace sendconnector::ctl
