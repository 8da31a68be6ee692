// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/reply_table.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/asked_table.hpp"

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
using policy::ErrorPolicies;
using test::Table;

namespace {

Table with_codes(ErrorPolicies policies, std::vector<std::string> codes) {
    auto one = test::connector("Contoso", {"[mail.example]"});
    one.error_policies = policies;
    one.custom_failure_codes = std::move(codes);
    return {"regexp", reply_table(one)};
}

} // namespace

TEST_CASE("other error policies leave replies as they are", "[tables][replies]") {
    auto one = test::connector("Contoso", {"[mail.example]"});
    one.custom_failure_codes = {"550"};
    for (const auto policies : {ErrorPolicies::normal, ErrorPolicies::downgrade_dns_failures}) {
        one.error_policies = policies;
        CHECK(reply_table(one).empty());
    }
}

TEST_CASE("a reply code is downgraded with whatever enhanced code", "[tables][replies]") {
    test::check(with_codes(ErrorPolicies::downgrade_custom_failures, {"550"}),
                {{"550 5.1.1 <a@b>: 550 5.1.1 no", "450 4.1.1 <a@b>: 550 5.1.1 no"},
                 {"550-5.7.1 first", "450-4.7.1 first"},
                 {"550 no such user", "450 no such user"},
                 {"550", "450"},
                 {"550 ", "450 "},
                 {"550-", "450-"},
                 {"550 5.7.133", "450 4.7.133"},
                 {"550  5.7.1 two blanks", "450  4.7.1 two blanks"},
                 // No enhanced code by RFC 2034: of another class, or not ended.
                 {"550 4.1.1 odd", "450 4.1.1 odd"},
                 {"550 5.7.1x", "450 5.7.1x"},
                 {"550 5.7.1.2 address", "450 5.7.1.2 address"},
                 {"550 caf\xc3\xa9 costs $1", "450 caf\xc3\xa9 costs $1"},
                 // Other replies.
                 {"551 5.7.1 no", "(none)"},
                 {"5500 no", "(none)"},
                 {"550x", "(none)"},
                 {"450 4.7.1 no", "(none)"},
                 {"250 550", "(none)"},
                 {" 550 5.7.1 no", "(none)"},
                 {"220 2.0.0 550 ready", "(none)"}});
}

TEST_CASE("an enhanced code is downgraded with whatever reply code of its class", "[tables][replies]") {
    test::check(with_codes(ErrorPolicies::downgrade_custom_failures, {"5.7.1"}),
                {{"550 5.7.1 no", "450 4.7.1 no"},
                 {"554-5.7.1 no", "454-4.7.1 no"},
                 {"521 5.7.1", "421 4.7.1"},
                 {"550 5.7.10 no", "(none)"},
                 {"550 5.7.1.0 no", "(none)"},
                 {"550 5x7.1 no", "(none)"},
                 {"550 no 5.7.1", "(none)"},
                 {"450 5.7.1 odd", "(none)"},
                 {"250 5.7.1 odd", "(none)"}});
}

TEST_CASE("both codes must be there where both are listed", "[tables][replies]") {
    test::check(with_codes(ErrorPolicies::downgrade_custom_failures, {"550 5.7.1", "554"}),
                {{"550 5.7.1 no", "450 4.7.1 no"},
                 {"550-5.7.1 no", "450-4.7.1 no"},
                 {"550 5.7.2 no", "(none)"},
                 {"550 no", "(none)"},
                 {"553 5.7.1 no", "(none)"},
                 {"554 5.7.2 no", "454 4.7.2 no"}});
}

TEST_CASE("temporary failures become permanent ones", "[tables][replies]") {
    test::check(with_codes(ErrorPolicies::upgrade_custom_failures, {"450", "4.7.1", "451 4.3.0"}),
                {{"450 4.2.0 later", "550 5.2.0 later"},
                 {"450 later", "550 later"},
                 {"454-4.7.1 later", "554-5.7.1 later"},
                 {"451 4.3.0 later", "551 5.3.0 later"},
                 {"451 4.3.5 later", "(none)"},
                 {"451 later", "(none)"},
                 {"550 5.7.1 no", "(none)"},
                 {"250 4.7.1 odd", "(none)"},
                 {"354 4.7.1 odd", "(none)"}});
}
