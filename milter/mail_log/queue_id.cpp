// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/queue_id.hpp"

#include <algorithm>

namespace sendconnector::mail_log {
namespace {

// Microseconds in hexadecimal are never fewer digits than this, and an inode has one.
constexpr std::size_t shortest = 6;
// 11 digits for 64 bits to the base 52, each side of the z.
constexpr std::size_t longest = 24;

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool is_of_base_52(char c) {
    return (c >= '0' && c <= '9') ||
           std::string_view("BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz").find(c) != std::string_view::npos;
}

} // namespace

bool is_queue_id(std::string_view text) {
    if (text.size() < shortest || text.size() > longest)
        return false;
    if (std::all_of(text.begin(), text.end(), is_hexadecimal))
        return true;
    return text.find('z', 1) != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), is_of_base_52);
}

std::string_view leading_queue_id(std::string_view text) {
    const std::size_t colon = text.substr(0, longest + 1).find(':');
    if (colon == std::string_view::npos || text.substr(colon, 2) != ": ")
        return {};
    const std::string_view id = text.substr(0, colon);
    return is_queue_id(id) ? id : std::string_view();
}

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

} // namespace sendconnector::mail_log
