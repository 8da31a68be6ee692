// SPDX-License-Identifier: Apache-2.0
#include "conf/secrets.hpp"

#include "conf/credential_file.hpp"
#include "conf/daemon_access.hpp"
#include "conf/draft.hpp"
#include "conf/own_certificate.hpp"
#include "conf/pem_file.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

// One connector's files, and where their keys stand.
class Inspection {
public:
    Inspection(const Configuration& configuration, const policy::SendConnector& connector,
               const Origin& origin, OwnCertificates& certificates, std::vector<Finding>& findings)
        : m_configuration(configuration), m_connector(connector), m_origin(origin),
          m_certificates(certificates), m_report(findings, origin.file, connector.name) {}

    void run() {
        if (!m_connector.authentication_credential.empty()) {
            const auto credential = open_credential(m_configuration.credentials_directory(),
                                                    m_connector.authentication_credential);
            if (!credential) {
                tell("authentication_credential", credential.error());
            }
        }
        if (!m_connector.tls_ca_file.empty()) {
            if (const auto problem = inspect_ca_file(m_connector.tls_ca_file)) {
                tell("tls_ca_file", *problem);
            }
        }
        if (!m_connector.tls_certificate_name.empty()) {
            inspect_own_certificate();
        }
    }

private:
    void inspect_own_certificate() {
        const auto files = m_certificates.find(m_connector, std::chrono::system_clock::now());
        if (!files) {
            return tell("tls_certificate_name", files.error());
        }
        for (const KeyPairProblem& found :
             inspect_key_pair((*files)->chain, (*files)->key, m_connector.fqdn)) {
            tell(found.in_key && !m_connector.tls_key_file.empty() ? "tls_key_file" : "tls_certificate_name",
                 found.problem);
        }
    }

    void tell(std::string_view key, const FileFlaw& flaw) {
        const auto found = m_origin.keys.find(key);
        const Spot at = found == m_origin.keys.end() ? Spot{m_origin.line, m_origin.column} : found->second;
        std::string text = fmt::format("{}: {}", key, flaw.error.text);
        if (flaw.warning) {
            m_report.warning(at, std::move(text), flaw.error.hint);
        } else {
            m_report.error(at, std::move(text), flaw.error.hint);
        }
    }

    const Configuration& m_configuration;
    const policy::SendConnector& m_connector;
    const Origin& m_origin;
    OwnCertificates& m_certificates;
    Reporter m_report;
};

// Whether the daemon will see what was seen here.
void check_sender_files(const Configuration& configuration, std::vector<Finding>& findings) {
    const auto daemon = DaemonUser::of_socket(configuration.daemon.control_socket);
    if (!daemon) {
        return;
    }
    for (const std::string& file : configuration.sender_tables) {
        if (auto error = daemon->kept_from(file)) {
            Reporter(findings, configuration.file.string())
                .warning({}, "files: " + error->text, std::move(error->hint));
        }
    }
    const auto& connectors = configuration.policy->connectors();
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        if (connectors[i].senders_file.empty()) {
            continue;
        }
        if (auto error = daemon->kept_from(connectors[i].senders_file)) {
            const Origin& origin = configuration.origins[i];
            const auto key = origin.keys.find("senders_file");
            Reporter(findings, origin.file, connectors[i].name)
                .warning(key == origin.keys.end() ? Spot{origin.line, origin.column} : key->second,
                         "senders_file: " + error->text, std::move(error->hint));
        }
    }
}

} // namespace

Result<Credential> read_credential(const std::filesystem::path& directory, const std::string& name) {
    return open_credential(directory, name).map_error([](FileFlaw&& flaw) { return std::move(flaw.error); });
}

std::vector<Finding> check_files(const Configuration& configuration, const HostNames& host) {
    std::vector<Finding> findings;
    check_sender_files(configuration, findings);
    OwnCertificates certificates(configuration.tls);
    const auto& connectors = configuration.policy->connectors();
    for (std::size_t i = 0; i < connectors.size(); ++i) {
        if (!connectors[i].enabled || is_relayed(connectors[i], host)) {
            continue;
        }
        std::vector<Finding> found;
        Inspection(configuration, connectors[i], configuration.origins[i], certificates, found).run();
        std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
            return std::pair(a.line, a.column) < std::pair(b.line, b.column);
        });
        std::move(found.begin(), found.end(), std::back_inserter(findings));
    }
    return findings;
}

} // namespace sendconnector::conf
