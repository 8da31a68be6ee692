// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/trust_anchors.hpp"

#include "policy/certificate/anchor_store.hpp"
#include "policy/certificate/openssl_handles.hpp"

#include <algorithm>

namespace sendconnector::policy {

namespace {

std::shared_ptr<const TrustAnchors::Store> stored(std::vector<Certificate> certificates) {
    auto store = std::make_shared<TrustAnchors::Store>();
    for (auto& certificate : certificates) {
        if (store->contains(certificate))
            continue;
        store->by_subject.emplace(X509_subject_name_hash(certificate.native()), store->certificates.size());
        store->certificates.push_back(std::move(certificate));
    }
    return store;
}

} // namespace

std::vector<Certificate> TrustAnchors::Store::issuers_of(const Certificate& certificate) const {
    const auto* name = X509_get_issuer_name(certificate.native());
    std::vector<std::size_t> indexes;
    const auto [first, last] = by_subject.equal_range(X509_issuer_name_hash(certificate.native()));
    for (auto entry = first; entry != last; ++entry) {
        if (X509_NAME_cmp(X509_get_subject_name(certificates[entry->second].native()), name) == 0)
            indexes.push_back(entry->second);
    }
    std::sort(indexes.begin(), indexes.end());
    std::vector<Certificate> issuers;
    for (const auto index : indexes)
        issuers.push_back(certificates[index]);
    return issuers;
}

bool TrustAnchors::Store::contains(const Certificate& certificate) const {
    const auto [first, last] = by_subject.equal_range(X509_subject_name_hash(certificate.native()));
    return std::any_of(first, last, [&](const auto& entry) {
        return X509_cmp(certificates[entry.second].native(), certificate.native()) == 0;
    });
}

TrustAnchors::TrustAnchors() : m_store(std::make_shared<Store>()) {}

TrustAnchors::TrustAnchors(std::vector<Certificate> certificates)
    : m_store(stored(std::move(certificates))) {}

Result<TrustAnchors> TrustAnchors::from_pem(std::string_view pem) {
    auto certificates = Certificate::from_pem(pem);
    if (!certificates)
        return tl::unexpected<Error>(certificates.error());
    return TrustAnchors(std::move(*certificates));
}

const std::vector<Certificate>& TrustAnchors::certificates() const {
    return m_store->certificates;
}

} // namespace sendconnector::policy
