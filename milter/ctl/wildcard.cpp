// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/wildcard.hpp"

#include "policy/domain.hpp"

#include <string>

namespace sendconnector::ctl {

bool has_wildcard(std::string_view pattern) {
    return pattern.find_first_of("*?") != std::string_view::npos;
}

bool matches_wildcard(std::string_view text, std::string_view pattern) {
    const std::string name = policy::fold_case(text);
    const std::string wanted = policy::fold_case(pattern);
    std::size_t at = 0;
    std::size_t i = 0;
    std::size_t star = std::string::npos;
    std::size_t star_at = 0;
    // Going back to the last star is enough: an earlier one could only take what that one can.
    while (at < name.size()) {
        if (i < wanted.size() && wanted[i] == '*') {
            star = i++;
            star_at = at;
        } else if (i < wanted.size() && (wanted[i] == '?' || wanted[i] == name[at])) {
            ++i;
            ++at;
        } else if (star != std::string::npos) {
            i = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return wanted.find_first_not_of('*', i) == std::string::npos;
}

} // namespace sendconnector::ctl
