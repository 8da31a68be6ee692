// SPDX-License-Identifier: Apache-2.0
// nearest(): "did you mean".
#pragma once

#include <span>
#include <string_view>

namespace sendconnector::conf {

// The candidate that `misspelt` most likely stands for, or an empty view when none is near. Case, '_', '-'
// and blanks do not count, so Exchange's TlsAuthLevel is tls_auth_level; of the rest about one letter in
// three may be wrong, missing, too many, or swapped with its neighbour.
std::string_view nearest(std::string_view misspelt, std::span<const std::string_view> candidates);

} // namespace sendconnector::conf
