// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/stage.hpp"

#include "conf/postfix/durable_file.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>

namespace sendconnector::conf::postfix {

namespace fs = std::filesystem;

Result<Stage> Stage::make() {
    std::error_code ignored;
    fs::path folder = fs::temp_directory_path(ignored);
    std::string name = (folder.empty() ? fs::path("/tmp") : folder) / "sendconnector.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        return fail(fmt::format("cannot create a folder in {}: {}", folder.string(), std::strerror(errno)));
    }
    return Stage(name);
}

Stage::~Stage() {
    std::error_code ignored;
    if (!m_path.empty()) {
        fs::remove_all(m_path, ignored);
    }
}

Result<void> Stage::put(const char* name, std::string_view content) const {
    const fs::path path = m_path / name;
    const FileDescriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) {
        return fail(fmt::format("cannot create {}: {}", path.string(), std::strerror(errno)));
    }
    return write_all(file.get(), content, path).map([&] {
        std::error_code ignored;
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(1), ignored);
    });
}

} // namespace sendconnector::conf::postfix
