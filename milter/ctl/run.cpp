// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/run.hpp"

#include "milter/ctl/context.hpp"
#include "milter/ctl/help_text.hpp"

#include <exception>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

ExitCode print_help(Context& context) {
    const Command* command = context.invocation().command;
    if (context.json())
        context.print_json(command == nullptr ? help_json() : help_json(*command));
    else
        context.print(command == nullptr ? overview() : help_for(*command));
    return ExitCode::fine;
}

ExitCode dispatch(Environment& environment, Invocation invocation) {
    Context context(environment, std::move(invocation));
    if (context.invocation().has("help"))
        return print_help(context);
    if (context.invocation().has("version")) {
        context.print("sendconnectorctl " SENDCONNECTOR_VERSION "\n");
        return ExitCode::fine;
    }
    if (context.invocation().command == nullptr) {
        environment.err << overview();
        return ExitCode::could_not_tell;
    }
    return context.invocation().command->run(context);
}

} // namespace

int run(const std::vector<std::string>& arguments, Environment& environment) noexcept {
    ExitCode code = ExitCode::could_not_tell;
    try {
        Result<Invocation> invocation = parse_command_line(arguments);
        code = invocation ? dispatch(environment, std::move(*invocation))
                          : Context(environment, {}).fail(invocation.error());
    } catch (const std::exception& e) {
        environment.err << "sendconnectorctl: error: unexpected: " << e.what() << "\n";
    }
    return static_cast<int>(code);
}

} // namespace sendconnector::ctl
