// SPDX-License-Identifier: Apache-2.0
// ImportedCredentials: names and passwords that an import found beside its connectors, on their way into
// credentials.d. No message says what they are.
#pragma once

#include "conf/site/connectors.hpp"
#include "milter/ctl/import_plan.hpp"
#include "policy/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class ImportedCredentials {
public:
    // Those of connectors that are taken. A file that is there stays; where it says something else, that is
    // put into the connector's properties as left to do by hand.
    ImportedCredentials(std::filesystem::path directory,
                        const std::vector<conf::site::SiteCredential>& credentials,
                        std::vector<ImportedConnector>& connectors);

    bool has_new() const { return !m_new.empty(); }
    // Makes the folder, for root alone, when it is not there.
    Result<void> write();
    // Removes what write() has written.
    void take_back();
    std::string summary(bool dry_run) const;

private:
    std::filesystem::path m_directory;
    std::vector<conf::site::SiteCredential> m_new;
    std::size_t m_written = 0;
};

} // namespace sendconnector::ctl
