// SPDX-License-Identifier: Apache-2.0
#include "conf/pem_file.hpp"

#include "conf/pem_objects.hpp"
#include "conf/plain_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t largest_pem_file = 16U << 20U;
constexpr std::size_t longest_names = 200;
// What is left of its life when a certificate should have been renewed.
constexpr int renewal_days = 30;

FileFlaw flaw(std::string text, std::string hint) {
    return {Error{std::move(text), std::move(hint)}, false};
}
FileFlaw minor(std::string text, std::string hint) {
    return {Error{std::move(text), std::move(hint)}, true};
}

bool has_expired(const X509& certificate) {
    return X509_cmp_current_time(X509_get0_notAfter(&certificate)) <= 0;
}
bool is_early(const X509& certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0;
}

std::optional<FileFlaw> flaw_of_content(const std::string& path,
                                        const std::vector<CertificateHandle>& certificates, bool damaged) {
    if (certificates.empty()) {
        return damaged ? flaw(fmt::format("{} holds a certificate that cannot be read", path),
                              "replace it with a sound PEM file")
                       : flaw(fmt::format("{} holds no certificate in PEM form", path),
                              "write the certificates between BEGIN CERTIFICATE and END CERTIFICATE lines");
    }
    if (damaged) {
        return flaw(fmt::format("certificate {} in {} cannot be read", certificates.size() + 1, path),
                    "replace it with a sound PEM file");
    }
    return std::nullopt;
}

std::optional<FileFlaw> flaw_of_dates(const std::string& path, const X509& certificate) {
    if (has_expired(certificate)) {
        return flaw(fmt::format("the certificate in {} expired on {} (CertExpired)", path,
                                date_of(X509_get0_notAfter(&certificate))),
                    "renew it");
    }
    if (is_early(certificate)) {
        return flaw(fmt::format("the certificate in {} is not valid before {}", path,
                                date_of(X509_get0_notBefore(&certificate))),
                    "check this host's clock, or wait");
    }
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(&certificate)) == 1 &&
        days < renewal_days) {
        return minor(fmt::format("the certificate in {} expires on {}, in {} days", path,
                                 date_of(X509_get0_notAfter(&certificate)), days),
                     "renew it");
    }
    return std::nullopt;
}

// DNS names of subjectAltName only: nobody looks at the common name any more (RFC 6125 6.4.4).
std::string names_of(const X509& certificate) {
    std::string names;
    const std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type == GEN_DNS) {
            const auto* octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            names += names.empty() ? "" : ", ";
            names.append(octets, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        }
    }
    return names.empty() ? "no host" : shortened(names, longest_names);
}

std::optional<FileFlaw> flaw_of_names(const std::string& path, X509& certificate, const std::string& host) {
    if (host.empty() ||
        X509_check_host(&certificate, host.data(), host.size(),
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                        nullptr) == 1) {
        return std::nullopt;
    }
    return minor(fmt::format("the certificate in {} does not name {}, the connector's fqdn, but {}", path,
                             host, names_of(certificate)),
                 "have it issued for that name as well, or set fqdn to one of its names");
}

} // namespace

std::optional<FileFlaw> inspect_ca_file(const std::string& path) {
    const auto content = read_file(AT_FDCWD, path, largest_pem_file, Links::follow);
    if (!content) {
        return flaw_of(path, content.error());
    }
    const auto [certificates, damaged] = certificates_in(content->bytes);
    if (auto found = flaw_of_content(path, certificates, damaged)) {
        return found;
    }
    std::size_t expired = 0;
    for (const CertificateHandle& certificate : certificates) {
        expired += has_expired(*certificate) ? 1U : 0U;
    }
    if (expired == certificates.size()) {
        return flaw(fmt::format("every certificate in {} has expired (CertExpired)", path),
                    "replace the file");
    }
    if (expired > 0) {
        return minor(
            fmt::format("{} of {} certificates in {} have expired", expired, certificates.size(), path),
            "remove those from the file");
    }
    return std::nullopt;
}

std::vector<KeyPairProblem> inspect_key_pair(const std::string& chain, const std::string& key,
                                             const std::string& host) {
    std::vector<KeyPairProblem> problems;
    const auto in_chain = [&](FileFlaw found) { problems.push_back({false, std::move(found)}); };
    const auto in_key = [&](FileFlaw found) { problems.push_back({true, std::move(found)}); };

    const auto chain_content = read_file(AT_FDCWD, chain, largest_pem_file, Links::follow);
    std::vector<CertificateHandle> certificates;
    if (!chain_content) {
        in_chain(flaw_of(chain, chain_content.error()));
    } else {
        PemCertificates pem = certificates_in(chain_content->bytes);
        certificates = std::move(pem.certificates);
        if (auto found = flaw_of_content(chain, certificates, pem.damaged)) {
            in_chain(std::move(*found));
        } else {
            if (found = flaw_of_dates(chain, *certificates.front()); found) {
                in_chain(std::move(*found));
            }
            if (found = flaw_of_names(chain, *certificates.front(), host); found) {
                in_chain(std::move(*found));
            }
        }
    }

    if (chain == key && !chain_content) {
        return problems; // said already
    }
    const auto key_content =
        chain == key ? chain_content : read_file(AT_FDCWD, key, largest_pem_file, Links::follow);
    if (!key_content) {
        in_key(flaw_of(key, key_content.error()));
        return problems;
    }
    const auto [private_key, locked] = private_key_in(key_content->bytes);
    if (!private_key) {
        in_key(locked ? flaw(fmt::format(
                                 "the private key in {} is locked with a passphrase, which nobody will be "
                                 "there to type",
                                 key),
                             "store it without one: openssl pkey -in LOCKED -out UNLOCKED")
                      : flaw(fmt::format("{} holds no private key in PEM form", key),
                             "name the file that holds it in tls_key_file"));
        return problems;
    }
    if ((key_content->status.st_mode & 0007U) != 0) {
        in_key(minor(fmt::format("anyone on this host may use {}, which holds a private key", key),
                     fmt::format("chmod 0600 {}", key)));
    }
    if (!certificates.empty() && X509_check_private_key(certificates.front().get(), private_key.get()) != 1) {
        ERR_clear_error();
        in_key(flaw(
            fmt::format("the private key in {} does not belong to the first certificate in {}", key, chain),
            "name the key that the certificate was made with"));
    }
    return problems;
}

} // namespace sendconnector::conf
