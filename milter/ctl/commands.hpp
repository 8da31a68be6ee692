// SPDX-License-Identifier: Apache-2.0
// The commands of sendconnectorctl, one a file. What each does, takes and prints is said in
// command_table.cpp, where the administrator reads it too.
#pragma once

#include "milter/ctl/exit_code.hpp"

namespace sendconnector::ctl {

class Context;

ExitCode check(Context& context);
ExitCode list(Context& context);
ExitCode show(Context& context);
ExitCode explain(Context& context);
ExitCode validate(Context& context);
ExitCode apply(Context& context);
ExitCode enable(Context& context);
ExitCode disable(Context& context);
ExitCode reload(Context& context);
ExitCode status(Context& context);
ExitCode tls(Context& context);
ExitCode queue(Context& context);
ExitCode requeue(Context& context);
ExitCode trace(Context& context);
ExitCode log(Context& context);
ExitCode headers(Context& context);
ExitCode new_connector(Context& context);
ExitCode import_connectors(Context& context);
ExitCode export_connectors(Context& context);
ExitCode keys(Context& context);
// New-SendConnector and the others: which, says the command's name.
ExitCode cmdlet(Context& context);
ExitCode cmdlets(Context& context);
ExitCode help(Context& context);

} // namespace sendconnector::ctl
