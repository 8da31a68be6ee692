// SPDX-License-Identifier: Apache-2.0
#include "conf/certificate_name.hpp"

#include "conf/plain_text.hpp"

#include <openssl/x509.h>
#include <optional>

namespace sendconnector::conf {

namespace {

// Where the subject begins: an organization may have "<S>" in its name, but then in quotes.
std::size_t find_subject(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        quoted = text[i] == '"' ? !quoted : quoted;
        if (!quoted && text.substr(i, 3) == "<S>") {
            return i;
        }
    }
    return std::string_view::npos;
}

} // namespace

Result<CertificateName> CertificateName::parse(std::string_view text) {
    const std::size_t subject = find_subject(text);
    if (!text.starts_with("<I>") || subject == std::string_view::npos || subject == 3 ||
        subject + 3 == text.size()) {
        return fail(in_quotes(text) + " is not a certificate name",
                    "write <I>issuer<S>subject, or the path of a PEM file");
    }
    auto issuer_name = DistinguishedName::parse(text.substr(3, subject - 3));
    auto subject_name = DistinguishedName::parse(text.substr(subject + 3));
    if (!issuer_name || !subject_name) {
        return tl::unexpected(!issuer_name ? issuer_name.error() : subject_name.error());
    }
    return CertificateName{std::move(*issuer_name), std::move(*subject_name)};
}

Result<CertificateName> CertificateName::of(const x509_st& certificate) {
    auto issuer_name = DistinguishedName::of(*X509_get_issuer_name(&certificate));
    auto subject_name = DistinguishedName::of(*X509_get_subject_name(&certificate));
    if (!issuer_name || !subject_name) {
        return tl::unexpected(!issuer_name ? issuer_name.error() : subject_name.error());
    }
    return CertificateName{std::move(*issuer_name), std::move(*subject_name)};
}

} // namespace sendconnector::conf
