// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/unsent_notices.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/temporary_directory.hpp"

using namespace sendconnector;
using ctl::UnsentNotices;

TEST_CASE("notices wait in bounce and trace, hashed or not; not in defer") {
    const test::TemporaryDirectory queue;
    queue.write("bounce/4/4jYL1Z", "");
    queue.write("trace/B0C1D2E3F4", "");
    queue.write("defer/0A1B2C3D4E", "");
    const auto notices = UnsentNotices::in(queue / "");
    CHECK(notices.wait_for("4jYL1Z"));
    CHECK(notices.wait_for("B0C1D2E3F4"));
    CHECK_FALSE(notices.wait_for("0A1B2C3D4E"));
    CHECK_FALSE(UnsentNotices::in(queue / "nowhere").wait_for("4jYL1Z"));
}
