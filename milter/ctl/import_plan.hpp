// SPDX-License-Identifier: Apache-2.0
// ImportPlan: what an import makes of the configuration's files, connector by connector.
#pragma once

#include "conf/exchange/import_change.hpp"
#include "conf/exchange/reading.hpp"
#include "milter/ctl/configuration_edit.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sendconnector::ctl {

enum class ImportStep {
    made,
    changed,
    unchanged,   // it says all that already
    passed_over, // no send connector, or there twice
    refused,     // it cannot be had: a value, or what the values say together
};

std::string_view to_string(ImportStep step); // "new", "changed", ...

struct ImportedConnector {
    conf::exchange::Imported imported;
    ImportStep step = ImportStep::unchanged;
    std::vector<conf::KeyText> keys = {}; // what is written of a new one, what changes of another
    std::filesystem::path file = {};      // where it is written
    std::vector<Error> obstacles = {};    // why it is refused or passed over
};

// Told how many of how many connectors are done.
using ImportProgress = std::function<void(std::size_t, std::size_t)>;

// Each object's step, from what it says and what is there: nothing is refused yet for what connectors say
// together.
std::vector<ImportedConnector> plan_import(const std::vector<conf::exchange::Object>& objects,
                                           const conf::Configuration& configuration,
                                           const ConfigurationEdit& edit, const ImportProgress& progress);

// The files as they become when the connectors that are made or changed are written, `command` above new
// ones. Fails for a file that cannot be changed.
Result<std::map<std::filesystem::path, conf::ConnectorFile>>
files_after(const std::vector<ImportedConnector>& connectors, const ConfigurationEdit& edit,
            std::string_view command, const ImportProgress& progress);

// Takes out the connectors that `findings` refuse. False when something is refused that is none of theirs.
bool take_out_refused(std::vector<ImportedConnector>& connectors, const std::vector<conf::Finding>& findings);

// Disables the new connectors where one is refused: they would take its mail. Whether there was one to
// disable.
bool hold_new_ones(std::vector<ImportedConnector>& connectors);

} // namespace sendconnector::ctl
