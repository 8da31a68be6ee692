// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_credentials.hpp"

#include "conf/key_text.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/secrets.hpp"
#include "conf/slug.hpp"
#include "milter/ctl/table.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unordered_map>

namespace sendconnector::ctl {
namespace {

namespace fs = std::filesystem;
namespace exchange = conf::exchange;

exchange::PropertyFate left_alone(const fs::path& path, const Result<conf::Credential>& there) {
    return {"AuthenticationCredential",
            exchange::Fate::by_hand,
            {there ? fmt::format("{} is there, and says something else than Postfix does; it stays",
                                 path.string())
                   : fmt::format("{} is there and stays: {}", path.string(), there.error().text),
             "see that it is right"}};
}

} // namespace

ImportedCredentials::ImportedCredentials(fs::path directory,
                                         const std::vector<conf::site::SiteCredential>& credentials,
                                         std::vector<ImportedConnector>& connectors)
    : m_directory(std::move(directory)) {
    std::unordered_map<std::string, ImportedConnector*> taken;
    for (ImportedConnector& connector : connectors)
        if (connector.step != ImportStep::refused && connector.step != ImportStep::passed_over)
            taken.emplace(conf::slug(connector.imported.name), &connector);
    for (const conf::site::SiteCredential& credential : credentials) {
        const auto connector = taken.find(credential.file);
        if (connector == taken.end())
            continue;
        const fs::path path = m_directory / credential.file;
        std::error_code error;
        if (fs::symlink_status(path, error).type() == fs::file_type::not_found) {
            m_new.push_back(credential);
            continue;
        }
        const Result<conf::Credential> there = conf::read_credential(m_directory, credential.file);
        if (!there || there->username != credential.username || there->password != credential.password)
            connector->second->imported.properties.push_back(left_alone(path, there));
    }
}

Result<void> ImportedCredentials::write() {
    if (!m_new.empty() && ::mkdir(m_directory.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(fmt::format("{} cannot be made: {}", m_directory.string(), std::strerror(errno)),
                    "run this as root");
    for (const conf::site::SiteCredential& credential : m_new) {
        const std::string text =
            fmt::format("username = {}\npassword = {}\n", conf::toml_string(credential.username),
                        conf::toml_string(credential.password));
        if (auto done = conf::postfix::write_file(m_directory / credential.file, text, 0600); !done)
            return done;
        ++m_written;
    }
    return {};
}

void ImportedCredentials::take_back() {
    for (; m_written > 0; --m_written) {
        std::error_code ignored;
        fs::remove(m_directory / m_new[m_written - 1].file, ignored);
    }
}

std::string ImportedCredentials::summary(bool dry_run) const {
    return fmt::format("{} of credentials {} into {}", counted(m_new.size(), "file"),
                       dry_run ? "would go" : "went", m_directory.string());
}

} // namespace sendconnector::ctl
