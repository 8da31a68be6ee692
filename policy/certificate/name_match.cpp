// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/name_match.hpp"

#include "policy/certificate/openssl_handles.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace sendconnector::policy {

namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;
constexpr std::size_t names_told = 5;

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

// `name` is folded. A last label of digits only would be read as an IPv4 address by many.
bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name)
        return false;
    std::string_view last;
    for (std::size_t start = 0; start <= name.size();) {
        const auto end = std::min(name.find('.', start), name.size());
        last = name.substr(start, end - start);
        if (!is_label(last))
            return false;
        start = end + 1;
    }
    return !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What stands behind "*." of a wildcard that counts, else nothing.
std::optional<std::string_view> wildcard_parent(std::string_view presented) {
    if (!presented.starts_with("*."))
        return std::nullopt;
    const auto parent = presented.substr(2);
    const bool plain = parent.find('_') == std::string_view::npos; // as libcrypto has it
    if (!plain || !is_host_name(parent) || parent.find('.') == std::string_view::npos)
        return std::nullopt;
    return parent;
}

// Is every host that `presented` stands for below `parent`?
bool lies_below(std::string_view presented, std::string_view parent) {
    const auto folded = fold_case(presented);
    if (const auto wildcard = wildcard_parent(folded))
        return is_or_below(*wildcard, parent);
    return is_host_name(folded) && folded != parent && is_or_below(folded, parent);
}

// In network order; empty when `text` is no address.
std::string address_octets(std::string text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    std::array<char, 16> octets{};
    if (text.find('\0') != std::string::npos)
        return {};
    if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1)
        return {octets.data(), 4};
    if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1)
        return {octets.data(), 16};
    return {};
}

template <typename Test>
bool any_alternative_name(const Certificate& certificate, int type, Test test) {
    const ErrorQueue errors;
    const Handle<GENERAL_NAMES, GENERAL_NAMES_free> names{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.native(), NID_subject_alt_name, nullptr, nullptr))};
    for (int index = 0; names && index < sk_GENERAL_NAME_num(names.get()); ++index) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), index);
        if (name->type == type && test(octets(type == GEN_DNS ? name->d.dNSName : name->d.iPAddress)))
            return true;
    }
    return false;
}

} // namespace

bool dns_name_matches(std::string_view presented, std::string_view host) {
    const auto name = fold_case(presented);
    const auto wanted = fold_case(host);
    if (!is_host_name(wanted))
        return false;
    if (const auto parent = wildcard_parent(name)) {
        const auto dot = wanted.find('.');
        return dot != std::string::npos && std::string_view(wanted).substr(dot + 1) == *parent;
    }
    return name == wanted;
}

bool matches(const Certificate& certificate, const RequiredName& required) {
    if (required.kind == RequiredName::Kind::any)
        return true;
    if (const auto address = address_octets(required.text); !address.empty()) {
        return required.kind == RequiredName::Kind::exact &&
               any_alternative_name(certificate, GEN_IPADD,
                                    [&](std::string_view octets) { return octets == address; });
    }
    std::string wanted = fold_case(required.text);
    if (wanted.ends_with('.'))
        wanted.pop_back();
    if (!is_host_name(wanted))
        return false;
    return any_alternative_name(certificate, GEN_DNS, [&](std::string_view presented) {
        return required.kind == RequiredName::Kind::exact ? dns_name_matches(presented, wanted)
                                                          : lies_below(presented, wanted);
    });
}

std::string names_in_words(const Certificate& certificate) {
    auto names = certificate.dns_names();
    const auto addresses = certificate.ip_addresses();
    names.insert(names.end(), addresses.begin(), addresses.end());
    if (names.empty())
        return "it has no name in subjectAltName (the common name does not count)";
    const auto count = names.size();
    names.resize(std::min(count, names_told));
    std::string text =
        fmt::format("{} {}", count == 1 ? "its name is" : "its names are", fmt::join(names, ", "));
    if (count > names_told)
        text += fmt::format(" and {} more", count - names_told);
    return text;
}

} // namespace sendconnector::policy
