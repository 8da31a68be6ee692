// SPDX-License-Identifier: Apache-2.0
// SocketFile: the name of a listening unix socket, from claiming it to taking it away again.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <sys/types.h>

namespace sendconnector::endpoint {

// Owner and group may connect, others not; the group comes from the directory where that is setgid.
class SocketFile {
public:
    // Makes sure that a socket can be bound to `path`: absolute, short enough for sun_path, in a directory
    // that is there and writable. A socket that nobody serves any more (connection refused) is removed; a
    // served one, or anything that is no socket, is an error and stays.
    static Result<SocketFile> claim(std::string path);

    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;
    SocketFile(SocketFile&& other) noexcept;
    SocketFile& operator=(SocketFile&&) = delete;
    ~SocketFile() { remove(); }

    const std::string& path() const { return m_path; }
    // To be called once the socket is bound: mode 0660, and remembers which file is ours.
    Result<void> bound();
    // Unlinks the file, unless somebody else's is there by now. Nothing happens before bound() or the second
    // time.
    void remove() noexcept;

private:
    explicit SocketFile(std::string path) : m_path(std::move(path)) {}

    std::string m_path;
    bool m_bound = false;
    dev_t m_device = 0;
    ino_t m_inode = 0;
};

} // namespace sendconnector::endpoint
