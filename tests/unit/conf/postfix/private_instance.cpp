// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>

namespace sendconnector::conf::postfix::test {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void spill(const fs::path& path, std::string_view content) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    if (!file.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

TemporaryFolder::TemporaryFolder() {
    std::string name = fs::temp_directory_path() / "sc-unit.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot create a temporary folder");
    }
    m_path = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

PrivateInstance::PrivateInstance(std::string_view main_cf, std::string_view master_cf) {
    for (const char* folder : {"etc", "queue", "queue/pid", "queue/private", "queue/sendconnector", "data",
                               "state", "credentials.d"}) {
        fs::create_directory(root() / folder);
    }
    spill(this->main_cf(),
          fmt::format("compatibility_level = 3.6\nqueue_directory = {0}/queue\ndata_directory = "
                      "{0}/data\nmyhostname = mx.relay.example\n{1}",
                      root().string(), main_cf));
    spill(this->master_cf(), slurp("/usr/share/postfix/master.cf.dist") + std::string(master_cf));
    // Postfix waits two seconds for files that have only just been written.
    for (const fs::path& file : {this->main_cf(), this->master_cf()}) {
        fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::minutes(1));
    }
}

Configuration PrivateInstance::configuration(std::vector<policy::SendConnector> connectors) const {
    Configuration configuration;
    configuration.file = root() / "sendconnector.toml";
    configuration.daemon.state_directory = state();
    configuration.daemon.lookup_socket = root() / "queue/sendconnector/lookup";
    configuration.daemon.milter_socket = root() / "queue/sendconnector/milter";
    configuration.postfix.config_directory = root() / "etc";
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        configuration.origins.push_back({configuration.file, static_cast<std::uint32_t>(10 * i + 1), 1});
    }
    auto policy = policy::Policy::make({}, std::move(connectors));
    if (!policy) {
        throw std::runtime_error(to_string(policy.error()));
    }
    configuration.policy = std::make_shared<const policy::Policy>(std::move(*policy));
    return configuration;
}

Instance PrivateInstance::open() const {
    auto instance = Instance::open(root() / "etc");
    if (!instance) {
        throw std::runtime_error(to_string(instance.error()));
    }
    return *instance;
}

void PrivateInstance::write_credential(const std::string& name, const std::string& username,
                                       const std::string& password) const {
    const fs::path path = root() / "credentials.d" / name;
    spill(path, fmt::format("username = '{}'\npassword = '{}'\n", username, password));
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

void PrivateInstance::pretend_to_run(int reload_status) {
    const fs::path pid = root() / "queue/pid/master.pid";
    m_master_lock = FileDescriptor(::open(pid.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (flock(m_master_lock.get(), LOCK_EX | LOCK_NB) != 0) {
        throw std::runtime_error("cannot lock master.pid");
    }
    put_first("postfix",
              fmt::format("echo \"$3\" >> {0}/postfix.log\n"
                          "cd {0}/queue/private && for name in $(sed -n 's/^\\(sc-[^ ]*\\).*/\\1/p' "
                          "{0}/etc/master.cf); do : > $name; done\nexit {1}\n",
                          root().string(), reload_status));
}

std::string PrivateInstance::postfix_log() const {
    return slurp(root() / "postfix.log");
}

void PrivateInstance::count_postconf() {
    put_first("postconf", fmt::format("echo >> {}/postconf.starts\nPATH=${{PATH#*:}}\nexec postconf \"$@\"\n",
                                      root().string()));
}

std::size_t PrivateInstance::postconf_starts() const {
    const std::string starts = slurp(root() / "postconf.starts");
    return static_cast<std::size_t>(std::count(starts.begin(), starts.end(), '\n'));
}

std::string PrivateInstance::everything() const {
    std::vector<std::string> lines;
    for (const char* folder : {"etc", "state"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root() / folder)) {
            if (entry.path().filename() == "apply.lock" || entry.path().filename() == "identity.key") {
                continue;
            }
            struct stat status {};
            lstat(entry.path().c_str(), &status);
            lines.push_back(fmt::format("{} {:o} {} {} [{}]\n", entry.path().string(), status.st_mode,
                                        status.st_uid, status.st_gid,
                                        entry.is_regular_file() ? slurp(entry.path()) : ""));
        }
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const std::string& line : lines) {
        all += line;
    }
    return all;
}

void PrivateInstance::put_first(const std::string& program, const std::string& script) {
    const fs::path programs = root() / "bin";
    fs::create_directory(programs);
    spill(programs / program, "#!/bin/sh\n" + script);
    fs::permissions(programs / program, fs::perms::owner_all);
    m_path.prepend(programs);
}

void PrivateInstance::Path::prepend(const fs::path& folder) {
    const char* now = std::getenv("PATH");
    if (!m_changed) {
        m_before = now != nullptr ? now : "";
    }
    m_changed = true;
    setenv("PATH", fmt::format("{}:{}", folder.string(), m_before).c_str(), 1);
}

PrivateInstance::Path::~Path() {
    if (m_changed) {
        setenv("PATH", m_before.c_str(), 1);
    }
}

policy::SendConnector connector(std::string name, const std::vector<std::string>& smart_hosts) {
    policy::SendConnector made;
    made.name = std::move(name);
    made.dns_routing_enabled = smart_hosts.empty();
    made.address_spaces = {policy::AddressSpace::parse("*").value()};
    for (const std::string& host : smart_hosts) {
        made.smart_hosts.push_back(policy::SmartHost::parse(host).value());
    }
    return made;
}

} // namespace sendconnector::conf::postfix::test
