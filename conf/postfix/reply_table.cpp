// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/reply_table.hpp"

#include "conf/failure_code.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"

#include <fmt/format.h>
#include <string_view>

namespace sendconnector::conf::postfix {
namespace {

// How smtp(8) reads a line: three digits, a blank or a hyphen, and an enhanced code that counts only where
// its class is that of the reply (RFC 2034), followed by white space or nothing.
std::string rules_for(const FailureCode& code, char from, char to) {
    const std::string reply = code.reply.empty() ? "[0-9][0-9]" : code.reply.substr(1);
    const std::string enhanced =
        code.enhanced.empty() ? "\\.[0-9]{1,3}\\.[0-9]{1,3}" : regexp_literal(code.enhanced.substr(1));
    std::string rules = fmt::format("/^{}({}[ -] *){}({}([[:space:]].*)?)$/ {}${{1}}{}$2\n", from, reply,
                                    from, enhanced, to, to);
    if (code.enhanced.empty()) {
        rules += fmt::format("/^{}({}([ -].*)?)$/ {}$1\n", from, reply, to);
    }
    return rules;
}

} // namespace

std::string reply_table(const policy::SendConnector& connector) {
    const bool downgrade = connector.error_policies == policy::ErrorPolicies::downgrade_custom_failures;
    if (!downgrade && connector.error_policies != policy::ErrorPolicies::upgrade_custom_failures) {
        return {};
    }
    std::string table = fmt::format("{}# error_policies = \"{}\"\n", written_by,
                                    downgrade ? "DowngradeCustomFailures" : "UpgradeCustomFailures");
    for (const std::string& text : connector.custom_failure_codes) {
        if (const auto code = parse_failure_code(text)) {
            table += rules_for(*code, downgrade ? '5' : '4', downgrade ? '4' : '5');
        }
    }
    return table;
}

} // namespace sendconnector::conf::postfix
