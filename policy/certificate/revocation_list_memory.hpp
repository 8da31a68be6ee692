// SPDX-License-Identifier: Apache-2.0
// Large lists that were read before: a thousand smart hosts of one authority share its list, and reading
// 100,000 entries takes longer than all the rest of a verdict.
#pragma once

#include "policy/certificate/revocation_list.hpp"
#include "policy/result.hpp"

#include <memory>
#include <string_view>

namespace sendconnector::policy {

// As RevocationList::read(), which the thread remembers for a few large lists, by their SHA-256.
Result<std::shared_ptr<const RevocationList>> remembered_list(std::string_view octets);

} // namespace sendconnector::policy
