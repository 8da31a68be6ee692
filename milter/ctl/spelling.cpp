// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/spelling.hpp"

#include "conf/nearest.hpp"
#include "policy/domain.hpp"

namespace sendconnector::ctl {

std::string meant_by(std::string_view written, const std::vector<std::string>& candidates) {
    const std::string folded = policy::fold_case(written);
    std::vector<std::string_view> begun;
    for (const std::string& candidate : candidates)
        if (!folded.empty() && policy::fold_case(candidate).starts_with(folded))
            begun.emplace_back(candidate);
    if (begun.size() == 1)
        return std::string(begun.front());
    return std::string(
        conf::nearest(written, std::vector<std::string_view>(candidates.begin(), candidates.end())));
}

} // namespace sendconnector::ctl
