// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_list.hpp"

#include "policy/certificate/object_name.hpp"
#include "policy/certificate/revocation_signature.hpp"
#include "policy/certificate/revocation_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/pem.h>

namespace sendconnector::policy {

namespace {

struct PemBlock {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;

    PemBlock() = default;
    PemBlock(const PemBlock&) = delete;
    PemBlock& operator=(const PemBlock&) = delete;
    ~PemBlock() {
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
};

// The one block "X509 CRL". Not PEM_read_bio_X509_CRL(), which asks the terminal for the password of a block
// that says it is encrypted.
Result<std::string> der_of_pem(std::string_view pem) {
    const Handle<BIO, BIO_free_all> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1U << 30))));
    std::string der;
    for (;;) {
        PemBlock block;
        if (!bio || PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.length) != 1) {
            break;
        }
        if (std::string_view(block.name) != PEM_STRING_X509_CRL) {
            continue;
        }
        if (!der.empty() || block.header[0] != '\0') {
            return fail(der.empty() ? "the list is encrypted" : "more than one list");
        }
        der.assign(reinterpret_cast<const char*>(block.data), static_cast<std::size_t>(block.length));
    }
    if (der.empty()) {
        return fail("not a revocation list");
    }
    return der;
}

// The content of the DER element at the front of `octets`, which is moved behind it; empty when there is
// none.
struct Element {
    std::string_view whole;
    std::string_view content;
    int tag = -1;
};

Element next_element(std::string_view& octets) {
    const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
    const auto* begin = position;
    long length = 0;
    int tag = 0;
    int kind = 0;
    const int flags = ASN1_get_object(&position, &length, &tag, &kind, static_cast<long>(octets.size()));
    if ((flags & 0x80) != 0 || (flags & 1) != 0) { // broken, or of indefinite length, which is not DER
        return {};
    }
    const auto header = static_cast<std::size_t>(position - begin);
    Element element{octets.substr(0, header + static_cast<std::size_t>(length)),
                    octets.substr(header, static_cast<std::size_t>(length)), tag};
    octets.remove_prefix(element.whole.size());
    return element;
}

void release_octets(unsigned char* octets) {
    OPENSSL_free(octets);
}

// RFC 5280 5.1.1.2: the algorithm inside what is signed must be the one outside. libcrypto compares them for
// certificates only.
bool names_one_algorithm(X509_CRL* list) {
    unsigned char* encoded = nullptr;
    const int length = i2d_X509_CRL(list, &encoded);
    if (length <= 0) {
        return false;
    }
    const Handle<unsigned char, release_octets> owner(encoded);
    std::string_view octets(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(length));
    auto outer = next_element(octets).content;
    auto signed_part = next_element(outer).content;
    auto algorithm = next_element(signed_part);
    if (algorithm.tag == V_ASN1_INTEGER) {
        algorithm = next_element(signed_part);
    }
    return algorithm.tag == V_ASN1_SEQUENCE && algorithm.whole == next_element(outer).whole;
}

// No extension twice; `understood` those that may be critical.
template <std::size_t size>
std::string extension_problem(const STACK_OF(X509_EXTENSION) * extensions, const int (&understood)[size]) {
    const int count = sk_X509_EXTENSION_num(extensions);
    constexpr int most = 32;
    if (count > most) {
        return "too many extensions";
    }
    for (int i = 0; i < count; ++i) {
        auto* extension = sk_X509_EXTENSION_value(extensions, i);
        auto* object = X509_EXTENSION_get_object(extension);
        for (int j = 0; j < i; ++j) {
            if (OBJ_cmp(object, X509_EXTENSION_get_object(sk_X509_EXTENSION_value(extensions, j))) == 0) {
                return fmt::format("extension {} twice", name_of(extension));
            }
        }
        if (X509_EXTENSION_get_critical(extension) != 0 &&
            std::find(std::begin(understood), std::end(understood), OBJ_obj2nid(object)) ==
                std::end(understood)) {
            return fmt::format("unknown critical extension {}", name_of(extension));
        }
    }
    return {};
}

std::string encoding_of(const X509_CRL* list, int nid) {
    const int index = X509_CRL_get_ext_by_NID(list, nid, -1);
    if (index < 0) {
        return {};
    }
    const auto* value = X509_EXTENSION_get_data(X509_CRL_get_ext(list, index));
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
            static_cast<std::size_t>(ASN1_STRING_length(value))};
}

bool is_authority(const Certificate& certificate) {
    const Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(static_cast<BASIC_CONSTRAINTS*>(
        X509_get_ext_d2i(certificate.native(), NID_basic_constraints, nullptr, nullptr)));
    return constraints && constraints->ca != 0;
}

} // namespace

