// SPDX-License-Identifier: Apache-2.0
#include "conf/own_certificate.hpp"

#include "conf/certificate_name.hpp"
#include "conf/file_path.hpp"
#include "conf/pem_objects.hpp"
#include "conf/plain_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <openssl/err.h>
#include <set>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace sendconnector::conf {

namespace {

namespace fs = std::filesystem;

// What certbot, acme.sh, lego and administrators call them.
constexpr std::string_view endings[] = {".pem", ".crt", ".cer", ".cert", ".key"};
constexpr std::size_t largest_file = 1U << 20U;
constexpr std::size_t most_files = 1000; // of one folder
constexpr std::size_t most_listed = 3;   // in a message
constexpr std::size_t longest_listed = 300;

// What administrators search for.
constexpr std::string_view exchange_text = "454 4.7.5 The certificate specified in TlsCertificateName of the "
                                           "SendConnector could not be found.";

struct PemFile {
    fs::path path;
    std::vector<CertificateHandle> certificates;
    KeyHandle key;
};

std::optional<std::size_t> key_of(const X509& certificate, const std::vector<PemFile>& files,
                                  std::size_t first_guess) {
    const auto fits = [&](std::size_t i) {
        const bool belongs = files[i].key && X509_check_private_key(&certificate, files[i].key.get()) == 1;
        ERR_clear_error();
        return belongs;
    };
    if (fits(first_guess)) {
        return first_guess;
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (fits(i)) {
            return i;
        }
    }
    return std::nullopt;
}

bool is_error(const std::error_code& error) {
    return error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory;
}

// A certificate and where it lies; no key where none was found beside it.
struct Candidate {
    CertificateName name;
    CertificateHandle certificate;
    std::string chain;
    std::string key;
    std::size_t length; // of the chain
};

// notBefore, seconds.
std::time_t begin_of(const Candidate& candidate) {
    std::tm parts{};
    ASN1_TIME_to_tm(X509_get0_notBefore(candidate.certificate.get()), &parts);
    return timegm(&parts);
}

} // namespace

struct OwnCertificates::Found {
    std::vector<Candidate> candidates;
    bool hidden = false; // something could not be looked at

    void read_folder(const fs::path& folder, bool with_subfolders) {
        std::error_code error;
        std::set<fs::path> names;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            names.insert(entry->path());
        }
        hidden = hidden || is_error(error);
        std::vector<PemFile> files;
        for (const fs::path& path : names) {
            std::error_code ignored;
            const std::string extension = path.extension().string();
            if (with_subfolders && fs::is_directory(path, ignored)) {
                read_folder(path, false);
            } else if (std::find(std::begin(endings), std::end(endings), extension) != std::end(endings) &&
                       files.size() < most_files) {
                read(path, files);
            }
        }
        take_candidates(files);
    }

private:
    void read(const fs::path& path, std::vector<PemFile>& files) {
        // It will stand in master.cf.
        if (!parse_path(path.string())) {
            return;
        }
        const auto content = read_file(AT_FDCWD, path.string(), largest_file, Links::follow);
        if (!content) {
            hidden = hidden || content.error().error_number == EACCES;
            return;
        }
        files.push_back(
            {path, certificates_in(content->bytes).certificates, private_key_in(content->bytes).key});
    }

    void take_candidates(std::vector<PemFile>& files) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            auto& certificates = files[i].certificates;
            if (certificates.empty()) {
                continue;
            }
            auto name = CertificateName::of(*certificates.front());
            if (!name) {
                continue;
            }
            const auto key = key_of(*certificates.front(), files, i);
            candidates.push_back({std::move(*name), std::move(certificates.front()), files[i].path.string(),
                                  key ? files[*key].path.string() : "", certificates.size()});
        }
    }
};

