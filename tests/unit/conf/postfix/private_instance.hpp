// SPDX-License-Identifier: Apache-2.0
// PrivateInstance: a Postfix configuration directory below a temporary folder, with everything apply needs
// around it. Nothing runs in it.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/file_descriptor.hpp"
#include "conf/postfix/instance.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix::test {

std::string slurp(const std::filesystem::path& path);
void spill(const std::filesystem::path& path, std::string_view content);

class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

class PrivateInstance {
public:
    // main.cf gets what an instance of its own needs, then `main_cf` as it is; master.cf is the packaged one,
    // then `master_cf` as it is.
    explicit PrivateInstance(std::string_view main_cf = "", std::string_view master_cf = "");

    std::filesystem::path root() const { return m_folder.path(); }
    std::filesystem::path main_cf() const { return root() / "etc/main.cf"; }
    std::filesystem::path master_cf() const { return root() / "etc/master.cf"; }
    std::filesystem::path state() const { return root() / "state"; }
    std::filesystem::path files() const { return state() / "postfix"; }

    // For these connectors; credentials are read from root()/credentials.d.
    Configuration configuration(std::vector<policy::SendConnector> connectors) const;
    Instance open() const;
    void write_credential(const std::string& name, const std::string& username,
                          const std::string& password) const;

    // Makes the instance look as if master(8) ran, and puts a postfix(1) before the real one that writes its
    // arguments to root()/postfix.log, offers the services of master.cf, and ends with `reload_status`.
    void pretend_to_run(int reload_status = 0);
    // "reload" for each time it was told to.
    std::string postfix_log() const;

    // Puts a postconf(1) before the real one that counts its starts.
    void count_postconf();
    std::size_t postconf_starts() const;

    // Every file below etc and state: name, mode, owner, bytes. Locks are no state,
    // nor is the key that stays.
    std::string everything() const;

private:
    class Path {
    public:
        void prepend(const std::filesystem::path& folder);
        ~Path();

    private:
        std::string m_before;
        bool m_changed = false;
    };
    // Before the real one, for this process and until this object goes.
    void put_first(const std::string& program, const std::string& script);

    TemporaryFolder m_folder;
    FileDescriptor m_master_lock;
    Path m_path;
};

// Smart hosts in Postfix' own notation; DNS-routed when there are none.
policy::SendConnector connector(std::string name,
                                const std::vector<std::string>& smart_hosts = {"[192.0.2.1]:25"});

} // namespace sendconnector::conf::postfix::test
