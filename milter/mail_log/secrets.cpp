// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/secrets.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace sendconnector::mail_log {
namespace {

// What is shorter is found in ordinary words as well.
constexpr std::size_t shortest_piece = 4;
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

// As it is in the middle of what is encoded, behind 3n + `before` octets of something else: the digits that
// depend on it alone.
std::string inside_base64(std::size_t before, std::string_view octets) {
    std::string out = base64(std::string(before, '\0').append(octets));
    out.erase(0, before + 1);
    if (const std::size_t padding = out.find('='); padding != std::string::npos)
        out.erase(std::max<std::size_t>(padding, 1) - 1);
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

void add_pieces(std::set<std::string, std::less<>>& pieces, std::string_view text) {
    for (std::size_t at = 0; at + shortest_piece <= text.size(); ++at)
        pieces.emplace(text.substr(at, shortest_piece));
}

bool has_one(const std::set<std::string, std::less<>>& pieces, std::string_view text) {
    for (std::size_t at = 0; at + shortest_piece <= text.size(); ++at)
        if (pieces.contains(text.substr(at, shortest_piece)))
            return true;
    return false;
}

} // namespace

void Secrets::begin(std::string_view password) {
    if (password == m_password)
        return;
    m_password = password;
    m_secrets.clear();
    m_encoded.clear();
    m_spelled.clear();
    add(password);
    add(base64(password));
    add_pieces(m_spelled, lower(password));
    for (const std::size_t before : {1U, 2U})
        add_pieces(m_encoded, inside_base64(before, password));
}

void Secrets::add(std::string_view response) {
    if (response.size() < shortest_piece || m_secrets.size() >= most ||
        std::ranges::find(m_secrets, response) != m_secrets.end())
        return;
    m_secrets.emplace_back(response);
    add_pieces(m_encoded, response);
    // One may end in another.
    std::ranges::stable_sort(m_secrets, std::greater(), &std::string::size);
}

std::string Secrets::hide(std::string_view text) const {
    std::string shown(text);
    for (const std::string& secret : m_secrets)
        for (std::size_t at = shown.find(secret); at != std::string::npos;
             at = shown.find(secret, at + hidden_secret.size()))
            shown.replace(at, secret.size(), hidden_secret);
    return shown;
}

bool Secrets::has_piece_in(std::string_view text) const {
    return has_one(m_encoded, text) || has_one(m_spelled, lower(text));
}

} // namespace sendconnector::mail_log
