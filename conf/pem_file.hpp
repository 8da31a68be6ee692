// SPDX-License-Identifier: Apache-2.0
// Files of certificates and keys, as Postfix will want them.
#pragma once

#include "conf/file_flaw.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::conf {

// PEM certificates to trust: at least one, each of which parses. Expired ones are a warning unless all are.
std::optional<FileFlaw> inspect_ca_file(const std::string& path);

struct KeyPairProblem {
    bool in_key; // else in the chain
    FileFlaw problem;
};

// `chain` begins with the own certificate, `key` (may be the same file) holds its private key without a
// passphrase. Validity is judged by this host's clock. Warnings: a certificate that expires within 30 days,
// or that does not name `host` (empty: not looked at), and a key that anyone may read.
std::vector<KeyPairProblem> inspect_key_pair(const std::string& chain, const std::string& key,
                                             const std::string& host);

} // namespace sendconnector::conf
