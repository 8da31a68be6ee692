// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/rules.hpp"

namespace sendconnector::policy {

std::string_view to_string(Revocation revocation) {
    switch (revocation) {
    case Revocation::off:
        return "off";
    case Revocation::normal:
        return "default";
    case Revocation::strict:
        break;
    }
    return "strict";
}

} // namespace sendconnector::policy
