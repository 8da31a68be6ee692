// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/given_text.hpp"

#include "conf/plain_text.hpp"
#include "conf/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

constexpr std::size_t chunk = 1U << 16U;

tl::unexpected<Error> cannot_read(const std::string& path, int error_number) {
    std::string hint = error_number == EISDIR   ? "name a file in it"
                       : error_number == EACCES ? "check its permissions, or run this as root"
                                                : "check the path";
    return fail(fmt::format("{} cannot be read: {}", path == "-" ? "standard input" : conf::in_quotes(path),
                            conf::error_text(error_number)),
                std::move(hint));
}

} // namespace

Result<std::string> given_text(const std::string& path, std::size_t most) {
    const conf::OwnedDescriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (file.get() < 0)
        return cannot_read(path, errno);
    std::string text;
    while (text.size() < most) {
        const std::size_t before = text.size();
        text.resize(before + std::min(chunk, most - before));
        const ssize_t count = ::read(file.get(), text.data() + before, text.size() - before);
        const int error_number = errno;
        text.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count == 0)
            break;
        if (count < 0 && error_number != EINTR)
            return cannot_read(path, error_number);
    }
    return text;
}

bool is_typed(const std::string& path) {
    return path == "-" && ::isatty(STDIN_FILENO) == 1;
}

} // namespace sendconnector::ctl
