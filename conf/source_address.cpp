// SPDX-License-Identifier: Apache-2.0
#include "conf/source_address.hpp"

#include "conf/plain_text.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace sendconnector::conf {

namespace {

constexpr const char* wanted = "write an IPv4 or IPv6 address of this host, or 0.0.0.0 for any";

} // namespace

Result<SourceAddress> parse_source_address(std::string_view text) {
    const auto refused = [&](const char* what) { return fail(in_quotes(text) + what, wanted); };
    if (text.find('\0') != std::string_view::npos) { // where inet_pton() would stop
        return refused(" is not an IP address");
    }
    const std::string copy(text);
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    in_addr v4{};
    if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) {
        const std::uint32_t value = ntohl(v4.s_addr);
        if (value == 0) {
            return SourceAddress{false, ""};
        }
        if (value >= 0xE0000000U) {
            return refused(" cannot be the address of a host");
        }
        inet_ntop(AF_INET, &v4, canonical.data(), canonical.size());
        return SourceAddress{false, canonical.data()};
    }
    in6_addr v6{};
    if (inet_pton(AF_INET6, copy.c_str(), &v6) == 1) {
        if (IN6_IS_ADDR_UNSPECIFIED(&v6)) {
            return SourceAddress{true, ""};
        }
        if (IN6_IS_ADDR_MULTICAST(&v6) || IN6_IS_ADDR_V4MAPPED(&v6)) {
            return refused(" cannot be the address of a host");
        }
        inet_ntop(AF_INET6, &v6, canonical.data(), canonical.size());
        return SourceAddress{true, canonical.data()};
    }
    return refused(" is not an IP address");
}

} // namespace sendconnector::conf
