// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/html_text.hpp"

#include "conf/plain_text.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace sendconnector::ctl {
namespace {

// As a Content-Security-Policy names a style sheet.
std::string digest_of(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    std::array<unsigned char, 4 * (SHA256_DIGEST_LENGTH / 3 + 1) + 1> base64{};
    if (::EVP_Digest(text.data(), text.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) != 1)
        return {};
    const int length = ::EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
    return {base64.begin(), base64.begin() + length};
}

} // namespace

std::string html_text(std::string_view text, std::size_t longest) {
    std::string html;
    for (const char c : conf::escaped(conf::shortened(text, longest))) {
        switch (c) {
        case '&':
            html += "&amp;";
            break;
        case '<':
            html += "&lt;";
            break;
        case '>':
            html += "&gt;";
            break;
        case '"':
            html += "&quot;";
            break;
        case '\'':
            html += "&#39;";
            break;
        default:
            html += c;
        }
    }
    return html;
}

std::string element(std::string_view name, std::string_view classes, std::string_view content) {
    return classes.empty() ? fmt::format("<{0}>{1}</{0}>", name, content)
                           : fmt::format("<{0} class=\"{1}\">{2}</{0}>", name, classes, content);
}

std::string html_page(std::string_view title, std::string_view style, std::string_view body) {
    return fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "style-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<meta name=\"referrer\" content=\"no-referrer\">\n"
                       "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
                       digest_of(style), html_text(title, 200), style, body);
}

} // namespace sendconnector::ctl
