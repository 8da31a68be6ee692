// SPDX-License-Identifier: Apache-2.0
#include "conf/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace sendconnector::conf {

namespace {

// Nobody misspells more than this, and the distance costs length times length.
constexpr std::size_t longest = 64;

std::string essence(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '_' || c == '-' || c == ' ') {
            continue;
        }
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

} // namespace

std::string_view nearest(std::string_view misspelt, std::span<const std::string_view> candidates) {
    const std::string wanted = essence(misspelt);
    if (wanted.empty() || wanted.size() > longest) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = wanted.size() / 3 + 1;
    for (const std::string_view candidate : candidates) {
        const std::string other = essence(candidate);
        if (other.size() > longest || other.size() + best_distance <= wanted.size() ||
            wanted.size() + best_distance <= other.size()) {
            continue;
        }
        const std::size_t d = distance(wanted, other);
        if (d < best_distance) {
            best_distance = d;
            best = candidate;
        }
    }
    return best;
}

} // namespace sendconnector::conf
