// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/login_trials.hpp"

#include "conf/secrets.hpp"
#include "milter/ctl/certificate_words.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

AuthTrial not_tried(std::string why) {
    return {AuthTrial::Result::unknown, {}, "not tried: " + std::move(why)};
}

} // namespace

AuthTrial try_login(const TriedHop& tried, const conf::Credential& credential) {
    if (tried.judged.result != HopResult::passes)
        return not_tried("the smart host does not pass");
    for (std::size_t i = 0; i < tried.addresses.size(); ++i) {
        const starttls::AddressReport& address = tried.report.addresses[i];
        if (tried.addresses[i].result != HopResult::passes || address.probe.failure)
            continue;
        const std::vector<std::string>& presented = address.probe.presented.certificates;
        const Result<policy::Certificate> leaf =
            presented.empty() ? fail("no certificate") : policy::Certificate::from_der(presented.front());
        if (!leaf)
            continue;
        return try_credentials({address.address.endpoint, tried.request.identity, leaf->fingerprint(),
                                tried.request.limits.time},
                               credential);
    }
    return not_tried("there is no session under TLS, and a password is for nobody else to read");
}

void try_logins(Context& context, const conf::Configuration& configuration,
                std::vector<TriedConnector>& connectors) {
    for (TriedConnector& connector : connectors) {
        const std::string& name = connector.connector->authentication_credential;
        if (name.empty()) {
            context.note(
                fmt::format("connector \"{}\" has no credentials to try", connector.connector->name));
            continue;
        }
        const Result<conf::Credential> credential =
            conf::read_credential(configuration.credentials_directory(), name);
        for (TriedHop& hop : connector.hops) {
            context.transient(fmt::format("{}: logging in", hop.hop.next_hop));
            hop.login = credential ? try_login(hop, *credential) : not_tried(to_string(credential.error()));
        }
    }
    context.transient("");
}

} // namespace sendconnector::ctl
