// SPDX-License-Identifier: Apache-2.0
// What import reads: a file, standard input, or a Postfix instance.
#pragma once

#include "conf/exchange/reading.hpp"
#include "conf/site/connectors.hpp"
#include "milter/ctl/context.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// In place of a file: the Postfix instance of the configuration.
inline constexpr std::string_view this_postfix = "postfix";

struct ImportSource {
    std::string name;   // as a person knows it
    std::string format; // "CLIXML", "Postfix"
    conf::exchange::Reading reading;
    // Of a Postfix instance only.
    std::vector<conf::site::SiteCredential> credentials = {};
    bool has_all_listed = true;       // SiteConnectors::has_all_listed
    bool leads_relay_domains = false; // sender_dependent_relayhost_maps, which connectors do not
};

// All of the file, of standard input for "-", or what `this_postfix` says; says how far it is. A file of that
// name is "./postfix". Postfix wants root, and a configuration that says which instance.
Result<ImportSource> import_source(Context& context, const std::string& file);

} // namespace sendconnector::ctl
