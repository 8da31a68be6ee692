// SPDX-License-Identifier: Apache-2.0
#include "conf/pem_objects.hpp"

#include <array>
#include <ctime>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace sendconnector::conf {

namespace {

using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;

Memory memory_of(const std::string& bytes) {
    return Memory(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// No passphrase, ever: OpenSSL would ask the terminal for one.
int no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

} // namespace

PemCertificates certificates_in(const std::string& bytes) {
    PemCertificates found;
    const Memory memory = memory_of(bytes);
    ERR_clear_error();
    bool asked = false;
    while (X509* certificate = PEM_read_bio_X509_AUX(memory.get(), nullptr, no_passphrase, &asked)) {
        found.certificates.emplace_back(certificate);
    }
    // The loop ends with "no start line" at the end of a sound file.
    const unsigned long last = ERR_peek_last_error();
    found.damaged = ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE;
    ERR_clear_error();
    return found;
}

PemKey private_key_in(const std::string& bytes) {
    PemKey found;
    const Memory memory = memory_of(bytes);
    ERR_clear_error();
    found.key.reset(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, &found.locked));
    ERR_clear_error();
    return found;
}

std::string date_of(const ASN1_TIME* time) {
    std::tm parts{};
    std::array<char, 32> text{};
    if (ASN1_TIME_to_tm(time, &parts) != 1 ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts) == 0) {
        return "an unreadable date";
    }
    return text.data();
}

} // namespace sendconnector::conf
