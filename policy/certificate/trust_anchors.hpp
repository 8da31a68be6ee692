// SPDX-License-Identifier: Apache-2.0
// TrustAnchors: the certificates that a path may end at; immutable and cheap to copy.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/result.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

class TrustAnchors {
public:
    TrustAnchors(); // trusts nobody
    explicit TrustAnchors(std::vector<Certificate> certificates);
    // A PEM bundle, such as ca-certificates.crt or a connector's tls_ca_file. A server's own self-signed
    // certificate may be in it, which pins it.
    static Result<TrustAnchors> from_pem(std::string_view pem);

    const std::vector<Certificate>& certificates() const;

    struct Store; // libcrypto's form, made once
    const Store& store() const { return *m_store; }

private:
    std::shared_ptr<const Store> m_store;
};

} // namespace sendconnector::policy
