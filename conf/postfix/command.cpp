// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/command.hpp"

#include "conf/postfix/file_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::conf::postfix {
namespace {

using Clock = std::chrono::steady_clock;

constexpr off_t maximum_output = 64 << 20;
constexpr std::string_view system_folders = "/usr/sbin:/usr/bin:/sbin:/bin";

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const char* path = std::getenv("PATH");
    std::string folders = fmt::format("{}:{}", path != nullptr ? path : "", system_folders);
    for (std::size_t start = 0; start <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', start), folders.size());
        // An empty or relative element would run a program of the current directory.
        if (end > start && folders[start] == '/') {
            std::string candidate = fmt::format("{}/{}", folders.substr(start, end - start), name);
            if (access(candidate.c_str(), X_OK) == 0) {
                return candidate;
            }
        }
        start = end + 1;
    }
    return std::nullopt;
}

// MAIL_CONFIG and its like would turn Postfix' commands to another instance than the one they are called for.
std::vector<std::string> child_environment() {
    std::vector<std::string> variables{"LC_ALL=C"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (!text.starts_with("MAIL_") && !text.starts_with("LC_ALL=")) {
            variables.emplace_back(text);
        }
    }
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) {
        list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
}

off_t size_of(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

Result<std::string> contents(int descriptor) {
    std::string text(static_cast<std::size_t>(size_of(descriptor)), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = pread(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail(fmt::format("cannot read a program's output: {}", std::strerror(errno)));
        }
        done += static_cast<std::size_t>(n);
    }
    return text;
}

// A started program; ended and reaped at the latest when this goes.
class Child {
public:
    explicit Child(pid_t pid) : m_pid(pid), m_handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U))) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { kill_group(); }

    // Its wait status, or nothing when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit) {
        int status = 0;
        if (m_handle.is_open()) {
            pollfd ended{m_handle.get(), POLLIN, 0};
            poll(&ended, 1, static_cast<int>(limit.count()));
        } else {
            poll(nullptr, 0, static_cast<int>(std::min<std::chrono::milliseconds::rep>(limit.count(), 5)));
        }
        if (waitpid(m_pid, &status, WNOHANG) != m_pid) {
            return std::nullopt;
        }
        m_pid = -1;
        return status;
    }

    void kill_group() {
        if (m_pid > 0) {
            kill(-m_pid, SIGKILL);
            kill(m_pid, SIGKILL);
            while (waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
            }
            m_pid = -1;
        }
    }

private:
    pid_t m_pid;
    FileDescriptor m_handle;
};

// A file that has `input` in it and is read from its beginning.
FileDescriptor file_of(std::string_view input) {
    FileDescriptor file(memfd_create("stdin", MFD_CLOEXEC));
    while (file.is_open() && !input.empty()) {
        const ssize_t n = write(file.get(), input.data(), input.size());
        if (n < 0 && errno != EINTR) {
            return FileDescriptor(-1);
        }
        input.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    return file.is_open() && lseek(file.get(), 0, SEEK_SET) == 0 ? std::move(file) : FileDescriptor(-1);
}

Result<pid_t> spawn(const std::string& program, std::vector<std::string> arguments, int in, int out,
                    int err) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);

    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                             POSIX_SPAWN_SETPGROUP));

    std::vector<std::string> environment = child_environment();
    pid_t pid = -1;
    const int failure = posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers(arguments).data(),
                                    pointers(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        return fail(fmt::format("cannot start {}: {}", program, std::strerror(failure)));
    }
    return pid;
}

} // namespace

Result<CommandResult> run_command(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                                  std::string_view input) {
    const std::string& name = arguments.at(0);
    const std::optional<std::string> program = find_program(name);
    if (!program) {
        return fail(fmt::format("cannot find the program {}", name), "install the package that brings it");
    }
    // Files, not pipes: `postfix reload` leaves a program in the background that would keep a pipe open, or
    // die of SIGPIPE once we had closed it.
    const FileDescriptor out(memfd_create("stdout", MFD_CLOEXEC));
    const FileDescriptor err(memfd_create("stderr", MFD_CLOEXEC));
    const FileDescriptor in = file_of(input);
    if (!in.is_open() || !out.is_open() || !err.is_open()) {
        return fail(
            fmt::format("cannot run {}: no room for its input and output: {}", name, std::strerror(errno)));
    }
    const auto pid = spawn(*program, arguments, in.get(), out.get(), err.get());
    if (!pid) {
        return tl::unexpected(pid.error());
    }

    Child child(*pid);
    const auto deadline = Clock::now() + limit;
    std::optional<int> status;
    while (!status) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            return fail(fmt::format("{} did not end within {} ms and was killed", name, limit.count()));
        }
        if (size_of(out.get()) > maximum_output || size_of(err.get()) > maximum_output) {
            return fail(fmt::format("{} printed more than 64 MiB and was killed", name));
        }
        status = child.wait(std::min(left, std::chrono::milliseconds(100)));
    }
    if (WIFSIGNALED(*status)) {
        return fail(fmt::format("{} was ended by signal {}", name, WTERMSIG(*status)));
    }
    if (size_of(out.get()) > maximum_output || size_of(err.get()) > maximum_output) {
        return fail(fmt::format("{} printed more than 64 MiB", name));
    }
    auto out_text = contents(out.get());
    auto err_text = contents(err.get());
    if (!out_text || !err_text) {
        return tl::unexpected(out_text ? err_text.error() : out_text.error());
    }
    return CommandResult{WEXITSTATUS(*status), std::move(*out_text), std::move(*err_text)};
}

} // namespace sendconnector::conf::postfix
