// SPDX-License-Identifier: Apache-2.0
// Which files make up a configuration.
#pragma once

#include "conf/configuration.hpp"
#include "conf/finding.hpp"
#include "conf/load_table.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sendconnector::conf {

struct ConfigurationFile {
    std::string path;
    FileRole role;
};

// `main` first, then the entries of conf.d beside it that end in ".toml", in byte order; those that begin
// with a dot (an editor's) do not count. No conf.d is fine; one that cannot be listed is a finding. Files
// that `changes` make are listed, those that they take away are not.
std::vector<ConfigurationFile> configuration_files(const std::filesystem::path& main,
                                                   std::vector<Finding>& findings,
                                                   std::span<const FileChange> changes = {});

} // namespace sendconnector::conf
