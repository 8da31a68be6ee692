// SPDX-License-Identifier: Apache-2.0
// Options that take a point in time.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/mail_log/time_stamp.hpp"

#include <optional>

namespace sendconnector::ctl {

// What --OPTION says; nothing where it is not given. Fails with what may be written.
Result<std::optional<mail_log::Time>> point_in_time(const Context& context, const char* option);

} // namespace sendconnector::ctl
