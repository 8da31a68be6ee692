// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_cache.hpp"

#include "milter/endpoint/log_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sendconnector::starttls {

namespace {

constexpr std::string_view first_line = "sendconnector revocation answer 1\n";
constexpr std::string_view ending = ".answer";
constexpr std::string_view unfinished = ".new";
constexpr std::size_t most_header_octets = 4096;
constexpr std::size_t most_files = 20'000;

class Descriptor {
public:
    explicit Descriptor(int descriptor) : m_descriptor(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
        }
    }
    explicit operator bool() const { return m_descriptor >= 0; }
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

std::string hash_of(std::string_view octets) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
    std::string text;
    for (const auto octet : digest) {
        text += fmt::format("{:02x}", octet);
    }
    return text;
}

std::string file_name(const policy::RevocationSource& source) {
    return hash_of(source.id()) + std::string(ending);
}

bool is_hash(std::string_view text) {
    return text.size() == 2 * SHA256_DIGEST_LENGTH && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

std::string reason() {
    return std::strerror(errno);
}

bool write_all(int descriptor, std::string_view octets) {
    while (!octets.empty()) {
        const auto written = ::write(descriptor, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::optional<std::string> read_all(int descriptor, std::uint64_t size) {
    std::string octets(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < octets.size()) {
        const auto got = ::read(descriptor, octets.data() + have, octets.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return std::nullopt;
        }
        have += static_cast<std::size_t>(got);
    }
    return octets;
}

// The first line, then "source ID", "fetched SECONDS", "sha256 HEX" (over the lines before it and the
// octets), an empty line, and the octets. The hash is why a file need not be synced: one that a crash left
// torn is seen.
std::string header_of(const policy::RevocationSource& source, std::chrono::sys_seconds fetched) {
    return fmt::format("{}source {}\nfetched {}\n", first_line, source.id(),
                       fetched.time_since_epoch().count());
}

struct Content {
    std::chrono::sys_seconds fetched;
    std::string octets;
};

std::optional<Content> parse(const policy::RevocationSource& source, std::string_view file) {
    const auto end = file.substr(0, most_header_octets + source.id().size()).find("\n\n");
    const auto hash = file.substr(0, end).rfind("\nsha256 ");
    if (file.substr(0, first_line.size()) != first_line || end == file.npos || hash == file.npos) {
        return std::nullopt;
    }
    const auto header = file.substr(0, hash + 1);
    const auto octets = file.substr(end + 2);
    const auto written = file.substr(hash + 8, end - hash - 8);
    const auto fetched = header.rfind("\nfetched ");
    std::int64_t seconds = 0;
    if (fetched == header.npos ||
        std::from_chars(header.data() + fetched + 9, header.data() + header.size() - 1, seconds).ec !=
            std::errc()) {
        return std::nullopt;
    }
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    if (header != header_of(source, time) || written != hash_of(std::string(header) + std::string(octets))) {
        return std::nullopt;
    }
    return Content{time, std::string(octets)};
}

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::chrono::sys_time<std::chrono::nanoseconds> used_at(const struct stat& status) {
    return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::seconds(status.st_mtim.tv_sec) +
                                                           std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

} // namespace

RevocationCache::RevocationCache(const std::filesystem::path& directory, bool read_only,
                                 std::size_t kept_octets, std::chrono::seconds forget_unused,
                                 std::shared_ptr<endpoint::LogSink> log)
    : m_directory(directory), m_read_only(read_only), m_kept_octets(kept_octets), m_log(std::move(log)) {
    if (m_directory.empty()) {
        return;
    }
    if (!m_read_only && ::mkdir(m_directory.c_str(), 0750) != 0 && errno != EEXIST) {
        complain(
            fmt::format("cannot be made: {}; answers about revocation are kept in memory only", reason()));
        return;
    }
    const int opened = ::open(m_directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status {};
    if (opened < 0 || ::fstat(opened, &status) != 0) {
        complain(
            fmt::format("cannot be opened: {}; answers about revocation are kept in memory only", reason()));
    } else if ((!m_read_only && status.st_uid != ::geteuid() && status.st_uid != 0) ||
               (status.st_mode & 0022) != 0) {
        complain("may be written by others; answers about revocation are kept in memory only");
    } else {
        m_descriptor = opened;
        m_owner = status.st_uid;
        scan(forget_unused);
        return;
    }
    if (opened >= 0) {
        ::close(opened);
    }
}

RevocationCache::~RevocationCache() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

void RevocationCache::complain(std::string_view text) {
    std::optional<std::uint64_t> left_out;
    {
        const std::lock_guard lock(m_mutex);
        left_out = m_complaints.admit();
    }
    if (left_out && m_log) {
        m_log->write(endpoint::LogLevel::warning,
                     fmt::format("revocation_cache={} {}{}", m_directory.string(), text,
                                 *left_out > 0 ? fmt::format(" ({} lines left out)", *left_out) : ""));
    }
}

bool RevocationCache::is_ours(unsigned mode, unsigned owner) const {
    return S_ISREG(mode) && (mode & 0022) == 0 && (owner == ::geteuid() || (m_read_only && owner == m_owner));
}

void RevocationCache::unlink(const std::string& name) {
    if (!m_read_only) {
        ::unlinkat(m_descriptor, name.c_str(), 0);
    }
}

void RevocationCache::discard(const std::string& name, std::string_view why) {
    complain(fmt::format("file={} {}: {}", name, m_read_only ? "ignored" : "removed", why));
    unlink(name);
    const std::lock_guard lock(m_mutex);
    if (const auto file = m_files.find(name); file != m_files.end()) {
        m_octets -= file->second.octets;
        m_files.erase(file);
    }
}

void RevocationCache::scan(std::chrono::seconds forget_unused) {
    const int copy = ::openat(m_descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
    if (listing == nullptr) {
        if (copy >= 0) {
            ::close(copy);
        }
        complain(fmt::format("cannot be listed: {}", reason()));
        return;
    }
    std::vector<std::string> names;
    while (const auto* entry = ::readdir(listing)) {
        if (const std::string_view name = entry->d_name; name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    ::closedir(listing);
    const auto oldest = now() - forget_unused;
    for (const auto& name : names) {
        const std::string_view view = name;
        const bool answer = ends_with(view, ending) && is_hash(view.substr(0, view.size() - ending.size()));
        const bool leftover =
            ends_with(view, unfinished) && is_hash(view.substr(0, view.size() - unfinished.size()));
        struct stat status {};
        if (!answer && !leftover) {
            complain(fmt::format("file={} is not ours: left alone", endpoint::printable(name)));
        } else if (leftover) {
            unlink(name);
        } else if (::fstatat(m_descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        } else if (!is_ours(status.st_mode, status.st_uid)) {
            discard(name, "not a file that was written here");
        } else if (const auto used = used_at(status); used < oldest) {
            unlink(name);
        } else {
            const auto octets = static_cast<std::uint64_t>(status.st_size);
            m_files[name] = {octets, used};
            m_octets += octets;
        }
    }
    const std::lock_guard lock(m_mutex);
    evict();
}

// The least recently used first, down to nine tenths, so that it is not done for every file.
void RevocationCache::evict() {
    if (m_octets <= m_kept_octets && m_files.size() <= most_files) {
        return;
    }
    std::vector<std::pair<std::chrono::sys_time<std::chrono::nanoseconds>, std::string>> by_age;
    for (const auto& [name, file] : m_files) {
        by_age.emplace_back(file.used, name);
    }
    std::sort(by_age.begin(), by_age.end());
    for (const auto& [used, name] : by_age) {
        if (m_octets <= m_kept_octets / 10 * 9 && m_files.size() <= most_files / 10 * 9) {
            return;
        }
        unlink(name);
        m_octets -= m_files[name].octets;
        m_files.erase(name);
    }
}

std::optional<RevocationCache::Kept> RevocationCache::load(const policy::RevocationSource& source) {
    if (m_descriptor < 0) {
        return std::nullopt;
    }
    const auto name = file_name(source);
    {
        const std::lock_guard lock(m_mutex);
        if (m_files.find(name) == m_files.end()) {
            return std::nullopt;
        }
    }
    const Descriptor file(
        ::openat(m_descriptor, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !is_ours(status.st_mode, status.st_uid) ||
        static_cast<std::uint64_t>(status.st_size) > m_kept_octets) {
        discard(name, "not a file that was written here");
        return std::nullopt;
    }
    const auto octets = read_all(file.get(), static_cast<std::uint64_t>(status.st_size));
    auto content = octets ? parse(source, *octets) : std::nullopt;
    if (!content) {
        discard(name, "damaged");
        return std::nullopt;
    }
    const auto fresh = policy::freshness(source, content->octets);
    const auto today = now();
    if (!fresh || fresh->next_update <= today || content->fetched > today + std::chrono::minutes(5)) {
        remove(source);
        return std::nullopt;
    }
    touch(source);
    return Kept{std::move(content->octets), *fresh, content->fetched};
}

void RevocationCache::save(const policy::RevocationSource& source, std::string_view octets,
                           std::chrono::sys_seconds fetched) {
    if (m_descriptor < 0 || m_read_only) {
        return;
    }
    const auto header = header_of(source, fetched);
    const auto head = fmt::format("{}sha256 {}\n\n", header, hash_of(header + std::string(octets)));
    if (head.size() + octets.size() > m_kept_octets) {
        return;
    }
    const auto name = file_name(source);
    const auto fresh_name = name.substr(0, name.size() - ending.size()) + std::string(unfinished);
    ::unlinkat(m_descriptor, fresh_name.c_str(), 0);
    {
        const Descriptor file(::openat(m_descriptor, fresh_name.c_str(),
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file || !write_all(file.get(), head) || !write_all(file.get(), octets)) {
            complain(fmt::format("cannot be written: {}; the answer is kept in memory only", reason()));
            ::unlinkat(m_descriptor, fresh_name.c_str(), 0);
            return;
        }
    }
    if (::renameat(m_descriptor, fresh_name.c_str(), m_descriptor, name.c_str()) != 0) {
        complain(fmt::format("cannot be written: {}; the answer is kept in memory only", reason()));
        ::unlinkat(m_descriptor, fresh_name.c_str(), 0);
        return;
    }
    const std::lock_guard lock(m_mutex);
    auto& file = m_files[name];
    m_octets -= file.octets;
    file = {head.size() + octets.size(), std::chrono::system_clock::now()};
    m_octets += file.octets;
    evict();
}

void RevocationCache::remove(const policy::RevocationSource& source) {
    if (m_descriptor < 0) {
        return;
    }
    const auto name = file_name(source);
    const std::lock_guard lock(m_mutex);
    if (const auto file = m_files.find(name); file != m_files.end()) {
        unlink(name);
        m_octets -= file->second.octets;
        m_files.erase(file);
    }
}

void RevocationCache::touch(const policy::RevocationSource& source) {
    if (m_descriptor < 0) {
        return;
    }
    const auto name = file_name(source);
    const std::lock_guard lock(m_mutex);
    if (const auto file = m_files.find(name); file != m_files.end()) {
        file->second.used = std::chrono::system_clock::now();
        if (!m_read_only) {
            ::utimensat(m_descriptor, name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
        }
    }
}

} // namespace sendconnector::starttls
