// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/identity_seal.hpp"

#include "conf/postfix/identity_key.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <optional>
#include <stdexcept>

namespace sendconnector::filter {

namespace {

using CipherContext = policy::Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using policy::octets;

// version | nonce | encrypted(expiry | login) | tag. What a later version has to say goes behind another
// version octet; this one takes only its own.
constexpr char version = 1;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t expiry_size = 8;
constexpr std::size_t frame_size = 1 + nonce_size + expiry_size + tag_size;
constexpr std::string_view white_space = " \t\r\n";

static_assert((frame_size + IdentitySeal::longest_login) % 3 == 0 &&
              (frame_size + IdentitySeal::longest_login) / 3 * 4 == IdentitySeal::longest_token);

// RFC 5322 2.2.3: only the line end goes, the white space behind it stays.
std::string unfolded(std::string_view value) {
    std::string line;
    for (const char c : trimmed(value, white_space)) {
        if (c != '\r' && c != '\n') {
            line += c;
        }
    }
    return line;
}

std::string big_endian(std::uint64_t number) {
    std::string text(8, '\0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 8U) {
        *digit = static_cast<char>(number & 0xffU);
    }
    return text;
}

std::uint64_t from_big_endian(std::string_view text) {
    std::uint64_t number = 0;
    for (const char digit : text) {
        number = number << 8U | static_cast<unsigned char>(digit);
    }
    return number;
}

// Each part with its length, so that no two messages look the same.
std::string associated_data(const Binding& binding) {
    std::string data = "X-Sendconnector-Identity";
    data += version;
    for (const auto& part : {binding.sender, unfolded(binding.message_id), unfolded(binding.date)}) {
        data += big_endian(part.size());
        data += part;
    }
    return data;
}

// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(bytes),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

// Only what base64url() writes.
std::optional<std::string> from_base64url(std::string_view token) {
    std::string text(token);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.resize((text.size() + 3) / 4 * 4, '=');
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets(text),
                        static_cast<int>(text.size())) < 0) {
        return std::nullopt;
    }
    bytes.resize(token.size() * 3 / 4);
    return base64url(bytes) == token ? std::optional(std::move(bytes)) : std::nullopt;
}

void require(bool done) {
    if (!done) {
        throw std::runtime_error("libcrypto cannot seal with AES-256-GCM");
    }
}

// A context with key, nonce and associated data, for either direction.
CipherContext begin(bool encrypting, const unsigned char* key, std::string_view nonce,
                    const Binding& binding) {
    CipherContext context(EVP_CIPHER_CTX_new());
    require(context != nullptr);
    require(EVP_CipherInit_ex2(context.get(), EVP_aes_256_gcm(), key, octets(nonce), encrypting ? 1 : 0,
                               nullptr) == 1);
    const auto data = associated_data(binding);
    int size = 0;
    require(EVP_CipherUpdate(context.get(), nullptr, &size, octets(data), static_cast<int>(data.size())) ==
            1);
    return context;
}

std::string transform(EVP_CIPHER_CTX* context, std::string_view text) {
    std::string out(text.size(), '\0');
    int size = 0;
    require(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size, octets(text),
                             static_cast<int>(text.size())) == 1 &&
            static_cast<std::size_t>(size) == text.size());
    return out;
}

std::uint64_t seconds_of(IdentitySeal::TimePoint time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

} // namespace

Result<IdentitySeal> IdentitySeal::open(const std::string& state_directory) {
    auto octets = conf::postfix::read_identity_key(state_directory);
    if (!octets) {
        return tl::unexpected(octets.error());
    }
    Key key{};
    static_assert(std::tuple_size_v<Key> == conf::postfix::identity_key_size);
    std::copy(octets->begin(), octets->end(), key.begin());
    OPENSSL_cleanse(octets->data(), octets->size());
    IdentitySeal seal(key);
    OPENSSL_cleanse(key.data(), key.size());
    return seal;
}

IdentitySeal::~IdentitySeal() {
    OPENSSL_cleanse(m_key.data(), m_key.size());
}

Result<std::string> IdentitySeal::seal(const Identity& identity, const Binding& binding,
                                       TimePoint expires) const {
    if (identity.login.size() > longest_login) {
        return fail(fmt::format("the login name is longer than {} octets", longest_login));
    }
    const policy::ErrorQueue errors;
    std::string nonce(nonce_size, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), static_cast<int>(nonce.size())) != 1) {
        return fail("the system has no random numbers");
    }
    const auto context = begin(true, m_key.data(), nonce, binding);
    std::string token =
        version + nonce + transform(context.get(), big_endian(seconds_of(expires)) + identity.login);
    std::string tag(tag_size, '\0');
    int size = 0;
    require(EVP_CipherFinal_ex(context.get(), reinterpret_cast<unsigned char*>(tag.data()), &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                                tag.data()) == 1);
    return base64url(token + tag);
}

IdentitySeal::Opened IdentitySeal::open_token(std::string_view token, const Binding& binding,
                                              TimePoint now) const {
    token = trimmed(token, white_space);
    if (token.size() > longest_token) {
        return {};
    }
    const policy::ErrorQueue errors;
    const auto bytes = from_base64url(token);
    if (!bytes || bytes->size() < frame_size || bytes->front() != version) {
        return {};
    }
    const std::string_view view = *bytes;
    const auto context = begin(false, m_key.data(), view.substr(1, nonce_size), binding);
    auto plain =
        transform(context.get(), view.substr(1 + nonce_size, view.size() - 1 - nonce_size - tag_size));
    std::string tag(view.substr(view.size() - tag_size));
    std::array<unsigned char, tag_size> rest{}; // of nothing: GCM has no last block
    int size = 0;
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                                tag.data()) == 1);
    if (EVP_CipherFinal_ex(context.get(), rest.data(), &size) != 1) {
        return {};
    }
    if (seconds_of(now) >= from_big_endian(std::string_view(plain).substr(0, expiry_size))) {
        return {Opened::Kind::expired};
    }
    return {Opened::Kind::valid, {plain.substr(expiry_size)}};
}

} // namespace sendconnector::filter
