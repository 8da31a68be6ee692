// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_fetch.hpp"

#include <utility>

namespace sendconnector::starttls {

namespace {

constexpr std::chrono::minutes clock_skew{5};

}

Fetched read(const policy::RevocationSource& source, DownloadResult result, std::chrono::sys_seconds now) {
    Fetched fetched;
    if (!result.failure.empty()) {
        fetched.failure = std::move(result.failure);
        return fetched;
    }
    const auto fresh = policy::freshness(source, result.octets);
    if (!fresh) {
        fetched.failure = fresh.error().text;
        fetched.answered = true;
    } else if (fresh->this_update > now + clock_skew) {
        fetched.failure = "the answer is from the future";
        fetched.answered = true;
    } else if (fresh->next_update <= now) {
        fetched.failure = "the server gives an answer that has run out";
    } else {
        fetched.fresh = *fresh;
        fetched.deltas = policy::delta_sources(source, result.octets);
        fetched.octets = std::move(result.octets);
    }
    return fetched;
}

} // namespace sendconnector::starttls
