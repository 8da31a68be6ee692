// SPDX-License-Identifier: Apache-2.0
// What a download about revocation gave, before anybody looks at signatures.
#pragma once

#include "milter/starttls/download.hpp"
#include "policy/certificate/revocation.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sendconnector::starttls {

struct Fetched {
    std::string octets;
    std::string failure;   // empty: an answer that counts now
    bool answered = false; // with a failure: something came
    policy::RevocationFreshness fresh{};
    std::vector<policy::RevocationSource> deltas; // that the list names
};

// Takes a while for a large list: for the download thread.
Fetched read(const policy::RevocationSource& source, DownloadResult result, std::chrono::sys_seconds now);

} // namespace sendconnector::starttls
