// SPDX-License-Identifier: Apache-2.0
// sendconnectord as a process of its own, with sockets and state in a temporary folder.
#pragma once

#include "snapshots.hpp"
#include "stream_client.hpp"
#include "temporary_directory.hpp"
#include "wait.hpp"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace sendconnector::test {

// The folder of one daemon: configuration, sockets, state.
class DaemonFolder {
public:
    DaemonFolder() {
        std::filesystem::create_directories(directory / "state");
        std::filesystem::create_directories(directory / "run");
    }

    std::string daemon_table() const {
        return "[daemon]\nmilter_socket = \"" + milter() + "\"\nlookup_socket = \"" + lookup() +
               "\"\ncontrol_socket = \"" + control() + "\"\nstate_directory = \"" + (directory / "state") +
               "\"\n";
    }
    // Writes sendconnector.toml; `globals` come before the tables.
    void configure(std::string_view connectors, std::string_view globals = "") const {
        directory.write("sendconnector.toml",
                        std::string(globals) + "\n" + daemon_table() + std::string(connectors));
    }
    // As if sendconnectorctl had applied the configuration that stands there.
    void apply() const {
        const auto loaded = conf::load_configuration(config());
        if (!loaded.configuration) {
            throw std::runtime_error(to_string(loaded.findings.at(0)));
        }
        const auto written = conf::postfix::write_applied(directory / "state",
                                                          everything_applied(*loaded.configuration->policy));
        if (!written) {
            throw std::runtime_error(to_string(written.error()));
        }
    }

    std::string config() const { return directory / "sendconnector.toml"; }
    std::string milter() const { return directory / "run/milter"; }
    std::string lookup() const { return directory / "run/lookup"; }
    std::string control() const { return directory / "run/control"; }

    TemporaryDirectory directory;
};

class DaemonProcess {
public:
    DaemonProcess(const DaemonFolder& folder, std::vector<std::string> arguments,
                  std::string notify_socket = "")
        : m_control(folder.control()), m_out(folder.directory / "out") {
        arguments.insert(arguments.begin(), SENDCONNECTORD);
        std::vector<char*> argv;
        for (auto& argument : arguments) {
            argv.push_back(argument.data());
        }
        argv.push_back(nullptr);
        m_pid = ::fork();
        if (m_pid == 0) {
            const int out = ::open(m_out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(out, STDOUT_FILENO);
            ::dup2(out, STDERR_FILENO);
            if (!notify_socket.empty()) {
                ::setenv("NOTIFY_SOCKET", notify_socket.c_str(), 1);
            }
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
    }
    // Started and answering.
    explicit DaemonProcess(const DaemonFolder& folder)
        : DaemonProcess(folder, {"--config", folder.config(), "--log", "stderr"}) {
        if (!eventually([&] { return status().value("ok", false) || m_status; })) {
            throw std::runtime_error("the daemon does not start: " + output());
        }
    }
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;
    ~DaemonProcess() {
        if (!m_status) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
    }

    void signal(int number) const { ::kill(m_pid, number); }
    // The exit status, or nothing when it still runs after `limit`; 1000 + the signal that ended it.
    std::optional<int> exit_status(std::chrono::milliseconds limit = 10s) {
        eventually(
            [&] {
                int status = 0;
                if (!m_status && ::waitpid(m_pid, &status, WNOHANG) == m_pid) {
                    m_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
                }
                return m_status.has_value();
            },
            limit);
        return m_status;
    }
    bool runs() { return !exit_status(0ms); }
    std::string output() const {
        std::ostringstream text;
        text << std::ifstream(m_out).rdbuf();
        return text.str();
    }
    bool says(std::string_view text) const { return output().find(text) != std::string::npos; }

    nlohmann::json ask(const std::string& line) const {
        try {
            const StreamClient client(m_control);
            client.send(line + "\n");
            return nlohmann::json::parse(client.receive_line(), nullptr, false);
        } catch (const std::runtime_error&) {
            return nlohmann::json::object(); // nobody listens
        }
    }
    nlohmann::json status() const { return ask(R"({"command":"status"})"); }
    nlohmann::json reload() const { return ask(R"({"command":"reload"})"); }
    pid_t pid() const { return m_pid; }

private:
    std::string m_control;
    std::string m_out;
    pid_t m_pid = -1;
    std::optional<int> m_status;
};

} // namespace sendconnector::test
