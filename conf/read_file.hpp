// SPDX-License-Identifier: Apache-2.0
// read_file(): a whole regular file, looked at and read through one descriptor, so that nothing can change
// between the look and the read.
#pragma once

#include "policy/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace sendconnector::conf {

// A file descriptor that is closed with its owner.
class OwnedDescriptor {
public:
    explicit OwnedDescriptor(int descriptor) : m_descriptor(descriptor) {}
    OwnedDescriptor(OwnedDescriptor&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    OwnedDescriptor(const OwnedDescriptor&) = delete;
    OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
    OwnedDescriptor& operator=(OwnedDescriptor&&) = delete;
    ~OwnedDescriptor();

    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

struct FileContent {
    std::string bytes;
    struct stat status;
};

struct FileProblem {
    Error error;      // a clause that begins with a verb: "cannot be read: ..."
    int error_number; // errno; 0 when the file is there and not to our liking
};

enum class Links { follow, refuse };

struct OpenFile {
    OwnedDescriptor descriptor;
    struct stat status;
};

// Opens for reading, with what read_file() refuses.
tl::expected<OpenFile, FileProblem> open_file(int folder, const std::string& path, std::size_t limit,
                                              Links links);

// `path` is relative to the open folder `folder` (AT_FDCWD: as usual). Refuses what is not a regular file
// (without waiting for a FIFO's other end), and more than `limit` octets.
tl::expected<FileContent, FileProblem> read_file(int folder, const std::string& path, std::size_t limit,
                                                 Links links);

struct FileText {
    std::unique_ptr<char[]> octets;
    std::size_t size = 0;
    std::string_view text() const { return {octets.get(), size}; }
};

// A large file as it was at one moment: refused also when it is written to meanwhile. (Not mapped: who cuts a
// mapped file short ends the process that looks at it.) `progress` is told the octets read so far. Throws
// std::bad_alloc.
tl::expected<FileText, FileProblem> read_steady_file(const std::string& path, std::size_t limit,
                                                     const std::function<void(std::size_t)>& progress = {});

// "Permission denied" and the like.
std::string error_text(int error_number);

} // namespace sendconnector::conf
