// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/macros.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/milter_client.hpp"

using namespace sendconnector::filter;
using protocol::Command;
using sendconnector::test::MilterClient;

namespace {

bool take(Macros& macros, char command, std::initializer_list<std::string_view> values) {
    return macros.take(command + MilterClient::strings(values));
}

} // namespace

TEST_CASE("a macro counts from its command until that one, or one before it, comes again") {
    Macros macros;
    CHECK(macros.find("i") == std::nullopt);
    REQUIRE(take(macros, 'M', {"{daemon_name}", "smtp", "i", "first"}));
    macros.begin(Command::mail);
    REQUIRE(take(macros, 'R', {"i", "second", "{rcpt_mailer}", "sc-x"}));
    macros.begin(Command::rcpt);
    CHECK(macros.find("daemon_name") == "smtp");
    CHECK(macros.find("i") == "second");
    CHECK(macros.find("rcpt_mailer") == "sc-x");
    macros.begin(Command::rcpt); // without any
    CHECK(macros.find("rcpt_mailer") == std::nullopt);
    CHECK(macros.find("i") == "first");
    REQUIRE(take(macros, 'E', {"i", "third"}));
    macros.begin(Command::end_of_message);
    CHECK(macros.find("i") == "third");
    // The next message has nothing of this one.
    REQUIRE(take(macros, 'M', {"{daemon_name}", "other"}));
    macros.begin(Command::mail);
    CHECK(macros.find("daemon_name") == "other");
    CHECK(macros.find("i") == std::nullopt);
    macros.begin(Command::mail);
    CHECK(macros.find("daemon_name") == std::nullopt);
}

TEST_CASE("macros for one command are none for another") {
    Macros macros;
    REQUIRE(take(macros, 'R', {"{rcpt_mailer}", "sc-x"}));
    macros.begin(Command::mail);
    CHECK(macros.find("rcpt_mailer") == std::nullopt);
    // Those between do not lose them.
    REQUIRE(take(macros, 'M', {"{auth_authen}", "alice"}));
    macros.begin(Command::mail);
    macros.begin(Command::header);
    macros.begin(Command::body);
    CHECK(macros.find("auth_authen") == "alice");
}

TEST_CASE("macros without an end, or without a value, are none") {
    Macros macros;
    CHECK_FALSE(macros.take(""));
    CHECK_FALSE(macros.take("Mi"));
    CHECK_FALSE(take(macros, 'M', {"i"}));
    CHECK(macros.take("M"));
    CHECK(take(macros, 'X', {"i", "1"})); // of a command that is not ours
    CHECK(take(macros, 'M', {"{i}", "", "j", "2"}));
    CHECK(macros.find("i") == "");
    CHECK(macros.find("j") == "2");
}
