// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/duration.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <string_view>

namespace sendconnector::mail_header {
namespace {

std::string two(std::uint64_t large, std::string_view large_unit, std::uint64_t small,
                std::string_view small_unit) {
    return small == 0 ? fmt::format("{} {}", large, large_unit)
                      : fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
}

} // namespace

std::string duration_text(std::chrono::seconds length) {
    const std::int64_t count = length.count();
    // Also right for the least of them, which has no positive counterpart.
    const std::uint64_t seconds =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    const std::string sign = count < 0 ? "-" : "";
    if (seconds < 60)
        return fmt::format("{}{} s", sign, seconds);
    if (seconds < 3600)
        return sign + two(seconds / 60, "min", seconds % 60, "s");
    if (seconds < 86'400)
        return sign + two(seconds / 3600, "h", seconds % 3600 / 60, "min");
    return sign + two(seconds / 86'400, "d", seconds % 86'400 / 3600, "h");
}

} // namespace sendconnector::mail_header
