// SPDX-License-Identifier: Apache-2.0
// What enable and disable have in common: one call, and saying what it changed.
#pragma once

#include "conf/postfix/attach.hpp"
#include "milter/ctl/context.hpp"

#include <string_view>

namespace sendconnector::ctl {

using AttachFunction = Result<conf::postfix::AttachReport> (*)(const conf::Configuration&,
                                                               conf::postfix::Instance&);

// Opens the Postfix instance and calls `function` on it. `already` says that there was nothing to change.
ExitCode change_attachment(Context& context, const conf::Configuration& configuration,
                           AttachFunction function, std::string_view already);

} // namespace sendconnector::ctl
