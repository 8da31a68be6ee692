// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/names.hpp"

#include "policy/certificate/openssl_handles.hpp"

#include <arpa/inet.h>
#include <array>
#include <ctime>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

constexpr std::size_t longest_text = 256;

std::string shortened(std::string text) {
    if (text.size() <= longest_text)
        return text;
    std::size_t end = longest_text - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    text.resize(end);
    return text + "...";
}

std::string written(const X509_NAME* name, unsigned long string_flags) {
    const ErrorQueue errors;
    const Handle<BIO, BIO_free_all> bio{BIO_new(BIO_s_mem())};
    const unsigned long flags = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN | string_flags;
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, flags) < 0)
        return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// Characters that draw nothing or turn the direction of what follows: they make one name look like another.
bool has_hidden_characters(std::string_view utf8) {
    for (std::size_t at = 0; at + 1 < utf8.size(); ++at) {
        const auto first = static_cast<unsigned char>(utf8[at]);
        const auto second = static_cast<unsigned char>(utf8[at + 1]);
        if (first == 0xc2 && second < 0xa1)
            return true; // C1 controls, no-break space
        if (first == 0xe2 && (second == 0x80 || second == 0x81))
            return true; // general punctuation, among it the direction marks
        if (first == 0xef && second == 0xbb)
            return true; // byte order mark
        if (first == 0xf3)
            return true; // tags
    }
    return false;
}

} // namespace

std::string distinguished_name(const X509_NAME* name) {
    constexpr unsigned long escapes = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL;
    std::string text = written(name, escapes | ASN1_STRFLGS_UTF8_CONVERT);
    if (text.empty() || has_hidden_characters(text))
        text = written(name, escapes | ASN1_STRFLGS_ESC_MSB);
    if (text.empty())
        return X509_NAME_entry_count(name) == 0 ? "(no subject)" : "(unreadable name)";
    return shortened(std::move(text));
}

std::string escaped_text(std::string_view octets) {
    std::string text;
    for (const char c : octets.substr(0, longest_text)) {
        if (c > ' ' && c < 0x7f && c != '\\')
            text += c;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return shortened(std::move(text));
}

std::string address_text(std::string_view octets) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (octets.size() == 4 && inet_ntop(AF_INET, octets.data(), text.data(), text.size()) != nullptr)
        return text.data();
    if (octets.size() == 16 && inet_ntop(AF_INET6, octets.data(), text.data(), text.size()) != nullptr)
        return text.data();
    return escaped_text(octets);
}

std::optional<std::chrono::sys_seconds> moment(const ASN1_TIME* time) {
    const ErrorQueue errors;
    std::tm parts{};
    // No time at all would be read as the present.
    if (time == nullptr || ASN1_STRING_length(time) == 0 || ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

} // namespace sendconnector::policy
