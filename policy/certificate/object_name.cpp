// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/object_name.hpp"

#include <array>
#include <openssl/objects.h>

namespace sendconnector::policy {

std::string name_of(const ASN1_OBJECT* object) {
    std::array<char, 80> text{};
    OBJ_obj2txt(text.data(), text.size(), object, 0);
    return text.data();
}

} // namespace sendconnector::policy
