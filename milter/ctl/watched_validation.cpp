// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/watched_validation.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {

std::vector<TriedConnector> try_watched(Context& context, const conf::Configuration& configuration,
                                        const std::vector<HopToTry>& hops) {
    const ValidationProgress progress = [&](std::size_t finished, std::size_t all, const std::string& step) {
        context.transient(bar(finished, all, step));
    };
    std::vector<TriedConnector> tried = try_hops(configuration, hops, progress);
    context.transient("");
    return tried;
}

std::string bar(std::size_t finished, std::size_t all, std::string_view step) {
    constexpr std::size_t width = 10;
    const std::size_t full = all == 0 ? width : width * finished / all;
    return fmt::format("[{}{}] {}/{} {}", std::string(full, '#'), std::string(width - full, '-'), finished,
                       all, step);
}

} // namespace sendconnector::ctl
