// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/path_candidates.hpp"

#include "policy/certificate/anchor_store.hpp"
#include "policy/certificate/openssl_handles.hpp"

#include <algorithm>
#include <map>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <tuple>
#include <utility>

namespace sendconnector::policy {

namespace {

constexpr std::size_t longest_path = 12;
constexpr std::size_t most_candidates = 8;
constexpr int most_steps = 200;
constexpr int most_signatures = 100;
// Beyond these, one signature takes long to check, and nobody honest has such a key.
constexpr int largest_rsa_key = 16384;
constexpr int largest_rsa_exponent = 64;

bool is_quick(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") != 1 && EVP_PKEY_is_a(key, "RSA-PSS") != 1)
        return EVP_PKEY_is_a(key, "DSA") != 1 || EVP_PKEY_get_bits(key) <= 4096;
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) != 1)
        return false;
    const Handle<BIGNUM, BN_free> exponent{number};
    return EVP_PKEY_get_bits(key) <= largest_rsa_key && BN_num_bits(number) <= largest_rsa_exponent;
}

bool same_key_and_name(const Certificate& a, const Certificate& b) {
    if (X509_NAME_cmp(X509_get_subject_name(a.native()), X509_get_subject_name(b.native())) != 0)
        return false;
    const ErrorQueue errors;
    const auto* one = X509_get0_pubkey(a.native());
    const auto* other = X509_get0_pubkey(b.native());
    return one != nullptr && other != nullptr && EVP_PKEY_eq(one, other) == 1;
}

bool is_self_issued_and_signed(const Certificate& certificate) {
    return (X509_get_extension_flags(certificate.native()) & EXFLAG_SS) != 0;
}

class Search {
public:
    Search(const std::vector<Certificate>& others, const TrustAnchors& anchors)
        : m_others(others), m_anchors(anchors.store()) {}

    // With `broken_too`, names alone make a path, and the best one is kept.
    std::vector<PathCandidate> run(const Certificate& server, bool broken_too) {
        m_broken_too = broken_too;
        m_steps = 0;
        m_found.clear();
        m_best = PathCandidate{};
        PathCandidate start;
        start.path.push_back(server);
        extend(start);
        if (m_found.empty())
            m_found.push_back(m_best);
        return std::move(m_found);
    }

private:
    void extend(const PathCandidate& so_far) {
        if (++m_steps > most_steps || m_found.size() >= most_candidates)
            return;
        const auto& last = so_far.path.back();
        const bool is_anchor = m_anchors.contains(last);
        bool went_on = false;
        if (!is_self_issued_and_signed(last)) {
            for (const auto& issuer : issuers(last, is_anchor))
                went_on = step(so_far, issuer) || went_on;
        }
        if (is_anchor && !went_on)
            finish(so_far, true);
        else if (!went_on)
            finish(so_far, false);
    }

    std::vector<Certificate> issuers(const Certificate& certificate, bool only_anchors) const {
        auto found = m_anchors.issuers_of(certificate);
        if (only_anchors)
            return found;
        const auto* name = X509_get_issuer_name(certificate.native());
        for (const auto& other : m_others) {
            if (X509_NAME_cmp(X509_get_subject_name(other.native()), name) == 0 && !m_anchors.contains(other))
                found.push_back(other);
        }
        return found;
    }

    // False: no way on through this issuer.
    bool step(const PathCandidate& so_far, const Certificate& issuer) {
        const auto& path = so_far.path;
        const bool known = std::any_of(path.begin(), path.end(), [&](const Certificate& earlier) {
            return same_key_and_name(earlier, issuer);
        });
        if (known)
            return false;
        const bool good = signed_by(path.back(), issuer);
        if (!good && !m_broken_too)
            return false;
        auto longer = so_far;
        if (path.size() >= longest_path) {
            longer.too_long = true;
            finish(longer, false);
            return true;
        }
        if (!good)
            longer.broken.push_back(path.size() - 1);
        longer.path.push_back(issuer);
        extend(longer);
        return true;
    }

    bool signed_by(const Certificate& certificate, const Certificate& issuer) {
        const auto key = std::make_pair(certificate.native(), issuer.native());
        if (const auto known = m_signatures.find(key); known != m_signatures.end())
            return known->second;
        if (m_signatures.size() >= most_signatures)
            return false;
        const ErrorQueue errors;
        // What libcrypto would not chain, such as a wrong authority key identifier, is no path. A CA that may
        // not sign is one, so that this can be told.
        const int chains = X509_check_issued(issuer.native(), certificate.native());
        const auto* public_key = X509_get0_pubkey(issuer.native());
        const bool good = (chains == X509_V_OK || chains == X509_V_ERR_KEYUSAGE_NO_CERTSIGN) &&
                          public_key != nullptr && is_quick(public_key) &&
                          X509_verify(certificate.native(), X509_get0_pubkey(issuer.native())) == 1;
        m_signatures.emplace(key, good);
        return good;
    }

    void finish(PathCandidate candidate, bool trusted) {
        candidate.trusted = trusted;
        if (candidate.holds()) {
            m_found.push_back(std::move(candidate));
            return;
        }
        if (m_best.path.empty() || tells(candidate) > tells(m_best))
            m_best = std::move(candidate);
    }

    // How much a path that does not hold tells of what is wrong.
    static std::tuple<int, std::size_t> tells(const PathCandidate& candidate) {
        const bool whole = is_self_issued_and_signed(candidate.path.back());
        int rank = 0;
        if (whole && candidate.broken.empty())
            rank = 3;
        else if (candidate.trusted)
            rank = 2;
        else if (whole || candidate.too_long)
            rank = 1;
        return {rank, candidate.path.size()};
    }

    const std::vector<Certificate>& m_others;
    const TrustAnchors::Store& m_anchors;
    std::map<std::pair<X509*, X509*>, bool> m_signatures;
    std::vector<PathCandidate> m_found;
    PathCandidate m_best;
    bool m_broken_too = false;
    int m_steps = 0;
};

} // namespace

std::vector<PathCandidate> candidate_paths(const Certificate& server, const std::vector<Certificate>& others,
                                           const TrustAnchors& anchors) {
    Search search(others, anchors);
    auto found = search.run(server, false);
    const auto& first = found.front();
    if (first.holds() || first.too_long || is_self_issued_and_signed(first.path.back()))
        return found;
    return search.run(server, true);
}

} // namespace sendconnector::policy
