// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/trust_files.hpp"

#include "conf/postfix/service.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/read_file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t largest_file = 16U << 20U;

// The same list that the connectors' services name.
const std::string& path_of(const std::string& path) {
    static const std::string system = conf::postfix::RenderContext().system_ca_file;
    return path.empty() ? system : path;
}

Result<TrustFiles::Anchors> parse(const std::string& path) {
    const auto file = conf::read_file(AT_FDCWD, path, largest_file, conf::Links::follow);
    if (!file) {
        return fail(fmt::format("the list of certification authorities {} {}", path, file.error().error.text),
                    file.error().error.hint);
    }
    auto anchors = policy::TrustAnchors::from_pem(file->bytes);
    if (!anchors) {
        return fail(fmt::format("the list of certification authorities {}: {}", path, anchors.error().text),
                    anchors.error().hint);
    }
    return TrustFiles::Anchors{std::move(*anchors), conf::postfix::sha256_hex(file->bytes)};
}

} // namespace

TrustFiles::Look TrustFiles::look_at(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};
    }
    return {status.st_dev, status.st_ino, status.st_size,
            std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

Result<TrustFiles::Anchors> TrustFiles::read(const std::string& named) {
    const auto& path = path_of(named);
    // Looked at first: what changes while it is read is read again the next time.
    const auto look = look_at(path);
    const auto known = m_read.find(path);
    if (known != m_read.end() && known->second.look == look) {
        return known->second.anchors;
    }
    auto anchors = parse(path);
    m_read.insert_or_assign(path, Read{look, anchors});
    return anchors;
}

bool TrustFiles::changed() const {
    return std::any_of(m_read.begin(), m_read.end(),
                       [](const auto& one) { return look_at(one.first) != one.second.look; });
}

} // namespace sendconnector::starttls
