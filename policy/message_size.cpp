// SPDX-License-Identifier: Apache-2.0
#include "policy/message_size.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::policy {

namespace {

constexpr std::uint64_t largest = 2'147'483'647; // Exchange: 0 to 2147483647 bytes
constexpr std::array<std::pair<std::string_view, int>, 5> units = {
    {{"TB", 40}, {"GB", 30}, {"MB", 20}, {"KB", 10}, {"B", 0}}};

std::string with_thousands(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
        digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

} // namespace

Result<MessageSize> MessageSize::parse(std::string_view text) {
    const auto refuse = [&] {
        return fail(fmt::format("\"{}\" is no message size", text),
                    "write \"35MB\" (B, KB, MB, GB, TB; at most 2147483647 bytes) or \"unlimited\"");
    };
    const std::string folded = fold_case(text);
    if (folded == "unlimited")
        return unlimited();
    std::string_view rest = folded;
    // The form Exchange prints repeats the size in parentheses: the exact one counts.
    if (const auto open = rest.find(" ("); open != std::string_view::npos) {
        std::string exact(rest.substr(open + 2));
        constexpr std::string_view tail = " bytes)";
        if (!exact.ends_with(tail))
            return refuse();
        exact.resize(exact.size() - tail.size());
        exact.erase(std::remove(exact.begin(), exact.end(), ','), exact.end());
        const auto inner = parse(exact);
        return inner ? inner : refuse();
    }
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (code != std::errc())
        return refuse();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (!rest.empty() && rest.front() == ' ')
        rest.remove_prefix(1);
    int shift = 0;
    if (!rest.empty()) {
        const auto unit = std::find_if(units.begin(), units.end(),
                                       [&](const auto& known) { return fold_case(known.first) == rest; });
        if (unit == units.end())
            return refuse();
        shift = unit->second;
    }
    if (number > (largest >> shift))
        return refuse();
    return octets(number << shift);
}

std::string MessageSize::text() const {
    if (is_unlimited())
        return "unlimited";
    const auto exact = with_thousands(m_octets);
    for (const auto& [unit, shift] : units) {
        const auto one = std::uint64_t{1} << shift;
        if (m_octets < one && shift != 0)
            continue;
        // Exchange shows up to four significant digits, as "3.906 KB (4,000 bytes)".
        const auto value = static_cast<double>(m_octets) / static_cast<double>(one);
        return fmt::format("{:.4g} {} ({} bytes)", value, unit, exact);
    }
    return exact;
}

} // namespace sendconnector::policy
