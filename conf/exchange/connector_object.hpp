// SPDX-License-Identifier: Apache-2.0
// exchange_object(): a connector of ours as Get-SendConnector would show it.
#pragma once

#include "conf/exchange/object.hpp"
#include "policy/send_connector.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

inline constexpr std::string_view send_connector_type =
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig";

// Keys without effect, with their value as in the file (conf::Configuration::without_effect).
using WithoutEffect = std::map<std::string, std::string, std::less<>>;

// A property for every key of [[connector]], named as the parameter that sets it, in the order of the key
// table; null where nothing is set. What Exchange lacks is there under our parameters' names (Senders,
// TlsCaFile). Holds no secret: a credential is a file's name.
Object exchange_object(const policy::SendConnector& connector, const WithoutEffect& without_effect = {});

// The same for an export: SenderIdentity, which a connector for every sender need not say, is null there
// unless it says something.
Object exported_object(const policy::SendConnector& connector, const WithoutEffect& without_effect = {});

// Without the properties that say what they say of a connector that was only given a name and its usage; what
// is left of `object`, which exported_object() made of a connector. SenderIdentity stays: its default is the
// configuration's.
Object without_defaults(Object object);

} // namespace sendconnector::conf::exchange
