// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe_slots.hpp"

#include "tests/unit/catch.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace sendconnector::starttls;
using namespace std::chrono_literals;

namespace {

struct Slots {
    explicit Slots(std::size_t at_once, std::chrono::milliseconds slow_after = 1h)
        : slots(context, at_once, slow_after) {}
    ProbeSlots::Handle want(const std::string& group, bool urgent, const std::string& name) {
        return slots.acquire(group, urgent, [this, name] { granted.push_back(name); });
    }
    void settle() {
        context.restart();
        context.poll();
    }
    boost::asio::io_context context{1};
    ProbeSlots slots;
    std::vector<std::string> granted;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("slots are granted to those who wait for them first, then to the background", "[probe_slots]") {
    Slots s(2);
    const auto a = s.want("x", false, "background 1");
    const auto b = s.want("x", false, "background 2");
    auto c = s.want("y", true, "urgent 1");
    auto d = s.want("z", true, "urgent 2");
    CHECK(s.granted.empty());
    s.settle();
    CHECK(s.granted == Names{"urgent 1", "urgent 2"});
    c.reset();
    d.reset();
    s.settle();
    // Half of the slots at most.
    CHECK(s.granted == Names{"urgent 1", "urgent 2", "background 1"});
    ProbeSlots::hurry(*b);
    const auto e = s.want("y", true, "urgent 3");
    s.settle();
    CHECK(s.granted.back() == "urgent 3"); // the group x has its half
    CHECK(s.slots.running() == 2);
}

TEST_CASE("groups take turns", "[probe_slots]") {
    Slots s(1);
    std::vector<ProbeSlots::Handle> handles;
    for (const auto* name : {"a1", "a2", "a3"}) {
        handles.push_back(s.want("a", true, name));
    }
    handles.push_back(s.want("b", true, "b1"));
    handles.push_back(s.want("c", true, "c1"));
    const std::vector<std::size_t> in_turn = {0, 3, 4, 1, 2};
    for (const auto ended : in_turn) {
        s.settle();
        handles[ended].reset();
    }
    CHECK(s.granted == Names{"a1", "b1", "c1", "a2", "a3"});
    CHECK(s.slots.running() == 0);
}

TEST_CASE("one who leaves the queue is not granted anything", "[probe_slots]") {
    Slots s(1);
    auto first = s.want("a", true, "first");
    auto second = s.want("a", true, "second");
    const auto third = s.want("a", true, "third");
    s.settle();
    second.reset();
    first.reset();
    s.settle();
    CHECK(s.granted == Names{"first", "third"});
}

TEST_CASE("slow ones make room, up to a bound", "[probe_slots]") {
    Slots s(2, 20ms);
    std::vector<ProbeSlots::Handle> handles;
    for (int i = 0; i < 40; ++i) {
        handles.push_back(s.want("group " + std::to_string(i), true, std::to_string(i)));
    }
    s.settle();
    CHECK(s.granted.size() == 2);
    s.context.restart();
    s.context.run_for(1s);
    // Two in slots, three times as many beside them; none of them ends.
    CHECK(s.granted.size() == 8);
    CHECK(s.slots.running() == 8);
    handles.clear();
    CHECK(s.slots.running() == 0);
}

TEST_CASE("one group's slow ones leave places for others", "[probe_slots]") {
    Slots s(2, 20ms);
    std::vector<ProbeSlots::Handle> handles;
    for (int i = 0; i < 40; ++i) {
        handles.push_back(s.want("one", true, std::to_string(i)));
    }
    s.context.run_for(500ms);
    // One slot, and three of the six places.
    CHECK(s.slots.running() == 4);
    const auto other = s.want("other", true, "other");
    s.settle();
    CHECK(s.granted.back() == "other");
}

TEST_CASE("a queue survives its slots being resized and destroyed with work posted", "[probe_slots]") {
    boost::asio::io_context context;
    int granted = 0;
    {
        ProbeSlots slots(context, 1);
        const auto a = slots.acquire("a", true, [&] { ++granted; });
        const auto b = slots.acquire("b", true, [&] { ++granted; });
        context.poll();
        CHECK(granted == 1);
        slots.resize(2);
    }
    context.restart();
    context.poll();
    CHECK(granted == 1);
}
