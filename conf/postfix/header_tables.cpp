// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/header_tables.hpp"

#include "conf/postfix/tables.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

constexpr std::string_view host_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

} // namespace

std::string own_headers() {
    return fmt::format("{}"
                       "# What servers of this site tell each other is nobody else's business.\n"
                       "/^X-Sendconnector-/ IGNORE\n",
                       written_by);
}

Result<std::string> relay_headers(std::string_view slug, std::string_view host) {
    if (host.empty() || host.find_first_not_of(host_characters) != std::string_view::npos) {
        return fail(fmt::format("myhostname in main.cf, \"{}\", is no host name", host), "correct it");
    }
    return fmt::format("{}"
                       "# By these marks a message is known that servers hand to each other in a circle.\n"
                       "/^X-Sendconnector-Relay:/ DUNNO\n"
                       "/^From:/ PREPEND X-Sendconnector-Relay: {} by {}\n"
                       "/^X-Sendconnector-/ IGNORE\n",
                       written_by, slug, host);
}

} // namespace sendconnector::conf::postfix
