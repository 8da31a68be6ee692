// SPDX-License-Identifier: Apache-2.0
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <idn2.h>
#include <memory>

namespace sendconnector::policy {

namespace {

constexpr std::size_t longest_name = 253; // RFC 1035 3.1, without the root's dot
constexpr std::size_t longest_label = 63;

// Nothing when libidn2 refuses the name.
tl::expected<std::string, std::string> to_a_labels(std::string_view text) {
    const std::string input(text);
    char* raw = nullptr;
    const int code = idn2_to_ascii_8z(input.c_str(), &raw, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const std::unique_ptr<char, decltype(&idn2_free)> output(raw, &idn2_free);
    if (code != IDN2_OK)
        return tl::unexpected<std::string>(idn2_strerror(code));
    return std::string(output.get());
}

// What is wrong with a folded ASCII name; empty when nothing is.
std::string_view fault(std::string_view name) {
    if (name.empty())
        return "it is empty";
    if (name.size() > longest_name)
        return "it is longer than 253 octets";
    std::size_t label_start = 0;
    while (label_start <= name.size()) {
        const auto label_end = std::min(name.find('.', label_start), name.size());
        const auto label = name.substr(label_start, label_end - label_start);
        if (label.empty())
            return "it has an empty label";
        if (label.size() > longest_label)
            return "it has a label longer than 63 octets";
        if (label.front() == '-' || label.back() == '-')
            return "a label starts or ends with '-'";
        const bool plain = std::all_of(label.begin(), label.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
        if (!plain)
            return "it has a character that no host name has";
        label_start = label_end + 1;
    }
    return {};
}

} // namespace

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string fold_case(std::string_view text) {
    std::string folded(text);
    std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) { return fold_case(c); });
    return folded;
}

bool append_domain(std::string& out, std::string_view text) {
    if (!is_ascii(text)) {
        const auto parsed = Domain::parse(text);
        if (parsed)
            out.append(parsed->text());
        return parsed.has_value();
    }
    if (text.size() > 1 && text.back() == '.')
        text.remove_suffix(1);
    const auto before = out.size();
    for (const char c : text)
        out.push_back(fold_case(c));
    if (fault(std::string_view(out).substr(before)).empty())
        return true;
    out.resize(before);
    return false;
}

Result<Domain> Domain::parse(std::string_view text) {
    std::string_view name = text;
    if (name.size() > 1 && name.back() == '.')
        name.remove_suffix(1);
    std::string folded = fold_case(name);
    if (!is_ascii(folded)) {
        auto converted = to_a_labels(folded);
        if (!converted)
            return fail(fmt::format("\"{}\" is no domain name: {}", text, converted.error()));
        folded = fold_case(*converted);
    }
    if (const auto wrong = fault(folded); !wrong.empty())
        return fail(fmt::format("\"{}\" is no domain name: {}", text, wrong));
    return Domain(std::move(folded));
}

std::string comparable_domain(std::string_view text) {
    if (!text.empty() && text.back() == '.')
        text.remove_suffix(1);
    std::string folded = fold_case(text);
    if (is_ascii(folded))
        return folded;
    auto converted = to_a_labels(folded);
    return converted ? fold_case(*converted) : folded;
}

std::size_t labels_of(std::string_view domain) {
    return static_cast<std::size_t>(std::count(domain.begin(), domain.end(), '.')) + 1;
}

bool is_or_below(std::string_view name, std::string_view parent) {
    if (!name.ends_with(parent))
        return false;
    return name.size() == parent.size() || name[name.size() - parent.size() - 1] == '.';
}

} // namespace sendconnector::policy
