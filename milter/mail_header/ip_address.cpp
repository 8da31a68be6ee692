// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/ip_address.hpp"

#include "policy/domain.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>

namespace sendconnector::mail_header {
namespace {

// With a zone and "IPv6:" around it.
constexpr std::size_t longest_literal = 90;
constexpr std::string_view mapped = "::ffff:";

std::optional<std::string> canonical(int family, const std::string& text) {
    std::array<unsigned char, 16> binary{};
    std::array<char, INET6_ADDRSTRLEN> shown{};
    if (::inet_pton(family, text.c_str(), binary.data()) != 1 ||
        ::inet_ntop(family, binary.data(), shown.data(), shown.size()) == nullptr)
        return std::nullopt;
    return std::string(shown.data());
}

} // namespace

std::optional<std::string> ip_address(std::string_view text) {
    if (text.size() > longest_literal)
        return std::nullopt;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        const std::string_view rest = end == std::string_view::npos ? text : text.substr(end + 1);
        if (end == std::string_view::npos || !(rest.empty() || rest.starts_with(':')))
            return std::nullopt;
        text = text.substr(1, end - 1);
    }
    if (policy::fold_case(text.substr(0, 5)) == "ipv6:")
        text.remove_prefix(5);
    text = text.substr(0, text.find('%'));
    const std::string plain(text);
    // An octet that is zero would end it early.
    if (plain.empty() || plain.find('\0') != std::string::npos)
        return std::nullopt;
    if (plain.find(':') == std::string::npos)
        return canonical(AF_INET, plain);
    auto address = canonical(AF_INET6, plain);
    if (address && address->starts_with(mapped) && address->find('.') != std::string::npos)
        address->erase(0, mapped.size());
    return address;
}

std::optional<std::string> ip_address_within(std::string_view text) {
    if (auto whole = ip_address(text))
        return whole;
    for (std::size_t begin = text.find('['); begin != std::string_view::npos;
         begin = text.find('[', begin + 1)) {
        const std::size_t end = text.substr(begin, longest_literal).find(']');
        if (end == std::string_view::npos)
            continue;
        if (auto address = ip_address(text.substr(begin, end + 1)))
            return address;
    }
    return std::nullopt;
}

} // namespace sendconnector::mail_header
