// SPDX-License-Identifier: Apache-2.0
// QueueFile: what only the queue file itself says of a message: above all the FILTER that routes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct QueueFile {
    std::string queue_id;
    std::string path;         // below the queue directory: "deferred/3/4jYByq1czpz1hFT5"
    std::uint64_t octets = 0; // of the whole file; 0: not known
    std::string filter;       // "sc-contoso:[192.0.2.1]:587"; empty: none
    std::string first_id;     // its queue ID before any requeue; empty: not recorded
};

// What `postcat -q -e ID...` prints, several files in a row. One that is not there to its end is left out,
// for its FILTER may be in what is missing.
std::vector<QueueFile> parse_queue_files(std::string_view text);

// A FILTER or transport: "sc-contoso:[192.0.2.1]:587,[192.0.2.2]:587".
struct FilterTarget {
    std::string service;                // "sc-contoso"
    std::vector<std::string> next_hops; // sorted; empty: the recipient's domain
};
FilterTarget parse_filter(std::string_view filter);

} // namespace sendconnector::ctl