namespace {

std::string listed(const std::vector<Candidate>& candidates) {
    std::set<std::string> names;
    for (const Candidate& candidate : candidates) {
        if (!candidate.key.empty()) {
            names.insert(candidate.name.text());
        }
    }
    std::string text;
    std::size_t count = 0;
    for (const std::string& name : names) {
        if (count++ < most_listed) {
            text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", shortened(name, longest_listed));
        }
    }
    return names.size() > most_listed ? fmt::format("{} and {} more", text, names.size() - most_listed)
                                      : text;
}

std::string joined(const std::vector<std::string>& folders) {
    std::string text;
    for (const std::string& folder : folders) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", folder);
    }
    return text.empty() ? "no folder (certificate_folders is empty)" : text;
}

FileFlaw could_not_be_found(const std::string& why, std::string hint) {
    return {Error{fmt::format("{} {}", exchange_text, why), std::move(hint)}, false};
}

// Why none of those with the right name will do.
FileFlaw flaw_of(const Candidate& newest) {
    const X509* certificate = newest.certificate.get();
    if (newest.key.empty()) {
        return could_not_be_found(fmt::format("The one in {} has no private key beside it", newest.chain),
                                  "put the key, without a passphrase, into the same folder");
    }
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
        return could_not_be_found(fmt::format("The one in {} expired on {} (CertExpired)", newest.chain,
                                              date_of(X509_get0_notAfter(certificate))),
                                  "renew it");
    }
    return could_not_be_found(fmt::format("The one in {} is not valid before {}", newest.chain,
                                          date_of(X509_get0_notBefore(certificate))),
                              "check this host's clock, or wait");
}

} // namespace

OwnCertificates::OwnCertificates(const TlsSettings& settings) : m_folders(settings.certificate_folders) {}
OwnCertificates::~OwnCertificates() = default;

tl::expected<std::optional<OwnCertificateFiles>, FileFlaw>
OwnCertificates::find(const policy::SendConnector& connector, std::chrono::system_clock::time_point now) {
    const std::string& wanted = connector.tls_certificate_name;
    if (wanted.empty()) {
        return std::nullopt;
    }
    if (!wanted.starts_with('<')) {
        return OwnCertificateFiles{wanted, connector.tls_key_file.empty() ? wanted : connector.tls_key_file};
    }
    const auto name = CertificateName::parse(wanted);
    if (!name) {
        return tl::unexpected(FileFlaw{name.error(), false});
    }
    if (!m_found) {
        m_found = std::make_unique<Found>();
        for (const std::string& folder : m_folders) {
            m_found->read_folder(folder, true);
        }
    }

    std::time_t time = std::chrono::system_clock::to_time_t(now);
    const auto is_valid = [&](const X509* certificate) {
        return X509_cmp_time(X509_get0_notBefore(certificate), &time) < 0 &&
               X509_cmp_time(X509_get0_notAfter(certificate), &time) > 0;
    };
    const Candidate* best = nullptr;
    const auto rank = [&](const Candidate& one) {
        const bool usable = !one.key.empty() && is_valid(one.certificate.get());
        return std::tuple(usable, begin_of(one), one.length);
    };
    for (const Candidate& candidate : m_found->candidates) {
        if (candidate.name == *name && (best == nullptr || rank(candidate) > rank(*best))) {
            best = &candidate;
        }
    }
    if (best != nullptr && !best->key.empty() && is_valid(best->certificate.get())) {
        return OwnCertificateFiles{best->chain, best->key};
    }
    if (m_found->hidden && ::geteuid() != 0) {
        return tl::unexpected(
            FileFlaw{Error{fmt::format("this user may not look everywhere in {}", joined(m_folders)),
                           "run this as root to have it checked"},
                     true});
    }
    if (best != nullptr) {
        return tl::unexpected(flaw_of(*best));
    }
    const std::string others = listed(m_found->candidates);
    return tl::unexpected(could_not_be_found(
        fmt::format("None of this issuer and subject is in {}", joined(m_folders)),
        others.empty()
            ? "put its PEM files there, name their folder in certificate_folders, or write the path"
            : fmt::format("there is {}: write that, or the path of a PEM file", others)));
}

tl::expected<std::optional<OwnCertificateFiles>, FileFlaw>
own_certificate(const policy::SendConnector& connector, const TlsSettings& settings,
                std::chrono::system_clock::time_point now) {
    return OwnCertificates(settings).find(connector, now);
}

} // namespace sendconnector::conf
