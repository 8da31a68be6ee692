// SPDX-License-Identifier: Apache-2.0
// ProbeSlots: how many probes run at once, and whose turn is next.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace sendconnector::starttls {

// `at_once` slots. Probes that somebody waits for go before those of the background, which get half of the
// slots at most. Groups (connectors) take turns, and one group gets half of the slots at most. A probe that
// has run for `slow_after` leaves its slot to the next one and goes on beside the slots, at most 3 * at_once
// of them, half of those of one group: silent and dripping servers hold up nobody else.
// Everything happens in the thread that runs `context`.
class ProbeSlots {
public:
    class Ticket;
    struct Leave {
        void operator()(Ticket* ticket) const;
    };
    // Destroying it leaves the queue, or gives the slot back.
    using Handle = std::unique_ptr<Ticket, Leave>;

    explicit ProbeSlots(boost::asio::io_context& context, std::size_t at_once,
                        std::chrono::milliseconds slow_after = std::chrono::seconds(2));
    ProbeSlots(const ProbeSlots&) = delete;
    ProbeSlots& operator=(const ProbeSlots&) = delete;
    ~ProbeSlots(); // after its handles

    // `granted` is called once, not before acquire() has returned.
    Handle acquire(std::string group, bool urgent, std::function<void()> granted);
    static void hurry(Ticket& ticket);

    // What waits now is served by the new number.
    void resize(std::size_t at_once);
    std::size_t running() const { return m_active + m_slow; }

private:
    // Whose turn it is, group by group.
    struct Queue {
        std::map<std::string, std::deque<Ticket*>> groups;
        std::string last; // the group served last
    };

    std::size_t share() const { return m_at_once < 2 ? 1 : m_at_once / 2; }
    void schedule();
    void serve();
    Ticket* next_of(Queue& queue);
    void grant(Ticket& ticket);
    void is_slow(Ticket& ticket);
    void leave(Ticket& ticket);
    void remove_waiting(Ticket& ticket);

    boost::asio::io_context& m_context;
    std::size_t m_at_once;
    std::chrono::milliseconds m_slow_after;
    Queue m_urgent;
    Queue m_background;
    std::map<std::string, std::size_t> m_active_of; // slots by group
    std::map<std::string, std::size_t> m_slow_of;
    std::size_t m_active = 0;
    std::size_t m_active_background = 0;
    std::size_t m_slow = 0;
    std::shared_ptr<bool> m_scheduled; // a serve() is posted; weakly held by it
};

} // namespace sendconnector::starttls
