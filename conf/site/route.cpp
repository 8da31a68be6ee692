// SPDX-License-Identifier: Apache-2.0
#include "conf/site/route.hpp"

#include "policy/domain.hpp"

namespace sendconnector::conf::site {
namespace {

// Ends the search, and leaves what holds for everybody; in any case of letters (strcasecmp).
constexpr std::string_view dunno = "dunno";

std::string by_sender(const Site& site, const SenderSearch& search, std::string_view sender,
                      std::string_view parameter, std::string_view key_of_null_sender,
                      std::string_view for_everybody) {
    const Tables& tables = site.tables_of("", parameter);
    std::vector<std::string> keys = search.keys(sender);
    if (sender == "<>")
        keys.push_back(policy::fold_case(site.setting("", key_of_null_sender)));
    for (const std::string& key : keys)
        if (const std::string* value = tables.find(key))
            return std::string(value->empty() || policy::fold_case(*value) == dunno ? for_everybody : *value);
    return std::string(for_everybody);
}

} // namespace

Route route_of(const Site& site, const SenderSearch& search, std::string_view sender) {
    const std::string transport =
        by_sender(site, search, sender, transport_maps, "empty_address_default_transport_maps_lookup_key",
                  site.setting("", "default_transport"));
    const std::size_t colon = transport.find(':');
    Route route{transport.substr(0, colon), colon == std::string::npos ? "" : transport.substr(colon + 1)};
    if (route.next_hop.empty())
        route.next_hop = by_sender(site, search, sender, relayhost_maps,
                                   "empty_address_relayhost_maps_lookup_key", site.setting("", "relayhost"));
    return route;
}

} // namespace sendconnector::conf::site
