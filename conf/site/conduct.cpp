// SPDX-License-Identifier: Apache-2.0
#include "conf/site/conduct.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::site {
namespace {

using exchange::Value;

// What a service may set for itself without losing it here: it is looked at somewhere, or concerns Postfix's
// own log only.
bool is_looked_at(const std::string& parameter) {
    static const std::vector<std::string> known = parameters_of_interest();
    return parameter == "syslog_name" || std::find(known.begin(), known.end(), parameter) != known.end();
}

// A password can stand in a parameter of the site's own, and in the name of a table.
bool may_be_secret(const std::string& parameter, const std::string& value) {
    return !parameter.starts_with("smtp_") || value.find("static:") != std::string::npos ||
           value.find('{') != std::string::npos;
}

Value source_address(std::string_view v4, std::string_view v6) {
    exchange::List list;
    for (const std::string_view address : {v4, v6})
        if (!address.empty())
            list.emplace_back(std::string(address));
    return Value(std::move(list));
}

} // namespace

void add_conduct(exchange::Object& object, const Site& site, std::string_view service, std::size_t hosts) {
    const auto set = [&](std::string_view property, Value value) {
        object.properties.push_back({std::string(property), std::move(value)});
    };
    const auto note = [&](std::string_view subject, std::string text) {
        object.notes.push_back({std::string(subject), {std::move(text), ""}, false});
    };
    // Postfix has a limit of its own, and no header firewall.
    set("MaxMessageSize", Value(std::string("unlimited")));
    set("CloudServicesMailEnabled", Value(true));
    const std::string_view helo = site.setting(service, "smtp_helo_name");
    // What main.cf says holds for connectors without a name of their own as well.
    if (helo != site.setting("", "smtp_helo_name"))
        set("Fqdn", Value(std::string(helo)));
    if (site.is_yes(service, "smtp_never_send_ehlo"))
        set("ForceHELO", Value(true));
    const std::string_view v4 = site.setting(service, "smtp_bind_address");
    const std::string_view v6 = site.setting(service, "smtp_bind_address6");
    if (!v4.empty() || !v6.empty())
        set("SourceIPAddress", source_address(v4, v6));
    if (hosts > 1)
        note("SmartHosts",
             "Postfix tries them in their order; a connector shares the mail out among them, and "
             "tries the others where one fails");
    if (const std::string_view fallback = site.setting(service, "smtp_fallback_relay"); !fallback.empty())
        note("smtp_fallback_relay",
             fmt::format("{}: a connector has none, its mail waits", in_quotes(escaped(fallback))));
    if (const auto own = site.services.find(service); own != site.services.end())
        for (const auto& [parameter, value] : own->second.overrides)
            if (!is_looked_at(parameter))
                note(parameter,
                     fmt::format("{} of the service {} is not taken: connectors have no such setting",
                                 may_be_secret(parameter, value) ? "its value" : in_quotes(escaped(value)),
                                 service));
}

bool allows_passwords_in_clear(const Site& site, std::string_view service) {
    const std::vector<std::string> options =
        words_of(policy::fold_case(site.setting(service, "smtp_sasl_security_options")));
    return std::find(options.begin(), options.end(), "noplaintext") == options.end();
}

} // namespace sendconnector::conf::site
