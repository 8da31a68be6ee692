// SPDX-License-Identifier: Apache-2.0
// What is told of a connector that is about to be written, in the words of who gave a cmdlet's parameters.
#pragma once

#include "conf/configuration.hpp"
#include "conf/finding.hpp"
#include "milter/ctl/cmdlet_plan.hpp"
#include "milter/ctl/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// Whether a finding is about the connector, where it is to be.
bool is_about(const conf::Finding& finding, const CmdletPlan& plan);
// "connector "X": -TlsAuthLevel needs -RequireTLS $true".
Error in_parameters(const conf::Finding& finding);

// Every error of a configuration that cannot be used with the change in place, to standard error; what did
// it is `command`. Returns `no`.
ExitCode refuse(Context& context, const CmdletPlan& plan, const std::vector<conf::Finding>& findings,
                std::string_view command);
// What apply would say against the connector, or has to be known before its mail goes out, to standard error.
void note_consequences(Context& context, const conf::Configuration& configuration, const CmdletPlan& plan,
                       const std::vector<conf::Finding>& warnings);

// What apply would do to Postfix.
struct ApplyForecast {
    std::vector<std::string> changes;   // "add service sc-contoso"
    std::vector<conf::Finding> refused; // why it would not, then without changes
};
Result<ApplyForecast> forecast(const conf::Configuration& configuration);
// The same, to standard error, with what to type.
void note_apply(Context& context, const conf::Configuration& configuration);

} // namespace sendconnector::ctl
