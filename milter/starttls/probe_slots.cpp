// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe_slots.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace sendconnector::starttls {

namespace asio = boost::asio;

class ProbeSlots::Ticket {
public:
    enum class State { waiting, active, slow };

    Ticket(ProbeSlots& its_slots, std::string its_group, bool is_urgent, std::function<void()> when_granted)
        : slots(its_slots), group(std::move(its_group)), urgent(is_urgent), granted(std::move(when_granted)),
          timer(its_slots.m_context) {}
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { slots.leave(*this); }

    ProbeSlots& slots;
    std::string group;
    bool urgent;
    std::function<void()> granted;
    asio::steady_timer timer; // until it is slow
    State state = State::waiting;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true); // for a timer that has already gone off
};

namespace {

void one_less(std::map<std::string, std::size_t>& of_group, const std::string& group) {
    if (const auto found = of_group.find(group); found != of_group.end() && --found->second == 0) {
        of_group.erase(found);
    }
}

} // namespace

void ProbeSlots::Leave::operator()(Ticket* ticket) const {
    delete ticket;
}

ProbeSlots::ProbeSlots(asio::io_context& context, std::size_t at_once, std::chrono::milliseconds slow_after)
    : m_context(context), m_at_once(std::max<std::size_t>(at_once, 1)), m_slow_after(slow_after),
      m_scheduled(std::make_shared<bool>(false)) {}

ProbeSlots::~ProbeSlots() = default;

ProbeSlots::Handle ProbeSlots::acquire(std::string group, bool urgent, std::function<void()> granted) {
    Handle ticket(new Ticket(*this, std::move(group), urgent, std::move(granted)));
    (urgent ? m_urgent : m_background).groups[ticket->group].push_back(ticket.get());
    schedule();
    return ticket;
}

void ProbeSlots::hurry(Ticket& ticket) {
    if (ticket.state != Ticket::State::waiting || ticket.urgent) {
        return;
    }
    auto& slots = ticket.slots;
    slots.remove_waiting(ticket);
    ticket.urgent = true;
    slots.m_urgent.groups[ticket.group].push_back(&ticket);
    slots.schedule();
}

void ProbeSlots::resize(std::size_t at_once) {
    m_at_once = std::max<std::size_t>(at_once, 1);
    schedule();
}

void ProbeSlots::schedule() {
    if (std::exchange(*m_scheduled, true)) {
        return;
    }
    asio::post(m_context, [this, weak = std::weak_ptr(m_scheduled)] {
        if (const auto scheduled = weak.lock()) {
            *scheduled = false;
            serve();
        }
    });
}

void ProbeSlots::serve() {
    while (m_active < m_at_once) {
        auto* ticket = next_of(m_urgent);
        if (ticket == nullptr && m_active_background < share()) {
            ticket = next_of(m_background);
        }
        if (ticket == nullptr) {
            return;
        }
        grant(*ticket);
    }
}

// From the group after the one served last, in a circle, the first that has not got its share.
ProbeSlots::Ticket* ProbeSlots::next_of(Queue& queue) {
    auto group = queue.groups.upper_bound(queue.last);
    for (std::size_t i = 0; i < queue.groups.size(); ++i, ++group) {
        if (group == queue.groups.end()) {
            group = queue.groups.begin();
        }
        const auto active = m_active_of.find(group->first);
        if (active != m_active_of.end() && active->second >= share()) {
            continue;
        }
        auto* ticket = group->second.front();
        queue.last = group->first;
        group->second.pop_front();
        if (group->second.empty()) {
            queue.groups.erase(group);
        }
        return ticket;
    }
    return nullptr;
}

void ProbeSlots::grant(Ticket& ticket) {
    ticket.state = Ticket::State::active;
    ++m_active;
    m_active_background += ticket.urgent ? 0 : 1;
    ++m_active_of[ticket.group];
    ticket.timer.expires_after(m_slow_after);
    ticket.timer.async_wait(
        [this, &ticket, weak = std::weak_ptr(ticket.alive)](const boost::system::error_code& ended) {
            if (!ended && !weak.expired()) {
                is_slow(ticket);
            }
        });
    // It may destroy the ticket.
    const auto granted = std::move(ticket.granted);
    granted();
}

void ProbeSlots::is_slow(Ticket& ticket) {
    const auto places = 3 * m_at_once;
    const auto of_group = m_slow_of.find(ticket.group);
    if (m_slow >= places || (of_group != m_slow_of.end() && of_group->second >= (places + 1) / 2)) {
        return;
    }
    leave(ticket);
    ticket.state = Ticket::State::slow;
    ++m_slow;
    ++m_slow_of[ticket.group];
}

void ProbeSlots::leave(Ticket& ticket) {
    switch (ticket.state) {
    case Ticket::State::waiting:
        remove_waiting(ticket);
        return;
    case Ticket::State::slow:
        --m_slow;
        one_less(m_slow_of, ticket.group);
        return;
    case Ticket::State::active:
        break;
    }
    --m_active;
    m_active_background -= ticket.urgent ? 0 : 1;
    one_less(m_active_of, ticket.group);
    schedule();
}

void ProbeSlots::remove_waiting(Ticket& ticket) {
    auto& groups = (ticket.urgent ? m_urgent : m_background).groups;
    const auto group = groups.find(ticket.group);
    if (group == groups.end()) {
        return;
    }
    std::erase(group->second, &ticket);
    if (group->second.empty()) {
        groups.erase(group);
    }
}

} // namespace sendconnector::starttls
