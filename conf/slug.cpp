// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"

#include "policy/domain.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace sendconnector::conf {

namespace {

// master(8) makes a socket `private/sc-SLUG` below the queue directory: sun_path has 108 octets for all of
// it.
constexpr std::size_t longest_slug = 60;
constexpr std::size_t kept_of_longer = 44;
constexpr std::size_t hash_octets = 6;

std::string hash_of(std::string_view folded) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(folded.data(), folded.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::string hex;
    for (std::size_t i = 0; i < hash_octets; ++i)
        hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

} // namespace

std::string slug(std::string_view connector_name) {
    const auto folded = policy::fold_case(connector_name);
    std::string result;
    for (const char c : folded) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            result += c;
        else if (c == ' ')
            result += '-';
        else if (c == '-')
            result += "--";
        else
            result += fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
    // `_` and `_h` at these places are no `_xx`: neither form can be another name's.
    if (result == "split")
        return "split_";
    if (result.size() > longest_slug)
        return result.substr(0, kept_of_longer) + "_h" + hash_of(folded);
    return result;
}

std::string service_name(std::string_view connector_name) {
    return "sc-" + slug(connector_name);
}

} // namespace sendconnector::conf
