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

    Hop* first = nullptr;
    Hop* last = nullptr;
    for (Hop& hop : way.hops) {
        if (!hop.received.time) {
            ++way.without_time;
            continue;
        }
        if (last != nullptr) {
            hop.delay = hop.received.time->time - last->received.time->time;
            hop.is_beside_skew = last->is_skewed();
            last->is_beside_skew = last->is_beside_skew || hop.is_skewed();
        }
        first = first == nullptr ? &hop : first;
        last = &hop;
    }
    if (first != last)
        way.total = last->received.time->time - first->received.time->time;
    for (std::size_t i = 0; i < way.hops.size(); ++i) {
        const Hop& hop = way.hops[i];
        if (hop.delay > std::chrono::seconds(0) && !hop.is_beside_skew &&
            (!way.slowest || *hop.delay > *way.hops[*way.slowest].delay))
            way.slowest = i;
    }
    return way;
}

} // namespace sendconnector::mail_header
