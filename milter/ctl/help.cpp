// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/commands.hpp"
#include "milter/ctl/help_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {

ExitCode help(Context& context) {
    const std::vector<std::string>& arguments = context.invocation().arguments;
    if (arguments.empty()) {
        if (context.json())
            context.print_json(help_json());
        else
            context.print(overview());
        return ExitCode::fine;
    }
    const Command* command = find_command(arguments.front());
    if (command == nullptr) {
        const std::string meant = nearest_command(arguments.front());
        return context.fail({fmt::format("unknown command \"{}\"", arguments.front()),
                             meant.empty() ? "sendconnectorctl help lists them all"
                                           : fmt::format("did you mean {}?", meant)});
    }
    if (context.json())
        context.print_json(help_json(*command));
    else
        context.print(help_for(*command));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
