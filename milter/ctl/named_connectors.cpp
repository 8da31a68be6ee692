// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/named_connectors.hpp"

#include "milter/ctl/advice.hpp"
#include "milter/ctl/spelling.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {

Result<const policy::SendConnector*> named_connector(const policy::Policy& policy,
                                                     const Invocation& invocation, const std::string& name) {
    if (const policy::SendConnector* connector = policy.find(name))
        return connector;
    std::vector<std::string> names;
    for (const policy::SendConnector& connector : policy.connectors())
        names.push_back(connector.name);
    const std::string meant = meant_by(name, names);
    return fail(fmt::format("there is no connector \"{}\"", name),
                meant.empty() ? to_run(invocation, "list") + " names them all"
                              : fmt::format("did you mean \"{}\"?", meant));
}

Result<std::vector<const policy::SendConnector*>> named_connectors(const policy::Policy& policy,
                                                                   const Invocation& invocation) {
    std::vector<const policy::SendConnector*> connectors;
    for (const std::string& name : invocation.arguments) {
        const Result<const policy::SendConnector*> connector = named_connector(policy, invocation, name);
        if (!connector)
            return tl::unexpected<Error>(connector.error());
        if (std::ranges::find(connectors, *connector) == connectors.end())
            connectors.push_back(*connector);
    }
    if (invocation.arguments.empty())
        for (const policy::SendConnector& connector : policy.connectors())
            if (connector.enabled)
                connectors.push_back(&connector);
    return connectors;
}

} // namespace sendconnector::ctl
