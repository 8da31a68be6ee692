// SPDX-License-Identifier: Apache-2.0
// changed_list(): what @{Add=...; Remove=...} makes of a list.
#pragma once

#include "conf/exchange/cmdlet_text.hpp"
#include "conf/keys.hpp"
#include "policy/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::conf::exchange {

struct ChangedList {
    std::vector<std::string> items;
    std::vector<std::string> not_there;     // what was to be removed
    std::vector<std::string> there_already; // what was to be added
};

// `written` are the entries as the file has them, nothing when the key is not in it and its default counts.
// Entries are the same when they mean the same ("*" and "smtp:*;1"); an address space to be removed needs no
// cost. New ones come last.
Result<ChangedList> changed_list(const Key& key, const std::optional<std::vector<std::string>>& written,
                                 const ListChange& change);

} // namespace sendconnector::conf::exchange
