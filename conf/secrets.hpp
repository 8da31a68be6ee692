// SPDX-License-Identifier: Apache-2.0
// Files a configuration points to: credentials, certificates, CA files. Only root can look at all of them.
#pragma once

#include "conf/configuration.hpp"
#include "conf/source_servers.hpp"
#include "policy/result.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf {

struct Credential {
    std::string username;
    std::string password;
};

// Reads DIRECTORY/NAME: TOML with `username` and `password`, and nothing else. Refuses a file that group or
// others may use, a file or a DIRECTORY that belongs to neither root nor the caller, a DIRECTORY that group
// or others may write to, symbolic links, a NAME with a slash or a leading dot, a username with ':' (Postfix'
// smtp_sasl_password_maps splits there), control characters, and leading or trailing white space, which
// Postfix' maps cannot carry. No message quotes what the file says.
Result<Credential> read_credential(const std::filesystem::path& directory, const std::string& name);

// Looks at every file that an enabled connector names, but for those that other servers use: present,
// readable, PEM that parses, a key that matches its certificate, a certificate that has not expired.
// Warnings: a file the caller may not look at, an own certificate that expires within 30 days or does not
// name the connector's fqdn, and files of senders that the user of the running daemon may not read.
std::vector<Finding> check_files(const Configuration& configuration, const HostNames& host = this_host());

} // namespace sendconnector::conf
