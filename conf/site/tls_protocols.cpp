// SPDX-License-Identifier: Apache-2.0
#include "conf/site/tls_protocols.hpp"

#include "conf/site/site.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>

namespace sendconnector::conf::site {
namespace {

// In the order of their age. No build of today has the first two.
constexpr std::array<std::string_view, 6> names = {"sslv2",   "sslv3",   "tlsv1",
                                                   "tlsv1.1", "tlsv1.2", "tlsv1.3"};
constexpr std::array<std::string_view, 6> spelt = {"SSLv2",   "SSLv3",   "TLSv1",
                                                   "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::size_t first_known = 2;

std::vector<std::string> parts_of(std::string_view list) {
    std::string spaced(list);
    std::replace(spaced.begin(), spaced.end(), ':', ' ');
    return words_of(spaced);
}

} // namespace

std::optional<ProtocolRange> protocol_range(std::string_view list) {
    std::array<bool, names.size()> named{};
    std::array<bool, names.size()> excluded{};
    bool has_named = false;
    std::size_t lowest = 0;
    std::size_t highest = names.size() - 1;
    for (const std::string& part : parts_of(policy::fold_case(list))) {
        const std::size_t sign = part.starts_with(">=") || part.starts_with("<=") ? 2 : part.starts_with('!');
        const auto* const found = std::find(names.begin(), names.end(), std::string_view(part).substr(sign));
        if (found == names.end())
            return std::nullopt;
        const auto index = static_cast<std::size_t>(found - names.begin());
        if (part.front() == '>')
            lowest = std::max(lowest, index);
        else if (part.front() == '<')
            highest = std::min(highest, index);
        else if (sign == 1)
            excluded[index] = true;
        else
            has_named = named[index] = true;
    }
    ProtocolRange range{"", true};
    for (std::size_t i = first_known; i < names.size(); ++i) {
        const bool in = i >= lowest && i <= highest && !excluded[i] && (!has_named || named[i]);
        if (in && range.oldest.empty())
            range.oldest = spelt[i];
        else if (!in && !range.oldest.empty())
            range.is_all_above = false;
    }
    return range.oldest.empty() ? std::nullopt : std::optional(range);
}

} // namespace sendconnector::conf::site
