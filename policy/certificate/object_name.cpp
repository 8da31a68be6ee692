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

// libcrypto takes it without const, and does not change it.
std::string name_of(const X509_EXTENSION* extension) {
    return name_of(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension)));
}

} // namespace sendconnector::policy
