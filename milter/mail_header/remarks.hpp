// SPDX-License-Identifier: Apache-2.0
// remarks_on(): what in a header should catch the eye.
#pragma once

#include "milter/mail_header/analysis.hpp"

#include <vector>

namespace sendconnector::mail_header {

// Clocks that disagree, times that cannot be told, a long stay, fields that may stand once and stand twice,
// an ARC chain with holes, a header that was cut or damaged. At most some twenty.
std::vector<Remark> remarks_on(const Analysis& analysis);

} // namespace sendconnector::mail_header
