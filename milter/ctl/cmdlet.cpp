// SPDX-License-Identifier: Apache-2.0
// The cmdlets as commands: New-SendConnector and the others, their parameters as a shell hands them over.
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/commands.hpp"

namespace sendconnector::ctl {

ExitCode cmdlet(Context& context) {
    namespace exchange = conf::exchange;
    const auto name = exchange::find_cmdlet(context.invocation().command->name);
    const auto elements = exchange::read_arguments(context.invocation().arguments);
    const Result<exchange::Cmdlet> call = exchange::bind(*name, elements);
    return call ? run_cmdlet(context, *call) : context.fail(call.error());
}

} // namespace sendconnector::ctl
