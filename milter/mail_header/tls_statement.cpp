// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/tls_statement.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <vector>

namespace sendconnector::mail_header {
namespace {

// No comment about TLS is longer; what goes on about the client's certificate is not needed.
constexpr std::size_t longest_comment = 1000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Split at any of `separators`, nothing empty.
std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> words;
    for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return words;
}

// "256/256", "256": the key length in use.
int bits_of(std::string_view text) {
    int bits = 0;
    if (!text.empty() && text.size() < 12)
        std::from_chars(text.data(), text.data() + text.size(), bits);
    return std::max(bits, 0);
}

// "ECDHE-RSA-AES256-GCM-SHA384", "TLS_AES_128_GCM_SHA256".
bool is_cipher(std::string_view word) {
    return word.size() >= 6 && word.find_first_of("-_") != std::string_view::npos &&
           std::ranges::all_of(word, [](char c) {
               return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
           });
}

// "version=TLS1_3 cipher=X bits=256/256", in any order.
TlsStatement of_assignments(const std::vector<std::string_view>& words) {
    TlsStatement tls;
    for (const std::string_view word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string name = policy::fold_case(word.substr(0, equals));
        const std::string_view value = word.substr(equals + 1);
        if (name == "version" && tls.protocol.empty())
            tls.protocol = tls_version(value);
        else if (name == "cipher" && tls.cipher.empty() && is_cipher(value))
            tls.cipher = value;
        else if (name == "bits" && tls.bits == 0)
            tls.bits = bits_of(value);
    }
    return tls;
}

// "using TLSv1.3 with cipher X (256/256 bits)".
TlsStatement of_sentence(const std::vector<std::string_view>& words) {
    TlsStatement tls;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string word = policy::fold_case(words[i]);
        if (word == "using" && tls.protocol.empty())
            tls.protocol = tls_version(words[i + 1]);
        else if (word == "cipher" && tls.cipher.empty() && is_cipher(words[i + 1]))
            tls.cipher = words[i + 1];
        else if (words[i + 1] == "bits" && tls.bits == 0)
            tls.bits = bits_of(words[i]);
        else if (words[i + 1] == "encrypted" && is_cipher(words[i]))
            tls.cipher = words[i];
    }
    return tls;
}

// "TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256", "TLS1.3".
TlsStatement of_colons(std::string_view comment) {
    TlsStatement tls;
    const std::vector<std::string_view> parts = split(comment, ":");
    if (parts.empty() || comment.find(' ') != std::string_view::npos)
        return tls;
    tls.protocol = tls_version(parts[0]);
    if (tls.protocol.empty())
        return tls;
    if (parts.size() > 1 && is_cipher(parts[1]))
        tls.cipher = parts[1];
    if (parts.size() > 2)
        tls.bits = bits_of(parts[2]);
    return tls;
}

} // namespace

std::string tls_version(std::string_view word) {
    const std::string name = policy::fold_case(word.substr(0, 12));
    const bool is_ssl = name.starts_with("ssl");
    if (!is_ssl && !name.starts_with("tls"))
        return {};
    std::size_t at = 3;
    if (at < name.size() && (name[at] == 'v' || name[at] == '_'))
        ++at;
    if (at >= name.size() || !is_digit(name[at]) || (name[at] > '3'))
        return {};
    std::string version{name[at]};
    if (++at < name.size()) {
        // "1.3", "1_3", "13"
        at += name[at] == '.' || name[at] == '_' ? 1U : 0U;
        if (at + 1 != name.size() || !is_digit(name[at]))
            return {};
        version += std::string(".") + name[at];
    }
    if (version == "1.0")
        version = "1";
    return (is_ssl ? "SSLv" : "TLSv") + version;
}

TlsStatement tls_of_comment(std::string_view comment) {
    comment = comment.substr(0, longest_comment);
    const std::vector<std::string_view> words = split(comment, " \t,;()");
    TlsStatement best = of_assignments(words);
    for (TlsStatement other : {of_sentence(words), of_colons(comment)})
        if (other.tells_more_than(best))
            best = std::move(other);
    best.is_encrypted = !best.protocol.empty() || !best.cipher.empty() || comment == "TLS";
    if (!best.is_encrypted)
        best.bits = 0;
    return best;
}

bool is_tls_protocol(std::string_view with) {
    const std::string name = policy::fold_case(with.substr(0, 20));
    for (const std::string_view known :
         {"esmtps", "esmtpsa", "smtps", "smtpsa", "lmtps", "lmtpsa", "utf8smtps", "utf8smtpsa", "utf8lmtps",
          "utf8lmtpsa", "https", "asmtps"})
        if (name == known)
            return true;
    return false;
}

} // namespace sendconnector::mail_header
