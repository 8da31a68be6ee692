// SPDX-License-Identifier: Apache-2.0
#include "conf/distinguished_name.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <optional>
#include <utility>

namespace sendconnector::conf {

namespace {

// Keywords of CertNameToStr(); the first of a type is what Windows prints.
constexpr std::pair<std::string_view, std::string_view> keywords[] = {
    {"CN", "2.5.4.3"},
    {"L", "2.5.4.7"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"E", "1.2.840.113549.1.9.1"},
    {"C", "2.5.4.6"},
    {"S", "2.5.4.8"},
    {"ST", "2.5.4.8"},
    {"STREET", "2.5.4.9"},
    {"T", "2.5.4.12"},
    {"G", "2.5.4.42"},
    {"I", "2.5.4.43"},
    {"SN", "2.5.4.4"},
    {"DC", "0.9.2342.19200300.100.1.25"},
    {"SERIALNUMBER", "2.5.4.5"},
    {"Description", "2.5.4.13"},
    {"PostalCode", "2.5.4.17"},
    {"POBox", "2.5.4.18"},
    {"Phone", "2.5.4.20"},
    {"dnQualifier", "2.5.4.46"},
};

std::string dotted(const ASN1_OBJECT* object) {
    std::array<char, 256> text{};
    const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    return length > 0 && length < static_cast<int>(text.size()) ? text.data() : "";
}

// Empty: nobody knows the keyword.
std::string type_of(std::string_view keyword) {
    const std::string folded = policy::fold_case(keyword);
    for (const auto& [word, type] : keywords) {
        if (policy::fold_case(word) == folded) {
            return std::string(type);
        }
    }
    const std::string name(folded.starts_with("oid.") ? keyword.substr(4) : keyword);
    const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> object(OBJ_txt2obj(name.c_str(), 0),
                                                                           &ASN1_OBJECT_free);
    ERR_clear_error();
    return object ? dotted(object.get()) : "";
}

std::string keyword_of(std::string_view type) {
    for (const auto& [word, known] : keywords) {
        if (known == type) {
            return std::string(word);
        }
    }
    return fmt::format("OID.{}", type);
}

// Characters for which Windows puts a value in quotes.
std::string quoted_where_needed(const std::string& value) {
    const bool special = value.find_first_of(",+=\"\n<>#;") != std::string::npos || value.empty() ||
                         value.front() == ' ' || value.back() == ' ';
    if (!special) {
        return value;
    }
    std::string text = "\"";
    for (const char c : value) {
        text.append(c == '"' ? 2 : 1, c);
    }
    return text + "\"";
}

// One value, from the `=` on; what is left begins with the separator, or is empty.
std::optional<std::string> take_value(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::string value;
    if (!rest.starts_with('"')) {
        const std::size_t end = std::min(rest.find_first_of(",;+\""), rest.size());
        value = trimmed(rest.substr(0, end), " ");
        rest.remove_prefix(end);
        return value.empty() || rest.starts_with('"') ? std::nullopt : std::optional(value);
    }
    rest.remove_prefix(1);
    for (;;) {
        const std::size_t quote = rest.find('"');
        if (quote == std::string_view::npos) {
            return std::nullopt;
        }
        value += rest.substr(0, quote);
        rest.remove_prefix(quote + 1);
        if (!rest.starts_with('"')) {
            rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
            return value;
        }
        value += '"';
        rest.remove_prefix(1);
    }
}

// Lower case, one blank where there are several, none at the ends.
std::string folded_value(std::string_view value) {
    std::string text;
    for (const char c : trimmed(value, " ")) {
        if (c != ' ' || text.back() != ' ') {
            text += c;
        }
    }
    return policy::fold_case(text);
}

} // namespace

Result<DistinguishedName> DistinguishedName::parse(std::string_view text) {
    const auto refused = [&](std::string_view why) {
        return fail(fmt::format("{} {}", in_quotes(text), why),
                    "write it as Exchange prints it, such as CN=R3, O=Let's Encrypt, C=US");
    };
    DistinguishedName name;
    std::string_view rest = text;
    bool joins = false; // the value before ended with +
    do {
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return refused("is not a distinguished name");
        }
        const std::string_view keyword = trimmed(rest.substr(0, equals), " ");
        const std::string type = keyword.empty() ? "" : type_of(keyword);
        if (type.empty()) {
            return refused(fmt::format("has a part {} that is not known", in_quotes(keyword)));
        }
        rest.remove_prefix(equals + 1);
        auto value = take_value(rest);
        if (!value || !(rest.empty() || std::string_view(",;+").find(rest.front()) != std::string::npos)) {
            return refused(fmt::format("has no value for {}, or a stray quotation mark", in_quotes(keyword)));
        }
        if (!joins) {
            name.m_parts.emplace_back();
        }
        name.m_parts.back().push_back({type, std::move(*value)});
        joins = rest.starts_with('+');
        if (rest.size() == 1) {
            return refused("ends with a separator");
        }
        rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    } while (!rest.empty());
    return name;
}

Result<DistinguishedName> DistinguishedName::of(const X509_name_st& name) {
    DistinguishedName result;
    int set = -1;
    for (int i = X509_NAME_entry_count(&name) - 1; i >= 0; --i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(&name, i);
        unsigned char* octets = nullptr;
        const int length = ASN1_STRING_to_UTF8(&octets, X509_NAME_ENTRY_get_data(entry));
        const std::string type = dotted(X509_NAME_ENTRY_get_object(entry));
        if (length < 0 || type.empty()) {
            ERR_clear_error();
            return fail("a name in the certificate cannot be read");
        }
        std::string value(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length));
        OPENSSL_free(octets);
        if (result.m_parts.empty() || X509_NAME_ENTRY_set(entry) != set) {
            result.m_parts.emplace_back();
            set = X509_NAME_ENTRY_set(entry);
        }
        // Within a part in the order of encoding.
        Part& part = result.m_parts.back();
        part.insert(part.begin(), {type, std::move(value)});
    }
    return result;
}

std::string DistinguishedName::text() const {
    std::string text;
    for (const Part& part : m_parts) {
        text += text.empty() ? "" : ", ";
        for (std::size_t i = 0; i < part.size(); ++i) {
            text += fmt::format("{}{}={}", i == 0 ? "" : " + ", keyword_of(part[i].type),
                                quoted_where_needed(part[i].value));
        }
    }
    return text;
}

std::vector<std::string> DistinguishedName::comparable(const Part& part) {
    std::vector<std::string> attributes;
    for (const Attribute& attribute : part) {
        attributes.push_back(fmt::format("{}={}", attribute.type, folded_value(attribute.value)));
    }
    std::sort(attributes.begin(), attributes.end());
    return attributes;
}

bool operator==(const DistinguishedName& a, const DistinguishedName& b) {
    return std::equal(a.m_parts.begin(), a.m_parts.end(), b.m_parts.begin(), b.m_parts.end(),
                      [](const auto& left, const auto& right) {
                          return DistinguishedName::comparable(left) == DistinguishedName::comparable(right);
                      });
}

} // namespace sendconnector::conf
