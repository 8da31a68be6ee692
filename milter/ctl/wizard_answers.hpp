// SPDX-License-Identifier: Apache-2.0
// What the wizard has been told of a connector, and the New-SendConnector that makes it.
#pragma once

#include "conf/exchange/cmdlet.hpp"
#include "policy/result.hpp"
#include "policy/smart_host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// What the connector wants of TLS; the words are those of the choices.
namespace tls_choice {
inline constexpr std::string_view opportunistic = "opportunistic";
inline constexpr std::string_view encrypted = "encrypted";
inline constexpr std::string_view certificate = "certificate";
inline constexpr std::string_view domain = "domain";
inline constexpr std::string_view never = "never";
} // namespace tls_choice

struct WizardAnswers {
    std::string name;
    std::string usage;
    bool has_smart_hosts = false;
    std::string smart_hosts; // as typed; commas between them
    std::string port = "25";
    std::string ca_file; // whom to trust in place of the system's authorities; empty: nobody
    std::string mechanism = "None";
    std::string credential; // a file of credentials.d; empty: a new one, with the two below
    std::string username;
    std::string password;
    std::string address_spaces = "*";
    std::string senders = "*";
    std::string tls; // empty: not asked yet
    std::string tls_domain;

    bool logs_in() const { return has_smart_hosts && mechanism != "None"; }
    bool has_new_credential() const { return logs_in() && credential.empty(); }
    // Those that can be read.
    std::vector<policy::SmartHost> hosts() const;
};

// `new_credential` is the name of the file that a new credential gets.
conf::exchange::Cmdlet cmdlet_of(const WizardAnswers& answers, const std::string& new_credential);
// The same connector, without a login, as the strictest rule would have it: to try its smart hosts with.
conf::exchange::Cmdlet trial_of(const WizardAnswers& answers);
// Whether a value will do for a parameter of New-SendConnector, whatever the others are.
Result<void> check_parameter(std::string_view parameter, const std::string& value);

} // namespace sendconnector::ctl
