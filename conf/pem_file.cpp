// SPDX-License-Identifier: Apache-2.0
#include "conf/pem_file.hpp"

#include <array>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t largest_file = 16U << 20U;

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;

FileFlaw flaw(std::string text, std::string hint) {
    return {Error{std::move(text), std::move(hint)}, false};
}
FileFlaw minor(std::string text, std::string hint) {
    return {Error{std::move(text), std::move(hint)}, true};
}

Memory memory_of(const std::string& bytes) {
    return Memory(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// No passphrase, ever: OpenSSL would ask the terminal for one.
int no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

// Every certificate of the text; `damaged` when something that looks like one does not parse.
std::vector<Certificate> certificates_in(const std::string& bytes, bool& damaged) {
    std::vector<Certificate> certificates;
    const Memory memory = memory_of(bytes);
    ERR_clear_error();
    bool asked = false;
    while (X509* certificate = PEM_read_bio_X509_AUX(memory.get(), nullptr, no_passphrase, &asked)) {
        certificates.emplace_back(certificate);
    }
    // The loop ends with "no start line" at the end of a sound file.
    const unsigned long last = ERR_peek_last_error();
    damaged = ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE;
    ERR_clear_error();
    return certificates;
}

std::string date_of(const ASN1_TIME* time) {
    std::tm parts{};
    std::array<char, 32> text{};
    if (ASN1_TIME_to_tm(time, &parts) != 1 ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts) == 0) {
        return "an unreadable date";
    }
    return text.data();
}

bool has_expired(const X509& certificate) {
    return X509_cmp_current_time(X509_get0_notAfter(&certificate)) <= 0;
}
bool is_early(const X509& certificate) {
    return X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0;
}

std::optional<FileFlaw> flaw_of_content(const std::string& path, const std::vector<Certificate>& certificates,
                                        bool damaged) {
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
    return std::nullopt;
}

} // namespace

std::optional<FileFlaw> inspect_ca_file(const std::string& path) {
    const auto content = read_file(AT_FDCWD, path, largest_file, Links::follow);
    if (!content) {
        return flaw_of(path, content.error());
    }
    bool damaged = false;
    const auto certificates = certificates_in(content->bytes, damaged);
    if (auto found = flaw_of_content(path, certificates, damaged)) {
        return found;
    }
    std::size_t expired = 0;
    for (const Certificate& certificate : certificates) {
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

std::vector<KeyPairProblem> inspect_key_pair(const std::string& chain, const std::string& key) {
    std::vector<KeyPairProblem> problems;
    const auto in_chain = [&](FileFlaw found) { problems.push_back({false, std::move(found)}); };
    const auto in_key = [&](FileFlaw found) { problems.push_back({true, std::move(found)}); };

    const auto chain_content = read_file(AT_FDCWD, chain, largest_file, Links::follow);
    std::vector<Certificate> certificates;
    if (!chain_content) {
        in_chain(flaw_of(chain, chain_content.error()));
    } else {
        bool damaged = false;
        certificates = certificates_in(chain_content->bytes, damaged);
        if (auto found = flaw_of_content(chain, certificates, damaged)) {
            in_chain(std::move(*found));
        } else if (found = flaw_of_dates(chain, *certificates.front()); found) {
            in_chain(std::move(*found));
        }
    }

    if (chain == key && !chain_content) {
        return problems; // said already
    }
    const auto key_content =
        chain == key ? chain_content : read_file(AT_FDCWD, key, largest_file, Links::follow);
    if (!key_content) {
        in_key(flaw_of(key, key_content.error()));
        return problems;
    }
    bool asked = false;
    const Memory memory = memory_of(key_content->bytes);
    ERR_clear_error();
    const PrivateKey private_key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, &asked));
    ERR_clear_error();
    if (!private_key) {
        in_key(asked ? flaw(fmt::format(
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
