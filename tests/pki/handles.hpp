// SPDX-License-Identifier: Apache-2.0
// What the factory's own files share: OpenSSL's objects as values, and its errors as exceptions.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sendconnector::test {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
template <typename T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

inline void must(long result, const char* what) {
    if (result <= 0) {
        char text[256] = "";
        ERR_error_string_n(ERR_get_error(), text, sizeof text);
        throw std::runtime_error(std::string("test PKI: ") + what + ": " + text);
    }
}

inline std::string contents(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

// DER of anything that has an i2d function.
template <typename Function, typename Object>
std::string encoded(Function function, Object* object) {
    unsigned char* octets = nullptr;
    const int size = function(object, &octets);
    must(size, "encoding");
    std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
    return der;
}

inline const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace sendconnector::test
