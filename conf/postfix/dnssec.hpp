// SPDX-License-Identifier: Apache-2.0
// Whether smtp(8) has what DANE stands on: a name server on this host that validates DNSSEC. An answer from
// further away could be anybody's (RFC 7672 1.3, RFC 6840 5.8).
#pragma once

#include "policy/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

// The resolv.conf(5) that a service reads: `chroot` is its column in master.cf, "-" for the default, which
// depends on compatibility_level.
std::filesystem::path resolver_file(const std::string& queue_directory, std::string_view chroot,
                                    std::string_view compatibility_level);

// The addresses that the C library takes from it: of the first three `nameserver` lines, or 127.0.0.1 where
// there is none.
std::vector<std::string> name_servers(std::string_view resolv_conf);

// Asks a name server for the SOA of the root, by UDP, and wants it back authenticated (AD). Fails when it is
// not, and when that could not be told before `deadline`; the error says which.
Result<void> check_validation(const std::string& address, std::uint16_t port,
                              std::chrono::steady_clock::time_point deadline);

// Every name server of a resolv.conf(5): on a loopback address, and validating. Within `limit` as a whole. A
// file that is not there has none.
Result<void> check_dnssec(const std::filesystem::path& resolv_conf,
                          std::chrono::milliseconds limit = std::chrono::seconds(3));

} // namespace sendconnector::conf::postfix
