// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/commands.hpp"
#include "milter/ctl/connector_details.hpp"
#include "milter/ctl/named_connectors.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {

ExitCode show(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const std::string& name = context.invocation().arguments.front();
    const Result<const policy::SendConnector*> connector =
        named_connector(*configuration->policy, context.invocation(), name);
    if (!connector) {
        context.fail(connector.error());
        return ExitCode::no;
    }
    const MaybeApplied applied = applied_of(context, *configuration);
    if (context.json())
        context.print_json(details_json(*configuration, **connector, applied));
    else
        context.print(details_text(*configuration, **connector, applied));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
