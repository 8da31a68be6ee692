// SPDX-License-Identifier: Apache-2.0
#include "conf/host_name.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

// RFC 1123 2.1: the highest-level label of a name is alphabetic, which tells it from a dotted address.
bool looks_like_address(std::string_view name) {
    const auto dot = name.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    return std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Result<std::string> parse_host_name(std::string_view text) {
    const auto domain = policy::Domain::parse(text);
    if (!domain) {
        return tl::unexpected(domain.error());
    }
    if (looks_like_address(domain->text())) {
        return fail(in_quotes(text) + " is an address, and a name is needed", "write the host's full name");
    }
    return domain->text();
}

bool may_be_same_host(std::string_view a, std::string_view b) {
    const std::string one = policy::fold_case(a);
    const std::string other = policy::fold_case(b);
    const auto one_dot = one.find('.');
    const auto other_dot = other.find('.');
    if (one_dot != std::string::npos && other_dot != std::string::npos) {
        return one == other;
    }
    return one.substr(0, one_dot) == other.substr(0, other_dot);
}

} // namespace sendconnector::conf
