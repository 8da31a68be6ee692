// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_entry.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace {

// A source that only fails is not asked in the background any more when nobody wants it for this long.
constexpr std::chrono::hours lost_interest{1};
constexpr unsigned longest_pause = 8; // times retry_after_failure

} // namespace

std::optional<policy::RevocationAnswer> RevocationEntry::answer(Wall now) const {
    if (holds(now)) {
        return policy::RevocationAnswer{octets, {}, false};
    }
    if (!failure.empty()) {
        return policy::RevocationAnswer{{}, failure, answered};
    }
    if (!octets.empty()) {
        return policy::RevocationAnswer{
            {},
            fmt::format("the answer ran out on {:%Y-%m-%d %H:%M:%S} UTC",
                        fmt::gmtime(std::chrono::system_clock::to_time_t(fresh.next_update))),
            false};
    }
    return std::nullopt;
}

void RevocationEntry::take(std::string answer_octets, policy::RevocationFreshness freshness, Wall at) {
    octets = std::move(answer_octets);
    fresh = freshness;
    fetched = at;
    distrusted = false;
    failure.clear();
    answered = false;
    failures = 0;
}

void RevocationEntry::note_failure(std::string text, bool something_came, Steady at) {
    failure = std::move(text);
    answered = something_came;
    ++failures;
    failed_at = at;
}

void RevocationEntry::drop() {
    if (failure.empty()) {
        // Told as long as nothing better is known.
        failure = answer(fresh.next_update).value_or(policy::RevocationAnswer{}).failure;
    }
    octets.clear();
    octets.shrink_to_fit();
    deltas.clear();
    distrusted = false;
}

bool RevocationEntry::failed_lately(const RevocationStoreSettings& settings, Steady now) const {
    return failures > 0 && now < failed_at + settings.retry_after_failure;
}

std::optional<RevocationEntry::Wall> RevocationEntry::due(const RevocationStoreSettings& settings, Wall now,
                                                          Steady steady_now) const {
    if (fetching) {
        return std::nullopt;
    }
    const auto retry = std::max<std::chrono::seconds>(settings.retry_after_failure, std::chrono::seconds(1));
    if (failures > 0) {
        if (!holds(now) && wanted + lost_interest < now) {
            return std::nullopt;
        }
        const auto pause = retry * std::min(longest_pause, 1U << std::min(failures - 1, 8U));
        const auto left = std::chrono::ceil<std::chrono::seconds>(failed_at + pause - steady_now);
        return now + std::max(left, std::chrono::seconds(0));
    }
    if (octets.empty()) {
        return now;
    }
    if (distrusted) {
        return std::max(now, fetched + retry);
    }
    // What is left of the life counts: a list fetched late is asked for again soon, but never at once.
    const auto left = std::max(fresh.next_update - fetched, std::chrono::seconds(0));
    const auto share = std::chrono::seconds(
        static_cast<std::chrono::seconds::rep>(static_cast<double>(left.count()) * settings.renew_at));
    const auto pause = std::max(std::min(share, settings.longest_life), std::min(retry, left));
    return std::max(now, fetched + pause);
}

} // namespace sendconnector::starttls
