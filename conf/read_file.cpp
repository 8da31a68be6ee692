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
constexpr std::size_t large_chunk = 1U << 22U;

tl::unexpected<FileProblem> problem(std::string text, std::string hint, int error_number = 0) {
    return tl::unexpected(FileProblem{Error{std::move(text), std::move(hint)}, error_number});
}

tl::unexpected<FileProblem> too_large(std::size_t limit) {
    return problem(fmt::format("is larger than {} octets", limit), "check that this is the right file");
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

tl::expected<OpenFile, FileProblem> open_file(int folder, const std::string& path, std::size_t limit,
                                              Links links) {
    const int flags =
        O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (links == Links::refuse ? O_NOFOLLOW : 0);
    OwnedDescriptor file(::openat(folder, path.c_str(), flags));
    if (file.get() < 0) {
        return problem_of(errno);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return problem_of(errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return problem("is a folder, and a file is needed", "check the path");
    }
    if (!S_ISREG(status.st_mode)) {
        return problem("is not a regular file", "put a regular file there");
    }
    if (static_cast<std::uint64_t>(status.st_size) > limit) {
        return too_large(limit);
    }
    return OpenFile{std::move(file), status};
}

tl::expected<FileContent, FileProblem> read_file(int folder, const std::string& path, std::size_t limit,
                                                 Links links) {
    const auto file = open_file(folder, path, limit, links);
    if (!file) {
        return tl::unexpected(file.error());
    }
    FileContent content{{}, file->status};
    while (true) {
        const std::size_t old_size = content.bytes.size();
        content.bytes.resize(old_size + chunk);
        const ssize_t count = ::read(file->descriptor.get(), content.bytes.data() + old_size, chunk);
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
        // What was small may still grow while it is read.
        if (content.bytes.size() > limit) {
            return too_large(limit);
        }
    }
}

tl::expected<FileText, FileProblem> read_steady_file(const std::string& path, std::size_t limit,
                                                     const std::function<void(std::size_t)>& progress) {
    const auto file = open_file(AT_FDCWD, path, limit, Links::follow);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const auto changed = [] {
        return problem("changed while it was read",
                       "write a new file beside it, move that to its place, and reload");
    };
    const auto size = static_cast<std::size_t>(file->status.st_size);
    FileText text{std::make_unique_for_overwrite<char[]>(size), size};
    for (std::size_t read = 0; read < size;) {
        const ssize_t count =
            ::read(file->descriptor.get(), text.octets.get() + read, std::min(large_chunk, size - read));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return problem_of(errno);
        }
        if (count == 0) {
            return changed();
        }
        read += static_cast<std::size_t>(count);
        if (progress) {
            progress(read);
        }
    }
    // Files of /proc claim to be empty.
    if (char more = 0; ::read(file->descriptor.get(), &more, 1) != 0) {
        return changed();
    }
    // Not st_ctime: it changes for who still reads when another file takes the name, as it should.
    struct stat after {};
    if (::fstat(file->descriptor.get(), &after) != 0) {
        return problem_of(errno);
    }
    if (after.st_size != file->status.st_size || after.st_mtim.tv_sec != file->status.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != file->status.st_mtim.tv_nsec) {
        return changed();
    }
    return text;
}

} // namespace sendconnector::conf