Result<ListHandle> parse_list(std::string_view octets) {
    std::string from_pem;
    if (octets.substr(0, 64).find("-----BEGIN") != octets.npos) {
        auto der = der_of_pem(octets);
        if (!der) {
            return tl::unexpected(der.error());
        }
        from_pem = std::move(*der);
        octets = from_pem;
    }
    const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
    const auto* end = position + octets.size();
    ListHandle list(d2i_X509_CRL(nullptr, &position, static_cast<long>(octets.size())));
    if (!list) {
        return fail("not a revocation list");
    }
    if (position != end) {
        return fail("octets after the list");
    }
    return list;
}

Result<RevocationList> RevocationList::read(std::string_view octets) {
    auto parsed = parse_list(octets);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    RevocationList list;
    list.m_list = std::move(*parsed);
    const auto* native = list.m_list.get();
    const auto this_update = seconds_of(X509_CRL_get0_lastUpdate(native));
    const auto next_update = seconds_of(X509_CRL_get0_nextUpdate(native));
    if (!this_update) {
        return fail("the list is malformed: thisUpdate");
    }
    if (!next_update) {
        return fail(X509_CRL_get0_nextUpdate(native) == nullptr ? "the list names no next update"
                                                                : "the list is malformed: nextUpdate");
    }
    if (*next_update <= *this_update) {
        return fail("the list ends before it begins");
    }
    list.m_this_update = *this_update;
    list.m_next_update = *next_update;
    if (!names_one_algorithm(list.m_list.get())) {
        return fail("the list is malformed: it names two signature algorithms");
    }
    return list.read_extensions().and_then([&] { return list.read_entries(); }).map([&] {
        return std::move(list);
    });
}

Result<void> RevocationList::read_extensions() {
    const auto* native = m_list.get();
    const auto* extensions = X509_CRL_get0_extensions(native);
    const long version = X509_CRL_get_version(native);
    if (version != X509_CRL_VERSION_1 && version != X509_CRL_VERSION_2) {
        return fail("the list is of an unknown version");
    }
    if (version == X509_CRL_VERSION_1 && sk_X509_EXTENSION_num(extensions) > 0) {
        return fail("the list is malformed: extensions in version 1");
    }
    if (auto problem = extension_problem(extensions, {NID_issuing_distribution_point, NID_delta_crl,
                                                      NID_crl_number, NID_authority_key_identifier,
                                                      NID_freshest_crl, NID_issuer_alt_name});
        !problem.empty()) {
        return fail("the list holds " + problem);
    }
    int critical = -1;
    m_scope.reset(static_cast<ISSUING_DIST_POINT*>(
        X509_CRL_get_ext_d2i(native, NID_issuing_distribution_point, &critical, nullptr)));
    if (!m_scope && critical != -1) {
        return fail("the list is malformed: issuingDistributionPoint");
    }
    if (m_scope && m_scope->indirectCRL > 0) {
        return fail("the list is indirect, which is not supported");
    }
    if (m_scope && (m_scope->onlyuser > 0) + (m_scope->onlyCA > 0) + (m_scope->onlyattr > 0) > 1) {
        return fail("the list is malformed: its scope contradicts itself");
    }
    m_number.reset(
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(native, NID_crl_number, &critical, nullptr)));
    if ((!m_number && critical != -1) ||
        (m_number && ASN1_STRING_type(m_number.get()) == V_ASN1_NEG_INTEGER)) {
        return fail("the list is malformed: its number");
    }
    m_base_number.reset(
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(native, NID_delta_crl, &critical, nullptr)));
    if ((!m_base_number && critical != -1) ||
        (m_base_number && ASN1_STRING_type(m_base_number.get()) == V_ASN1_NEG_INTEGER)) {
        return fail("the list is malformed: the number of its base");
    }
    if (m_base_number && !m_number) {
        return fail("the list is malformed: a delta list without a number");
    }
    return {};
}

Result<void> RevocationList::read_entries() const {
    auto* entries = X509_CRL_get_REVOKED(m_list.get());
    const bool version_1 = X509_CRL_get_version(m_list.get()) == X509_CRL_VERSION_1;
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        const auto* entry = sk_X509_REVOKED_value(entries, i);
        const auto* extensions = X509_REVOKED_get0_extensions(entry);
        if (sk_X509_EXTENSION_num(extensions) <= 0) {
            continue;
        }
        if (version_1) {
            return fail("the list is malformed: an entry's extensions in version 1");
        }
        // certificateIssuer belongs to indirect lists: here it would change of whom the entry speaks.
        if (X509_REVOKED_get_ext_by_NID(entry, NID_certificate_issuer, -1) >= 0) {
            return fail("an entry of the list names another issuer, though the list is not indirect");
        }
        if (auto problem = extension_problem(
                extensions, {NID_crl_reason, NID_invalidity_date, NID_hold_instruction_code});
            !problem.empty()) {
            return fail("an entry of the list holds " + problem);
        }
    }
    return {};
}

