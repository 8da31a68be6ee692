// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/durable_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> system_failure(std::string_view doing, const fs::path& path, int error) {
    return fail(fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error)));
}

Result<FileDescriptor> locked(FileDescriptor file, const fs::path& path, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return system_failure("lock", path, errno);
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(fmt::format("another program holds the lock on {}", path.string()),
                        "wait until the other sendconnectorctl is done");
        }
        poll(nullptr, 0, 20);
    }
    return file;
}

} // namespace

Result<std::optional<std::string>> read_file(const fs::path& path) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT) {
            return std::optional<std::string>();
        }
        return system_failure("open", path, errno);
    }
    struct stat status {};
    if (fstat(file.get(), &status) != 0) {
        return system_failure("read", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(fmt::format("{} is not a regular file", path.string()));
    }
    std::string content;
    char buffer[65536];
    for (;;) {
        const ssize_t n = read(file.get(), buffer, sizeof buffer);
        if (n > 0) {
            content.append(buffer, static_cast<std::size_t>(n));
        } else if (n == 0) {
            return std::optional<std::string>(std::move(content));
        } else if (errno != EINTR) {
            return system_failure("read", path, errno);
        }
    }
}

Result<void> write_all(int descriptor, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t n = write(descriptor, content.data(), content.size());
        if (n >= 0) {
            content.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EINTR) {
            return system_failure("write", path, errno);
        }
    }
    return {};
}

Result<void> sync_file(int descriptor, const fs::path& path) {
    if (fsync(descriptor) != 0) {
        return system_failure("write", path, errno);
    }
    return {};
}

Result<void> sync_directory(const fs::path& directory) {
    const FileDescriptor handle(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.is_open() || fsync(handle.get()) != 0) {
        return system_failure("sync", directory, errno);
    }
    return {};
}

Result<void> write_file(const fs::path& path, std::string_view content, mode_t mode,
                        std::optional<FileOwner> owner) {
    std::string temporary = path.string() + ".XXXXXX";
    const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.is_open()) {
        return system_failure("create", path, errno);
    }
    auto written = write_all(file.get(), content, path).and_then([&] { return sync_file(file.get(), path); });
    if (written && owner && fchown(file.get(), owner->user, owner->group) != 0) {
        written = system_failure("set the owner of", path, errno);
    }
    if (written && fchmod(file.get(), mode) != 0) {
        written = system_failure("set the mode of", path, errno);
    }
    if (written && rename(temporary.c_str(), path.c_str()) != 0) {
        written = system_failure("replace", path, errno);
    }
    if (!written) {
        unlink(temporary.c_str());
        return written;
    }
    return sync_directory(path.parent_path());
}

Result<void> remove_file(const fs::path& path) {
    if (unlink(path.c_str()) != 0) {
        if (errno == ENOENT) {
            return {};
        }
        return system_failure("remove", path, errno);
    }
    return sync_directory(path.parent_path());
}

Result<void> ensure_private_directory(const fs::path& path) {
    if (mkdir(path.c_str(), 0755) == 0) {
        // mkdir(2) obeys the umask; daemons that run as others must still get through.
        if (chmod(path.c_str(), 0755) != 0) {
            return system_failure("set the mode of", path, errno);
        }
        return sync_directory(path.parent_path());
    }
    if (errno != EEXIST) {
        return system_failure("create", path, errno);
    }
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return system_failure("look at", path, errno);
    }
    if (!S_ISDIR(status.st_mode)) {
        return fail(fmt::format("{} is not a directory", path.string()));
    }
    if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail(
            fmt::format("others than its owner could change {}", path.string()),
            fmt::format("make it root's with mode 0755: chown root {0} && chmod 0755 {0}", path.string()));
    }
    return {};
}

Result<FileDescriptor> lock_file(const fs::path& path, std::chrono::milliseconds limit) {
    FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) {
        return system_failure("open", path, errno);
    }
    return locked(std::move(file), path, limit);
}

Result<FileDescriptor> lock_directory(const fs::path& path, std::chrono::milliseconds limit) {
    FileDescriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) {
        return system_failure("open", path, errno);
    }
    return locked(std::move(directory), path, limit);
}

} // namespace sendconnector::conf::postfix
