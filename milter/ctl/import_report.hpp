// SPDX-License-Identifier: Apache-2.0
// What an import took, what has no meaning here and what needs a hand, for people and for programs.
#pragma once

#include "conf/exchange/read_export.hpp"
#include "milter/ctl/import_plan.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

struct ImportOutcome {
    std::string source; // the file, "standard input", or a Postfix instance's folder
    std::string format; // in words
    std::vector<conf::exchange::Remark> remarks;
    std::vector<ImportedConnector> connectors;
    bool written = false;
    std::vector<conf::Finding> refusals = {}; // what apply would refuse it for

    std::size_t count(ImportStep step) const;
    // Something of the file is not here, and was meant to be, or cannot be applied.
    bool is_partial() const;
    // One of the connectors waits for a hand.
    bool needs_hand() const;
};

// `folder` is that of the configuration: for paths, and where credentials are.
std::string report_text(const ImportOutcome& outcome, const std::filesystem::path& folder,
                        const Paint& paint);
Json report_json(const ImportOutcome& outcome);
// "2 new, 1 changed, 1 refused".
std::string summary_of(const ImportOutcome& outcome);

} // namespace sendconnector::ctl
