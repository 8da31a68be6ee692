// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/point_in_time.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {

Result<std::optional<mail_log::Time>> point_in_time(const Context& context, const char* option) {
    using mail_log::Time;
    if (!context.invocation().has(option))
        return std::optional<Time>();
    const std::string written = context.invocation().value(option);
    const Time now{std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch())};
    const std::optional<Time> time = mail_log::parse_point_in_time(written, now);
    if (!time)
        return fail(fmt::format("--{} {} is no time", option, written),
                    "write 30m, 2h, 3d, today, yesterday, 17:04, 2026-11-23 or \"2026-11-23 17:04\"");
    return time;
}

} // namespace sendconnector::ctl
