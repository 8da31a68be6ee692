// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/object_name.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/path_check.hpp"

#include <fmt/format.h>
#include <set>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;

constexpr int most_extensions = 100;

// An extension that libcrypto knows, but cannot read, says nothing that could be relied upon.
bool is_readable(X509_EXTENSION* extension) {
    const auto* method = X509V3_EXT_get(extension);
    if (method == nullptr)
        return true;
    void* value = X509V3_EXT_d2i(extension);
    if (value == nullptr)
        return false;
    if (method->it != nullptr)
        ASN1_item_free(static_cast<ASN1_VALUE*>(value), ASN1_ITEM_ptr(method->it));
    else
        method->ext_free(value);
    return true;
}

} // namespace

void check_form(const Certificate& certificate, std::vector<CertificateFlaw>& flaws) {
    const ErrorQueue errors;
    const auto malformed = [&](std::string text) {
        add_flaw(flaws, flaw(Reason::malformed_certificate, &certificate, std::move(text)));
    };
    const auto* x509 = certificate.native();
    const int count = X509_get_ext_count(x509);
    const long version = X509_get_version(x509) + 1;
    if (version < 1 || version > 3)
        malformed(fmt::format("it is of version {}", version));
    if (count > 0 && version != 3)
        malformed(fmt::format("it has extensions, but is of version {}", version));
    if (count > most_extensions) {
        malformed(fmt::format("it has {} extensions", count));
        return;
    }
    std::set<std::string> seen;
    for (int index = 0; index < count; ++index) {
        auto* extension = X509_get_ext(x509, index);
        const auto* object = X509_EXTENSION_get_object(extension);
        const auto name = name_of(object);
        const std::string id(reinterpret_cast<const char*>(OBJ_get0_data(object)), OBJ_length(object));
        if (!seen.insert(id).second)
            malformed(fmt::format("it has the extension {} twice", name));
        if (!is_readable(extension))
            malformed(fmt::format("its extension {} cannot be read", name));
        if (X509_EXTENSION_get_critical(extension) != 0 && X509_supported_extension(extension) == 0)
            add_flaw(flaws, flaw(Reason::unknown_extension, &certificate,
                                 fmt::format("its critical extension {} is not understood", name)));
    }
    if ((X509_get_extension_flags(certificate.native()) & EXFLAG_INVALID) != 0)
        malformed("its extensions contradict each other or cannot be read");
}

} // namespace sendconnector::policy
