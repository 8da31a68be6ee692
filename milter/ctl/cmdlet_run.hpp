// SPDX-License-Identifier: Apache-2.0
// One call of a cmdlet, carried out. Data to standard output as Exchange prints it, all else to standard
// error.
#pragma once

#include "conf/exchange/cmdlet.hpp"
#include "milter/ctl/context.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// Any of them; Get-SendConnector as get_connectors() without properties.
ExitCode run_cmdlet(Context& context, const conf::exchange::Cmdlet& cmdlet);

// Get-SendConnector: a table, or with -Format List all parameters. `properties`, with wildcards, are those
// that `| Format-List Name,Smart*` names; none: all.
ExitCode get_connectors(Context& context, const conf::exchange::Cmdlet& cmdlet,
                        std::span<const std::string> properties);
// New-, Set-, Enable-, Disable- and Remove-SendConnector: the whole configuration is checked with the change
// in place, the file written, and then it is said what apply would do; or done, with -Apply.
ExitCode change_connector(Context& context, const conf::exchange::Cmdlet& cmdlet);

// The connectors whose name an -Identity with wildcards means, in their order; an error when it has none and
// there is no such connector.
Result<std::vector<const policy::SendConnector*>>
identified(const policy::Policy& policy, const Invocation& invocation, const std::string& identity);

} // namespace sendconnector::ctl
