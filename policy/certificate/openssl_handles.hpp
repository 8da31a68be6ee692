// SPDX-License-Identifier: Apache-2.0
// libcrypto's objects as values. For .cpp files only: no header that others include shows OpenSSL.
#pragma once

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::policy {

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
template <typename T, auto Free>
using Handle = std::unique_ptr<T, Freed<Free>>;

// What libcrypto leaves in the thread's error queue would be taken for the failure of whoever asks next.
class ErrorQueue {
public:
    ErrorQueue() { ERR_set_mark(); }
    ~ErrorQueue() { ERR_pop_to_mark(); }
    ErrorQueue(const ErrorQueue&) = delete;
    ErrorQueue& operator=(const ErrorQueue&) = delete;
    ErrorQueue(ErrorQueue&&) = delete;
    ErrorQueue& operator=(ErrorQueue&&) = delete;
};

inline const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

inline std::string_view octets(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// DER of anything that has an i2d function; empty when it cannot be written.
template <typename Function, typename Object>
std::string encoded(Function function, Object* object) {
    unsigned char* written = nullptr;
    const int size = function(object, &written);
    if (size <= 0)
        return {};
    std::string der(reinterpret_cast<const char*>(written), static_cast<std::size_t>(size));
    OPENSSL_free(written);
    return der;
}

} // namespace sendconnector::policy
