// SPDX-License-Identifier: Apache-2.0
#include "policy/candidate.hpp"

#include <tuple>

namespace sendconnector::policy {

bool is_for_route(const SendConnector& connector, RecipientRoute route) {
    switch (route) {
    case RecipientRoute::relay:
        return connector.routes.relay;
    case RecipientRoute::transport:
        return connector.routes.transport;
    case RecipientRoute::by_default:
        break;
    }
    return connector.routes.by_default;
}

const AddressSpace* best_space(const SendConnector& connector, std::string_view recipient_domain) {
    const AddressSpace* best = nullptr;
    for (const auto& space : connector.address_spaces) {
        if (!space.matches(recipient_domain))
            continue;
        if (best == nullptr || space.specificity() > best->specificity() ||
            (space.specificity() == best->specificity() && space.cost() < best->cost()))
            best = &space;
    }
    return best;
}

namespace {

// The order of selection as a tuple: the lesser goes first. Names differ, so no two candidates are equal.
auto order_key(const Candidate& candidate, SelectionOrder order) {
    const int space = -candidate.space->specificity();
    const bool sender_first = order == SelectionOrder::sender_first;
    return std::tuple(sender_first ? candidate.sender_rank : space,
                      sender_first ? space : candidate.sender_rank, candidate.space->cost(),
                      candidate.name_rank);
}

} // namespace

bool goes_before(const Candidate& left, const Candidate& right, SelectionOrder order) {
    return order_key(left, order) < order_key(right, order);
}

bool is_too_small(const SendConnector& connector, const Query& query) {
    return query.size && !connector.max_message_size.admits(*query.size);
}

} // namespace sendconnector::policy
