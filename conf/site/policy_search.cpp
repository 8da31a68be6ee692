// SPDX-License-Identifier: Apache-2.0
#include "conf/site/policy_search.hpp"

#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::conf::site {
namespace {

// Labels between dots, none of them empty, and not all of digits. What is not ASCII may be a name
// (smtputf8_enable): a parent that Postfix would not ask for is the safer mistake.
bool is_plain_host_name(std::string_view text) {
    constexpr std::string_view in_labels = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    const bool has_only_those = std::all_of(text.begin(), text.end(), [&](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || in_labels.find(c) != std::string_view::npos;
    });
    return has_only_those && text.find_first_not_of("0123456789.") != std::string_view::npos &&
           text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

} // namespace

std::vector<std::string> policy_keys(std::string_view destination) {
    const std::string folded = policy::fold_case(destination);
    std::vector<std::string> keys{folded};
    if (is_plain_host_name(folded))
        for (std::size_t dot = folded.find('.'); dot != std::string::npos; dot = folded.find('.', dot + 1))
            keys.push_back(folded.substr(dot));
    return keys;
}

const std::string* policy_of(const Tables& tables, std::string_view destination) {
    for (const std::string& key : policy_keys(destination))
        if (const std::string* found = tables.find(key))
            return found;
    return nullptr;
}

} // namespace sendconnector::conf::site
