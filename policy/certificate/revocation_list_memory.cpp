// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_list_memory.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <numeric>
#include <openssl/sha.h>

namespace sendconnector::policy {

namespace {

constexpr std::size_t worth_remembering = 65'536;
constexpr std::size_t most_octets_kept = 16 << 20; // encoded; read, they are several times as much

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

struct Remembered {
    Digest digest;
    std::size_t octets;
    std::shared_ptr<const RevocationList> list;
};

Result<std::shared_ptr<const RevocationList>> read_list(std::string_view octets) {
    return RevocationList::read(octets).map(
        [](RevocationList&& list) { return std::make_shared<const RevocationList>(std::move(list)); });
}

} // namespace

Result<std::shared_ptr<const RevocationList>> remembered_list(std::string_view octets) {
    if (octets.size() < worth_remembering || octets.size() > most_octets_kept) {
        return read_list(octets);
    }
    thread_local std::list<Remembered> memory; // the last one used in front
    Digest digest;
    SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
    const auto found = std::find_if(memory.begin(), memory.end(), [&](const Remembered& one) {
        return one.octets == octets.size() && one.digest == digest;
    });
    if (found != memory.end()) {
        memory.splice(memory.begin(), memory, found);
        return found->list;
    }
    auto list = read_list(octets);
    if (list) {
        memory.push_front({digest, octets.size(), *list});
        auto sum =
            std::accumulate(memory.begin(), memory.end(), std::size_t{0},
                            [](std::size_t total, const Remembered& one) { return total + one.octets; });
        for (; sum > most_octets_kept; memory.pop_back()) {
            sum -= memory.back().octets;
        }
    }
    return list;
}

} // namespace sendconnector::policy
