// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/identity_key.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/read_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>

namespace sendconnector::conf::postfix {

namespace {

constexpr const char* renewal = "remove it and run sendconnectorctl apply, which makes a new one; mail that "
                                "is in the queue by a login then counts as mail without one";

tl::unexpected<Error> flaw(const std::filesystem::path& path, std::string_view what) {
    return fail(fmt::format("{} {}", path.string(), what), renewal);
}

} // namespace

std::filesystem::path identity_key_file(const std::string& state_directory) {
    return std::filesystem::path(state_directory) / "identity.key";
}

Result<bool> make_identity_key(const std::string& state_directory) {
    const auto path = identity_key_file(state_directory);
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0) {
        return read_identity_key(state_directory).map([](const auto&) { return false; });
    }
    if (errno != ENOENT) {
        return fail(fmt::format("cannot look at {}: {}", path.string(), error_text(errno)));
    }
    if (stat(state_directory.c_str(), &status) != 0) {
        return fail(fmt::format("there is no folder {}", state_directory));
    }
    std::string key(identity_key_size, '\0');
    if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1) {
        return fail(fmt::format("cannot make {}: the system has no random numbers", path.string()));
    }
    return write_file(path, key, 0640, FileOwner{geteuid(), status.st_gid}).map([] { return true; });
}

Result<std::string> read_identity_key(const std::string& state_directory) {
    const auto path = identity_key_file(state_directory);
    auto file = conf::read_file(AT_FDCWD, path.string(), identity_key_size, Links::refuse);
    if (!file) {
        const auto& problem = file.error();
        if (problem.error_number == ENOENT) {
            return fail(fmt::format("there is no {}", path.string()), "run sendconnectorctl apply");
        }
        if (problem.error_number == 0) {
            return flaw(path, problem.error.text);
        }
        return fail(fmt::format("{} {}", path.string(), problem.error.text), problem.error.hint);
    }
    const auto& status = file->status;
    if (status.st_uid != 0 && status.st_uid != geteuid()) {
        return flaw(path, fmt::format("belongs to user {}, neither root nor the daemon's", status.st_uid));
    }
    if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        return flaw(path,
                    fmt::format("has mode {:04o}: others than its owner and its group could have read it, "
                                "or others than its owner changed it",
                                status.st_mode & 07777));
    }
    if (file->bytes.size() != identity_key_size) {
        return flaw(
            path, fmt::format("is damaged: it has {} octets, not {}", file->bytes.size(), identity_key_size));
    }
    // What a crashed file system leaves of a file: anybody could guess it.
    if (file->bytes.find_first_not_of(file->bytes[0]) == std::string::npos) {
        return flaw(path, "is damaged: it holds one octet over and over");
    }
    return std::move(file->bytes);
}

} // namespace sendconnector::conf::postfix
