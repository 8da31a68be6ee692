// SPDX-License-Identifier: Apache-2.0
// TrustAnchors::Store: the anchors by subject. For judge()'s own files.
#pragma once

#include "policy/certificate/trust_anchors.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace sendconnector::policy {

struct TrustAnchors::Store {
    std::vector<Certificate> certificates;                          // each once, in the file's order
    std::unordered_multimap<unsigned long, std::size_t> by_subject; // hash of the name -> index

    // Those whose subject is the issuer that `certificate` names.
    std::vector<Certificate> issuers_of(const Certificate& certificate) const;
    bool contains(const Certificate& certificate) const;
};

} // namespace sendconnector::policy
