// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/applied_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {

MaybeApplied applied_of(Context& context, const conf::Configuration& configuration) {
    Result<conf::postfix::Applied> applied =
        conf::postfix::read_applied(configuration.daemon.state_directory);
    if (applied)
        return std::move(*applied);
    context.note(fmt::format("cannot tell what is applied: {}", to_string(applied.error())));
    return std::nullopt;
}

Json is_applied_json(const MaybeApplied& applied, const policy::SendConnector& connector) {
    return applied ? Json(conf::postfix::is_applied(*applied, connector)) : Json();
}

} // namespace sendconnector::ctl