std::string RevocationList::signer_problem(const Certificate& issuer) const {
    if (X509_NAME_cmp(X509_CRL_get_issuer(m_list.get()), X509_get_subject_name(issuer.native())) != 0) {
        return "the list is of another issuer";
    }
    auto* key = X509_get0_pubkey(issuer.native());
    if (key == nullptr || X509_CRL_verify(m_list.get(), key) != 1) {
        return fmt::format("the list is not signed with the key of \"{}\"", issuer.subject());
    }
    return {};
}

std::string RevocationList::strength_problem(const Certificate& issuer, const CertificateRules& rules) const {
    // UINT32_MAX when the certificate does not say.
    if ((X509_get_key_usage(issuer.native()) & KU_CRL_SIGN) == 0) {
        return fmt::format("\"{}\" may not sign lists (keyUsage)", issuer.subject());
    }
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(m_list.get(), nullptr, &algorithm);
    auto weakness = signature_weakness(algorithm, rules);
    return weakness.empty() ? weakness : "the list is " + weakness;
}

std::string RevocationList::scope_problem(const Certificate& certificate,
                                          const DistributionPoint& point) const {
    if (!m_scope) {
        return {};
    }
    if (m_scope->onlyattr > 0) {
        return "the list is for attribute certificates only";
    }
    const bool authority = is_authority(certificate);
    if (m_scope->onlyuser > 0 && authority) {
        return "the list is not for certificates of authorities";
    }
    if (m_scope->onlyCA > 0 && !authority) {
        return "the list is for certificates of authorities only";
    }
    if (m_scope->distpoint != nullptr &&
        !names_point(m_scope->distpoint, X509_CRL_get_issuer(m_list.get()), point.name)) {
        return "the list is of another distribution point";
    }
    return {};
}

unsigned RevocationList::reasons(const DistributionPoint& point) const {
    return point.reasons & (m_scope ? reasons_of(m_scope->onlysomereasons) : all_reasons);
}

std::string RevocationList::delta_problem(const RevocationList& delta) const {
    if (!delta.is_delta()) {
        return "a complete list where a delta list belongs";
    }
    if (!m_number) {
        return "the list has no number, so that no delta list fits it";
    }
    if (encoding_of(m_list.get(), NID_issuing_distribution_point) !=
        encoding_of(delta.m_list.get(), NID_issuing_distribution_point)) {
        return "the delta list has another scope than the list";
    }
    if (ASN1_INTEGER_cmp(m_number.get(), delta.m_base_number.get()) < 0) {
        return "the delta list is for a later list";
    }
    return {};
}

bool RevocationList::is_later_than(const RevocationList& other) const {
    return m_number && other.m_number && ASN1_INTEGER_cmp(m_number.get(), other.m_number.get()) > 0;
}

std::vector<RevocationList::Entry> RevocationList::entries(const Certificate& certificate) const {
    std::vector<Entry> found;
    auto* entries = X509_CRL_get_REVOKED(m_list.get());
    const auto* serial = X509_get0_serialNumber(certificate.native());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        const auto* entry = sk_X509_REVOKED_value(entries, i);
        if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) != 0) {
            continue;
        }
        const Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(
            static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
        found.push_back({seconds_of(X509_REVOKED_get0_revocationDate(entry)).value_or(m_this_update),
                         reason ? static_cast<int>(ASN1_ENUMERATED_get(reason.get())) : CRL_REASON_NONE});
    }
    return found;
}

std::vector<std::string> RevocationList::delta_urls() const {
    std::vector<std::string> urls;
    const Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points(static_cast<CRL_DIST_POINTS*>(
        X509_CRL_get_ext_d2i(m_list.get(), NID_freshest_crl, nullptr, nullptr)));
    constexpr std::size_t most = 4;
    for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
        const auto* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
        for (int j = 0; name != nullptr && name->type == 0 && j < sk_GENERAL_NAME_num(name->name.fullname);
             ++j) {
            const auto* one = sk_GENERAL_NAME_value(name->name.fullname, j);
            if (one->type != GEN_URI || urls.size() == most) {
                continue;
            }
            std::string url(reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.ia5)),
                            static_cast<std::size_t>(ASN1_STRING_length(one->d.ia5)));
            if (url_problem(url).empty()) {
                urls.push_back(std::move(url));
            }
        }
    }
    return urls;
}

std::string_view reason_name(int reason) {
    constexpr std::string_view names[] = {
        "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", "",
        "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
    return reason >= 0 && reason < static_cast<int>(std::size(names)) ? names[reason] : std::string_view();
}

} // namespace sendconnector::policy
