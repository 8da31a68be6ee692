// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/snapshot_holder.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

#include <thread>

using namespace sendconnector;
using daemon::SnapshotHolder;

namespace {

SnapshotHolder::Pointer snapshot() {
    return test::snapshot_of("[[connector]]\nname = \"One\"\naddress_spaces = [\"*\"]\n");
}

} // namespace

TEST_CASE("a former snapshot lives until nobody works with it, and goes where that is asked for") {
    SnapshotHolder holder;
    CHECK(holder.get() == nullptr);
    const auto before = holder.generation().load();
    holder.set(snapshot());
    CHECK(holder.generation() != before);
    CHECK(holder.release_unused().destroyed == 0); // there was none
    auto in_use = holder.get();
    const std::weak_ptr<const conf::postfix::Snapshot> first = in_use;
    holder.set(snapshot());
    const std::weak_ptr<const conf::postfix::Snapshot> second = holder.get();
    holder.set(snapshot());
    // The second one is in nobody's hands, and still not gone: whoever had it last may have been a lookup.
    CHECK_FALSE(second.expired());
    auto released = holder.release_unused();
    CHECK(released.destroyed == 1);
    CHECK(released.in_use == 1);
    CHECK(second.expired());
    CHECK_FALSE(first.expired());
    std::thread([&] { in_use.reset(); }).join();
    CHECK_FALSE(first.expired());
    released = holder.release_unused();
    CHECK(released.destroyed == 1);
    CHECK(released.in_use == 0);
    CHECK(first.expired());
    CHECK(holder.get() != nullptr);
}
