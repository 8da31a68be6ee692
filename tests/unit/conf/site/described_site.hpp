// SPDX-License-Identifier: Apache-2.0
// A site in few words, and what becomes of it as a person would read it.
#pragma once

#include "conf/site/site.hpp"

#include <map>
#include <string>

namespace sendconnector::conf::site::testing {

// A Postfix as Debian installs it, with TLS where it is offered, and a service "smtp".
Site plain_site();

// Tables that are listed, as the value of `parameter` in main.cf: {{"@contoso.example", "[a.example]"}}.
void put(Site& site, std::string_view parameter, std::map<std::string, std::string> entries);
// A table that can only be asked, behind those that are there; what it says to what it is asked.
void put_unlisted(Site& site, std::string_view parameter, std::map<std::string, std::string> answers);
// A table that is listed, and is called so.
void put_named(Site& site, std::string_view parameter, std::string name,
               std::map<std::string, std::string> entries, bool is_listed = true);
// A service of smtp(8) with its own settings.
void add_service(Site& site, std::string name, Settings overrides, std::string program = "smtp");

// The connectors as TOML, "  SUBJECT: what is left to do" below each ("  HOLD SUBJECT: ..." where it keeps
// the connector from being used), credentials as "  FILE = USER:PASSWORD", and the remarks ("LOSS ..." or
// "NOTE
// ...") last.
std::string described(const Site& site);

} // namespace sendconnector::conf::site::testing
