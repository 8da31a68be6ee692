// SPDX-License-Identifier: Apache-2.0
#include "conf/site/table_name.hpp"

#include <algorithm>
#include <array>

namespace sendconnector::conf::site {
namespace {

// Those whose name says where the table is (postconf -m).
constexpr std::array<std::string_view, 24> types_of_places = {
    "btree",    "cdb",     "cidr",      "dbm",     "environ", "hash",     "ldap", "lmdb",
    "memcache", "mongodb", "mysql",     "netinfo", "nis",     "nisplus",  "pcre", "pgsql",
    "regexp",   "sdbm",    "socketmap", "sqlite",  "tcp",     "texthash", "unix", "fail"};

constexpr std::array<std::string_view, 5> types_of_contents = {"inline", "pipemap", "randmap", "static",
                                                               "unionmap"};

} // namespace

std::string name_as_shown(std::string_view table) {
    const std::size_t colon = table.find(':');
    const std::string_view type = table.substr(0, colon);
    if (colon == std::string_view::npos)
        return table.starts_with('/') ? std::string(table) : "...";
    const std::string_view place = table.substr(colon + 1);
    if (type == "proxy" || type == "debug")
        return std::string(type) + ":" + name_as_shown(place);
    const bool is_place_type =
        std::find(types_of_places.begin(), types_of_places.end(), type) != types_of_places.end();
    if (is_place_type && place.find('{') == std::string_view::npos)
        return std::string(table);
    // Not "{static:name:password}", nor a password in the place of a type.
    const bool is_type = is_place_type || std::find(types_of_contents.begin(), types_of_contents.end(),
                                                    type) != types_of_contents.end();
    return (is_type ? std::string(type) + ":" : std::string()) +
           (is_type && place.starts_with('{') ? "{...}" : "...");
}

} // namespace sendconnector::conf::site
