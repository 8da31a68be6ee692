// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/hops.hpp"

#include <algorithm>

namespace sendconnector::mail_header {

bool Hops::has_skew() const {
    return std::ranges::any_of(hops, &Hop::is_skewed);
}

Hops hops_of(const Header& header) {
    Hops way;
    for (const Field& field : header.fields)
        if (field.key == "received")
            way.hops.push_back({parse_received(field.value), field.line});
    std::ranges::reverse(way.hops);

    std::optional<std::chrono::sys_seconds> first;
    std::optional<std::chrono::sys_seconds> last;
    for (std::size_t i = 0; i < way.hops.size(); ++i) {
        Hop& hop = way.hops[i];
        if (!hop.received.time) {
            ++way.without_time;
            continue;
        }
        const std::chrono::sys_seconds time = hop.received.time->time;
        if (last)
            hop.delay = time - *last;
        if (hop.delay > std::chrono::seconds(0) &&
            (!way.slowest || *hop.delay > *way.hops[*way.slowest].delay))
            way.slowest = i;
        if (!first)
            first = time;
        last = time;
    }
    if (way.hops.size() - way.without_time > 1)
        way.total = *last - *first;
    return way;
}

} // namespace sendconnector::mail_header
