// SPDX-License-Identifier: Apache-2.0
#include "conf/site/way.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::site {
namespace {

Result<std::vector<NextHop>> parsed_hops(const Site& site, const Route& route) {
    const std::string usual(site.setting(route.service, "smtp_tcp_port"));
    // A parameter of newer versions of Postfix.
    const auto port = port_of(usual.empty() ? "25" : usual);
    if (!port)
        return tl::unexpected<Error>(port.error());
    std::vector<NextHop> hops;
    for (const std::string& word : words_of(route.next_hop)) {
        auto hop = parse_next_hop(word, *port);
        if (!hop)
            return tl::unexpected<Error>(hop.error());
        hops.push_back(*std::move(hop));
    }
    return hops;
}

} // namespace

bool Way::is_plain() const {
    return obstacle.empty() && route == Route{"smtp", ""} && login == Login{};
}

Way way_of(const Site& site, const SenderSearch& search, std::string_view sender) {
    Way way{route_of(site, search, sender), {}, {}};
    const auto service = site.services.find(way.route.service);
    if (service == site.services.end())
        way.obstacle =
            fmt::format("master.cf has no service {} of type unix", in_quotes(escaped(way.route.service)));
    else if (service->second.program != "smtp")
        way.obstacle =
            fmt::format("the transport {} is {}, and not smtp", in_quotes(escaped(way.route.service)),
                        in_quotes(escaped(service->second.program)));
    if (!way.obstacle.empty())
        return way;
    const auto hops = parsed_hops(site, way.route);
    if (!hops)
        way.obstacle = to_string(hops.error());
    else
        way.login = login_of(site, search, way.route.service, *hops, sender);
    return way;
}

std::vector<NextHop> hops_of(const Site& site, const Route& route) {
    return parsed_hops(site, route).value_or(std::vector<NextHop>{});
}

} // namespace sendconnector::conf::site
