// SPDX-License-Identifier: Apache-2.0
#include "conf/name_server.hpp"

#include "conf/plain_text.hpp"
#include "conf/source_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

struct Parts {
    std::string_view address;
    std::string_view port; // empty: none was written
    bool well_formed;
};

Parts split(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return {text, {}, false};
        }
        const std::string_view rest = text.substr(end + 1);
        return {text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1),
                rest.empty() || (rest.front() == ':' && rest.size() > 1)};
    }
    if (std::count(text.begin(), text.end(), ':') == 1) {
        const std::size_t colon = text.find(':');
        return {text.substr(0, colon), text.substr(colon + 1), colon + 1 < text.size()};
    }
    return {text, {}, true};
}

} // namespace

Result<std::string> parse_name_server(std::string_view text) {
    const auto refused = [&] {
        return fail(in_quotes(text) + " is not the IP address of a name server",
                    "write an address such as \"127.0.0.1\", \"192.0.2.1:5353\" or \"[::1]:5353\"");
    };
    const Parts parts = split(text);
    const auto address = parse_source_address(parts.address);
    if (!parts.well_formed || !address || address->address.empty() ||
        (text.starts_with('[') && !address->is_ipv6)) {
        return refused();
    }
    if (parts.port.empty()) {
        return address->address;
    }
    std::uint16_t port = 0;
    const char* const end = parts.port.data() + parts.port.size();
    if (const auto [rest, error] = std::from_chars(parts.port.data(), end, port);
        error != std::errc() || rest != end || port == 0) {
        return refused();
    }
    return fmt::format("{}{}{}:{}", address->is_ipv6 ? "[" : "", address->address,
                       address->is_ipv6 ? "]" : "", port);
}

} // namespace sendconnector::conf
