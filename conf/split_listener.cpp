// SPDX-License-Identifier: Apache-2.0
#include "conf/split_listener.hpp"

#include "conf/plain_text.hpp"
#include "conf/source_address.hpp"

#include <charconv>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::uint16_t lowest_port = 1024; // below, another program may have a claim to it

} // namespace

std::string SplitListener::next_hop() const {
    return fmt::format("[{}]:{}", host, port);
}

std::string SplitListener::service() const {
    return fmt::format("{}:{}", host, port);
}

Result<SplitListener> parse_split_listener(std::string_view text) {
    const auto refused = [&](std::string_view why) {
        return fail(in_quotes(text) + std::string(why),
                    "write an IPv4 address of this host alone and a port of 1024 to 65535, such as "
                    "\"127.0.0.1:10725\"");
    };
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return refused(" does not name an address and a port");
    }
    const auto address = parse_source_address(text.substr(0, colon));
    if (!address || address->is_ipv6 || !address->address.starts_with("127.")) {
        return refused(" is not an address of 127.0.0.0/8 with a port");
    }
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || rest != digits.data() + digits.size() || port < lowest_port) {
        return refused(" does not name a port of 1024 to 65535");
    }
    return SplitListener{address->address, port};
}

} // namespace sendconnector::conf
