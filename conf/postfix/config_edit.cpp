// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/config_edit.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/postconf.hpp"
#include "conf/postfix/stage.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds lock_limit(10);

const char* file_name(ConfigKind kind) {
    return kind == ConfigKind::main_cf ? "main.cf" : "master.cf";
}

} // namespace

Result<ConfigEdit> ConfigEdit::begin(const fs::path& config_directory, ConfigKind kind) {
    ConfigEdit edit(config_directory / file_name(kind), kind);
    const std::string lock = edit.lock_path();
    const auto deadline = std::chrono::steady_clock::now() + lock_limit;
    for (;;) {
        FileDescriptor file(open(lock.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file.is_open()) {
            return fail(fmt::format("cannot create {}: {}", lock, std::strerror(errno)));
        }
        struct stat opened {};
        struct stat named {};
        if (flock(file.get(), LOCK_EX | LOCK_NB) == 0 && fstat(file.get(), &opened) == 0 &&
            stat(lock.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
            opened.st_ino == named.st_ino) {
            edit.m_lock = std::move(file);
            break;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(fmt::format("{} is being changed by another program (it holds {})",
                                    edit.m_path.string(), lock),
                        "wait for it to end and try again");
        }
        poll(nullptr, 0, 20);
    }

    std::error_code error;
    edit.m_target = fs::canonical(edit.m_path, error);
    if (error || stat(edit.m_target.c_str(), &edit.m_status) != 0) {
        return fail(fmt::format("cannot find {}", edit.m_path.string()));
    }
    auto content = read_file(edit.m_target);
    if (!content) {
        return tl::unexpected(content.error());
    }
    if (!*content) {
        return fail(fmt::format("cannot find {}", edit.m_path.string()));
    }
    if ((*content)->find('\0') != std::string::npos) {
        return fail(fmt::format("{} has a NUL character in it", edit.m_path.string()), "remove it");
    }
    edit.m_before = std::move(**content);
    edit.m_text = edit.m_before;
    return edit;
}

ConfigEdit::~ConfigEdit() {
    if (m_lock.is_open()) {
        unlink(lock_path().c_str());
    }
}

Result<void> ConfigEdit::run_postconf(const std::vector<std::vector<std::string>>& commands,
                                      const std::function<bool(const std::string&)>& ours) {
    auto stage = Stage::make();
    if (!stage) {
        return tl::unexpected(stage.error());
    }
    const std::string terminated = m_text.empty() || m_text.back() == '\n' ? m_text : m_text + "\n";
    // postconf wants both files there, even to edit one.
    const ConfigKind other = m_kind == ConfigKind::main_cf ? ConfigKind::master_cf : ConfigKind::main_cf;
    auto written =
        stage->put(file_name(other), "").and_then([&] { return stage->put(file_name(m_kind), terminated); });
    if (!written) {
        return written;
    }
    for (const auto& command : commands) {
        if (auto done = postconf(stage->path(), command); !done) {
            return tl::unexpected(done.error());
        }
    }
    // master(8) ends itself when it meets an entry that it cannot read: find that out before it does.
    if (m_kind == ConfigKind::master_cf) {
        if (auto readable = postconf(stage->path(), {"-M"}); !readable) {
            return tl::unexpected(readable.error());
        }
    }
    auto edited = read_file(stage->path() / file_name(m_kind));
    if (!edited) {
        return tl::unexpected(edited.error());
    }
    if (!*edited || without(**edited, m_kind, ours) != without(terminated, m_kind, ours)) {
        return fail(fmt::format("postconf would change more of {} than it was asked to", m_path.string()),
                    "nothing was changed; look for unusual lines in that file");
    }
    m_text = std::move(**edited);
    return {};
}

Result<void> ConfigEdit::commit() {
    if (m_text == m_before) {
        return {};
    }
    const FileOwner owner{m_status.st_uid, m_status.st_gid};
    const mode_t mode = m_status.st_mode & 07777;
    if (m_target != m_path.parent_path() / m_path.filename() && fs::is_symlink(m_path)) {
        // The lock is beside the link; the file is replaced where it really is.
        return write_file(m_target, m_text, mode, owner);
    }
    const std::string lock = lock_path();
    if (ftruncate(m_lock.get(), 0) != 0) {
        return fail(fmt::format("cannot write {}: {}", lock, std::strerror(errno)));
    }
    if (auto written =
            write_all(m_lock.get(), m_text, lock).and_then([&] { return sync_file(m_lock.get(), lock); });
        !written) {
        return written;
    }
    if (fchown(m_lock.get(), owner.user, owner.group) != 0 || fchmod(m_lock.get(), mode) != 0) {
        return fail(fmt::format("cannot give {} the owner and mode of {}: {}", lock, m_path.string(),
                                std::strerror(errno)));
    }
    if (rename(lock.c_str(), m_path.c_str()) != 0) {
        return fail(fmt::format("cannot replace {}: {}", m_path.string(), std::strerror(errno)));
    }
    m_lock.close();
    return sync_directory(m_path.parent_path());
}

} // namespace sendconnector::conf::postfix
