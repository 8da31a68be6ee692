// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/object.hpp"

#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::conf::exchange {

const Property* Object::find(std::string_view name) const {
    const std::string wanted = policy::fold_case(name);
    const auto found = std::find_if(properties.begin(), properties.end(), [&](const Property& each) {
        return policy::fold_case(each.name) == wanted;
    });
    return found == properties.end() ? nullptr : &*found;
}

} // namespace sendconnector::conf::exchange
