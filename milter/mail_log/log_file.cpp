// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <zlib.h>

namespace sendconnector::mail_log {
namespace {

namespace fs = std::filesystem;

constexpr unsigned block_size = 1 << 20;

struct Close {
    void operator()(gzFile_s* file) const { ::gzclose(file); }
};

bool all_of(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

// What stands behind the name: ".1", ".2.gz", "-20261101", "-20261101.gz", ".20261101-000000".
bool is_rotation(std::string_view suffix) {
    constexpr std::string_view digits = "0123456789";
    if (suffix.ends_with(".gz"))
        suffix.remove_suffix(3);
    if (suffix.size() < 2 || (suffix.front() != '.' && suffix.front() != '-'))
        return false;
    return suffix.find_first_of(digits) == 1 && all_of(suffix.substr(1), "0123456789-");
}

} // namespace

Result<void> read_lines(const LogFile& file, const LineSink& sink, const ReadProgress& progress) {
    errno = 0;
    const std::unique_ptr<gzFile_s, Close> stream(::gzopen(file.path.c_str(), "rbe"));
    if (!stream)
        return fail(fmt::format("cannot open {}: {}", file.path.string(), std::strerror(errno)),
                    errno == EACCES ? "run as root, or as a member of the group adm" : "");
    ::gzbuffer(stream.get(), block_size);
    std::string block(block_size, '\0');
    LineSplitter lines(sink);
    for (;;) {
        const int count = ::gzread(stream.get(), block.data(), block_size);
        if (count > 0)
            lines.add(std::string_view(block).substr(0, static_cast<std::size_t>(count)));
        if (count < static_cast<int>(block_size)) {
            lines.finish();
            int code = Z_OK;
            const char* text = ::gzerror(stream.get(), &code);
            if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
                return fail(fmt::format("cannot read all of {}: {}", file.path.string(),
                                        code == Z_ERRNO ? std::strerror(errno) : text));
            return {};
        }
        if (progress)
            progress(static_cast<std::uintmax_t>(std::max<z_off_t>(::gzoffset(stream.get()), 0)));
    }
}

Result<LogFile> log_file(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return fail(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
    if (!S_ISREG(status.st_mode))
        return fail(fmt::format("{} is no file", path.string()));
    return LogFile{path, Time(std::chrono::seconds(status.st_mtime)),
                   static_cast<std::uintmax_t>(status.st_size)};
}

std::vector<LogFile> rotated_files(const fs::path& path) {
    std::vector<LogFile> files;
    const std::string name = path.filename().string();
    std::error_code error;
    const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string other = entry->path().filename().string();
        if (!other.starts_with(name) ||
            (other != name && !is_rotation(std::string_view(other).substr(name.size()))))
            continue;
        if (Result<LogFile> found = log_file(entry->path()))
            files.push_back(std::move(*found));
    }
    std::ranges::sort(files, [&](const LogFile& one, const LogFile& other) {
        // The current one is last, whatever the clock says.
        return std::pair(one.path == path, one.written) < std::pair(other.path == path, other.written);
    });
    return files;
}

} // namespace sendconnector::mail_log
