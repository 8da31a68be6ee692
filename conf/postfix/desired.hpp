// SPDX-License-Identifier: Apache-2.0
// What a Postfix instance should hold for a configuration, and what it does hold.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/applied.hpp"
#include "conf/postfix/instance.hpp"
#include "conf/postfix/service.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sendconnector::conf::postfix {

// STATE/postfix: the folder for what Postfix reads.
std::filesystem::path files_directory(const Configuration& configuration);

struct Desired {
    std::map<std::string, std::string> services; // master.cf entry by service name
    std::map<std::string, RenderedFile> files;   // by file name
    Applied applied;                             // as it is to be recorded
    std::vector<Finding> findings;               // what keeps it from being applied, and warnings
};

// One service for each enabled connector, and those that split messages where the policy may need it. Fails
// when the instance cannot be asked; what is wrong with the configuration or the instance's own settings is a
// finding.
Result<Desired> desired(const Configuration& configuration, const Instance& instance);

struct StoredFile {
    mode_t mode;
    std::string content;
};

struct Current {
    Values services; // as Instance::services
    std::map<std::string, StoredFile> files;
    Applied applied;
    // Made by an apply of ours, as far as the records go.
    bool is_ours(const std::string& service) const {
        return applied.services.contains(service) || applied.pending.contains(service);
    }
};

Result<Current> current(const Configuration& configuration, const Instance& instance);

} // namespace sendconnector::conf::postfix
