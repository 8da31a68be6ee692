// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/attach_report.hpp"
#include "milter/ctl/commands.hpp"

namespace sendconnector::ctl {

ExitCode disable(Context& context) {
    if (const std::optional<Error> error = wants_root(context))
        return context.fail(*error);
    // The way out must not depend on connectors that check out.
    const conf::Loaded loaded = context.load();
    const std::optional<conf::Configuration> configuration = configuration_or_places(context, loaded);
    if (!configuration) {
        context.obstacles(loaded.findings);
        return context.fail({"the configuration does not say what to detach from", "correct it first"});
    }
    return change_attachment(context, *configuration, conf::postfix::disable, "not enabled");
}

} // namespace sendconnector::ctl
