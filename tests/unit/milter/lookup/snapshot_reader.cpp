// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/snapshot_reader.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector;

TEST_CASE("a reader asks for the snapshot when its number has changed, and not before") {
    constexpr std::string_view one = "[[connector]]\nname = \"One\"\naddress_spaces = [\"*\"]\n";
    auto current = test::snapshot_of(one);
    std::atomic<std::uint64_t> generation{1};
    int asked = 0;
    const auto source = [&] {
        ++asked;
        return current;
    };
    lookup::SnapshotReader reader(source, &generation);
    CHECK(reader.current() == current);
    for (int i = 0; i < 1000; ++i) {
        (void)reader.current();
    }
    CHECK(asked == 1);
    const std::weak_ptr<const conf::postfix::Snapshot> former = current;
    current = test::snapshot_of(one);
    ++generation;
    CHECK(reader.current() == current);
    CHECK(asked == 2);
    CHECK(former.expired());
    // Without a number it asks each time.
    lookup::SnapshotReader always(source);
    (void)always.current();
    (void)always.current();
    CHECK(asked == 4);
}
