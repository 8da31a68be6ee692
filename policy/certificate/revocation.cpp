// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation.hpp"

#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/revocation_list.hpp"
#include "policy/certificate/revocation_response.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

namespace sendconnector::policy {

namespace {

template <class Answer>
Result<RevocationFreshness> freshness_of(std::string_view octets) {
    return Answer::read(octets).map([](const Answer& answer) {
        return RevocationFreshness{answer.this_update(), answer.next_update()};
    });
}

} // namespace

std::string RevocationSource::id() const {
    switch (kind) {
    case Kind::crl:
        return "crl " + url;
    case Kind::delta_crl:
        return "delta " + url;
    case Kind::ocsp:
        break;
    }
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(request.data()), request.size(), digest);
    std::string id = "ocsp " + url + " ";
    for (const auto octet : digest) {
        id += fmt::format("{:02x}", octet);
    }
    return id;
}

Result<RevocationFreshness> freshness(const RevocationSource& source, std::string_view octets) {
    const ErrorQueue errors;
    return source.kind == RevocationSource::Kind::ocsp ? freshness_of<RevocationResponse>(octets)
                                                       : freshness_of<RevocationList>(octets);
}

std::vector<RevocationSource> delta_sources(const RevocationSource& source, std::string_view octets) {
    const ErrorQueue errors;
    std::vector<RevocationSource> sources;
    if (source.kind == RevocationSource::Kind::crl) {
        if (const auto list = RevocationList::read(octets)) {
            for (auto& url : list->delta_urls()) {
                sources.push_back({RevocationSource::Kind::delta_crl, std::move(url), {}});
            }
        }
    }
    return sources;
}

} // namespace sendconnector::policy
