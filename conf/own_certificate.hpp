// SPDX-License-Identifier: Apache-2.0
// own_certificate(): the files of a connector's own certificate, wherever its tls_certificate_name finds
// them.
#pragma once

#include "conf/configuration.hpp"
#include "conf/file_flaw.hpp"
#include "policy/send_connector.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sendconnector::conf {

struct OwnCertificateFiles {
    std::string chain; // PEM, the own certificate first
    std::string key;   // PEM, maybe the same file
};

// The certificate folders as they are now, read when the first search needs them: for whoever has several
// connectors to ask about.
class OwnCertificates {
public:
    explicit OwnCertificates(const TlsSettings& settings);
    OwnCertificates(const OwnCertificates&) = delete;
    OwnCertificates& operator=(const OwnCertificates&) = delete;
    ~OwnCertificates();

    // Nothing when the connector has no own certificate. A path is taken as it is, and not looked at. For
    // Exchange's `<I>issuer<S>subject` the folders and their direct subfolders are searched for a certificate
    // of that issuer and subject which is valid at `now`, together with its private key: in the same file, or
    // in another one of the same folder. Of several the newest wins (the latest notBefore), and of its files
    // the one with the longest chain. FileFlaw::warning: there may be one where this user may not look.
    tl::expected<std::optional<OwnCertificateFiles>, FileFlaw>
    find(const policy::SendConnector& connector, std::chrono::system_clock::time_point now);

private:
    struct Found;
    std::vector<std::string> m_folders;
    std::unique_ptr<Found> m_found;
};

// For one connector.
tl::expected<std::optional<OwnCertificateFiles>, FileFlaw>
own_certificate(const policy::SendConnector& connector, const TlsSettings& settings,
                std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

} // namespace sendconnector::conf
