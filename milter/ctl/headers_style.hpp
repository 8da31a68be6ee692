// SPDX-License-Identifier: Apache-2.0
// The style sheet of the page that `headers --html` makes.
#pragma once

namespace sendconnector::ctl {

// For narrow and wide windows, light and dark, and paper.
extern const char* const headers_style;

} // namespace sendconnector::ctl
