// SPDX-License-Identifier: Apache-2.0
// Key: a private key for tests. Making one is slow, so the process keeps each: the same description and
// number is the same key.
#pragma once

#include <memory>
#include <string>

struct evp_pkey_st;

namespace sendconnector::test {

class Key {
public:
    static Key rsa(int bits = 2048, int number = 0);
    static Key rsa_pss(int bits = 2048, int number = 0); // a key that signs with RSASSA-PSS only
    // "P-256", "P-384", "prime192v1", "secp256k1", ...
    static Key ec(const std::string& curve = "P-256", int number = 0);
    // The curve's parameters spelled out instead of its name.
    static Key ec_explicit(const std::string& curve = "P-256", int number = 0);
    static Key ed25519(int number = 0);
    static Key ed448(int number = 0);
    static Key dsa(int bits = 2048, int number = 0);

    std::string pem() const; // PKCS #8
    evp_pkey_st* native() const { return m_key.get(); }

private:
    explicit Key(std::shared_ptr<evp_pkey_st> key) : m_key(std::move(key)) {}
    static Key kept(const std::string& type, const std::string& detail, int number);
    std::shared_ptr<evp_pkey_st> m_key;
};

// The next key that nobody has got from here before: cheap (P-256).
Key fresh_key();

} // namespace sendconnector::test
