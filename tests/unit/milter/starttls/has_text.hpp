// SPDX-License-Identifier: Apache-2.0
// The matcher for a part of a text, as each major release of Catch2 calls it.
#pragma once

#include "tests/unit/catch.hpp"

#include <string>

namespace sendconnector::starttls {

inline auto has_text(const std::string& part) {
#if SENDCONNECTOR_CATCH2 == 2
    return Catch::Matchers::Contains(part);
#else
    return Catch::Matchers::ContainsSubstring(part);
#endif
}

} // namespace sendconnector::starttls
