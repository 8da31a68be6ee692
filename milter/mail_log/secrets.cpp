// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/secrets.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace sendconnector::mail_log {
namespace {

// What is shorter is found in ordinary words as well.
constexpr std::size_t shortest = 4;
constexpr std::size_t most = 64;

// RFC 4648 4, which is how AUTH LOGIN sends a password.
std::string base64(std::string_view octets) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const std::string_view three = octets.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8U | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= three.size() ? digits[bits >> (18 - 6 * i) & 63U] : '=';
    }
    return out;
}

// How much of the end of `text` may be the beginning of `secret`.
std::size_t cut_off(std::string_view text, std::string_view secret) {
    for (std::size_t length = std::min(text.size(), secret.size()); length > 0; --length)
        if (text.ends_with(secret.substr(0, length)))
            return length;
    return 0;
}

} // namespace

void Secrets::begin(std::string_view password) {
    if (password == m_password)
        return;
    m_password = password;
    m_secrets.clear();
    add(password);
    add(base64(password));
}

void Secrets::add(std::string_view response) {
    if (response.size() < shortest || m_secrets.size() >= most ||
        std::ranges::find(m_secrets, response) != m_secrets.end())
        return;
    m_secrets.emplace_back(response);
    // One may end in another.
    std::ranges::stable_sort(m_secrets, std::greater(), &std::string::size);
}

std::string Secrets::hide(std::string_view text, bool is_cut) const {
    std::string shown(text);
    for (const std::string& secret : m_secrets)
        for (std::size_t at = shown.find(secret); at != std::string::npos;
             at = shown.find(secret, at + hidden_secret.size()))
            shown.replace(at, secret.size(), hidden_secret);
    if (!is_cut)
        return shown;
    std::size_t longest = 0;
    for (const std::string& secret : m_secrets)
        longest = std::max(longest, cut_off(shown, secret));
    return longest == 0 ? shown : shown.substr(0, shown.size() - longest) + std::string(hidden_secret);
}

} // namespace sendconnector::mail_log
