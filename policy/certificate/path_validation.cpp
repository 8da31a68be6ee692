// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/path_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <optional>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;
struct StackFreed {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), StackFreed>;

struct Complaint {
    int error;
    std::size_t place; // in libcrypto's chain, which starts like ours
};

extern "C" int note_and_go_on(int fine, X509_STORE_CTX* context) {
    if (fine == 0) {
        auto* complaints = static_cast<std::vector<Complaint>*>(X509_STORE_CTX_get_app_data(context));
        const int depth = X509_STORE_CTX_get_error_depth(context);
        // Policies and name constraints can complain once a node; the same once is enough.
        if (complaints->size() < 64)
            complaints->push_back(
                {X509_STORE_CTX_get_error(context), static_cast<std::size_t>(std::max(depth, 0))});
    }
    return 1;
}

// Nothing: about the end of the path, which is judged without libcrypto.
std::optional<Reason> reason_of(int error) {
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return std::nullopt;
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
        return Reason::untrusted_root;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
        return Reason::bad_signature;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return Reason::not_yet_valid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return Reason::cert_expired;
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_NO_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_UNNESTED_RESOURCE:
        return Reason::malformed_certificate;
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
    case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
    case X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION:
        return Reason::wrong_purpose;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return Reason::path_length;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LOOP:
        return Reason::chain_too_long;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
        return Reason::name_constraint;
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
    case X509_V_ERR_NO_EXPLICIT_POLICY:
        return Reason::policy_constraint;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        return Reason::unknown_extension;
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
        return Reason::weak_key;
    default:
        return Reason::internal;
    }
}

struct Context {
    Handle<X509_STORE, X509_STORE_free> store{X509_STORE_new()};
    Stack trusted{sk_X509_new_null()};
    Stack untrusted{sk_X509_new_null()};
    // Freed first: it points to the others.
    Handle<X509_STORE_CTX, X509_STORE_CTX_free> native{X509_STORE_CTX_new()};

    bool set_up(const std::vector<Certificate>& path, std::chrono::sys_seconds now) {
        if (!store || !trusted || !untrusted || !native)
            return false;
        bool fine = sk_X509_push(trusted.get(), path.back().native()) > 0;
        for (std::size_t place = 1; place + 1 < path.size(); ++place)
            fine = fine && sk_X509_push(untrusted.get(), path[place].native()) > 0;
        fine = fine &&
               X509_STORE_CTX_init(native.get(), store.get(), path.front().native(), untrusted.get()) == 1;
        return fine && set_parameters(static_cast<int>(path.size()), now);
    }

private:
    bool set_parameters(int length, std::chrono::sys_seconds now) {
        X509_STORE_CTX_set0_trusted_stack(native.get(), trusted.get());
        auto* parameters = X509_STORE_CTX_get0_param(native.get());
        X509_VERIFY_PARAM_set_time(parameters, now.time_since_epoch().count());
        X509_VERIFY_PARAM_set_depth(parameters, length);
        // Strength is judged by the connector's rules.
        X509_VERIFY_PARAM_set_auth_level(parameters, 0);
        // Without it the common name would be held against name constraints for DNS names.
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        // X509_V_FLAG_X509_STRICT would refuse private CAs as `openssl req -x509` makes them.
        const bool flags =
            X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK |
                                                        X509_V_FLAG_TRUSTED_FIRST) == 1;
        // Without a policy in the user's set, an explicit policy is never satisfied. The set takes it over.
        auto* any_policy = OBJ_dup(OBJ_nid2obj(NID_any_policy));
        return flags && any_policy != nullptr && X509_VERIFY_PARAM_add0_policy(parameters, any_policy) == 1 &&
               X509_STORE_CTX_set_purpose(native.get(), X509_PURPOSE_SSL_SERVER) == 1;
    }
};

bool same_path(STACK_OF(X509) * chain, const std::vector<Certificate>& path) {
    if (chain == nullptr || static_cast<std::size_t>(sk_X509_num(chain)) != path.size())
        return false;
    for (std::size_t place = 0; place < path.size(); ++place) {
        if (X509_cmp(sk_X509_value(chain, static_cast<int>(place)), path[place].native()) != 0)
            return false;
    }
    return true;
}

} // namespace

std::vector<CertificateFlaw> validate_path(const PathCandidate& candidate, std::chrono::sys_seconds now) {
    const ErrorQueue errors;
    const auto& path = candidate.path;
    Context context;
    std::vector<Complaint> complaints;
    if (!context.set_up(path, now))
        return {flaw(Reason::internal, nullptr, "libcrypto has no memory for path validation")};
    X509_STORE_CTX_set_app_data(context.native.get(), &complaints);
    X509_STORE_CTX_set_verify_cb(context.native.get(), note_and_go_on);
    const int result = X509_verify_cert(context.native.get());
    const bool as_laid_out = same_path(X509_STORE_CTX_get0_chain(context.native.get()), path);

    std::vector<CertificateFlaw> flaws;
    for (const auto& complaint : complaints) {
        const auto reason = reason_of(complaint.error);
        if (!reason) {
            // The end was found wanting, but we hold that it is an anchor.
            if (candidate.holds())
                add_flaw(flaws, flaw(Reason::partial_chain, nullptr,
                                     X509_verify_cert_error_string(complaint.error)));
            continue;
        }
        const auto* certificate = complaint.place < path.size() ? &path[complaint.place] : nullptr;
        add_flaw(flaws, flaw(*reason, certificate, X509_verify_cert_error_string(complaint.error)));
    }
    if (complaints.empty() && result != 1)
        add_flaw(flaws, flaw(Reason::internal, nullptr, "libcrypto could not validate the path"));
    if (candidate.holds() && !as_laid_out)
        add_flaw(flaws, flaw(Reason::internal, nullptr, "libcrypto validated another path"));
    return flaws;
}

} // namespace sendconnector::policy
