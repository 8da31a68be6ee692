// SPDX-License-Identifier: Apache-2.0
#include "conf/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t chunk = 1U << 16U;

tl::unexpected<FileProblem> problem(std::string text, std::string hint, int error_number = 0) {
    return tl::unexpected(FileProblem{Error{std::move(text), std::move(hint)}, error_number});
}

tl::unexpected<FileProblem> problem_of(int error_number) {
    std::string hint = "check the path and its permissions";
    if (error_number == EACCES || error_number == EPERM) {
        hint = "check its permissions and those of the folders above it, or run this as root";
    } else if (error_number == ELOOP) {
        hint = "put the file itself there, not a symbolic link";
    }
    return problem("cannot be read: " + error_text(error_number), std::move(hint), error_number);
}

} // namespace

OwnedDescriptor::~OwnedDescriptor() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

std::string error_text(int error_number) {
    return std::system_category().message(error_number);
}

tl::expected<FileContent, FileProblem> read_file(int folder, const std::string& path, std::size_t limit,
                                                 Links links) {
    const int flags =
        O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (links == Links::refuse ? O_NOFOLLOW : 0);
    const OwnedDescriptor file(::openat(folder, path.c_str(), flags));
    if (file.get() < 0) {
        return problem_of(errno);
    }
    FileContent content;
    if (::fstat(file.get(), &content.status) != 0) {
        return problem_of(errno);
    }
    if (S_ISDIR(content.status.st_mode)) {
        return problem("is a folder, and a file is needed", "check the path");
    }
    if (!S_ISREG(content.status.st_mode)) {
        return problem("is not a regular file", "put a regular file there");
    }
    // What was regular and small may still grow while it is read.
    const auto too_large = [&] {
        return problem(fmt::format("is larger than {} octets", limit), "check that this is the right file");
    };
    if (static_cast<std::uint64_t>(content.status.st_size) > limit) {
        return too_large();
    }
    while (true) {
        const std::size_t old_size = content.bytes.size();
        content.bytes.resize(old_size + chunk);
        const ssize_t count = ::read(file.get(), content.bytes.data() + old_size, chunk);
        const int error_number = errno;
        content.bytes.resize(old_size + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count < 0 && error_number == EINTR) {
            continue;
        }
        if (count < 0) {
            return problem_of(error_number);
        }
        if (count == 0) {
            return content;
        }
        if (content.bytes.size() > limit) {
            return too_large();
        }
    }
}

} // namespace sendconnector::conf
