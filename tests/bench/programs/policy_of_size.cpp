// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/programs/policy_of_size.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <random>
#include <stdexcept>

namespace sendconnector::bench {

namespace {

constexpr std::size_t connectors = 10;
// More distinct addresses would be no other than fewer: no cache holds what these touch.
constexpr std::size_t most_addresses = 1'000'000;

enum class Kind { domain, mailbox, domain_and_below };

Kind kind_of(std::size_t number) {
    const auto digit = number % 10;
    return digit < 7 ? Kind::domain : digit < 9 ? Kind::mailbox : Kind::domain_and_below;
}

std::string domain(std::size_t number) {
    static constexpr std::array<std::string_view, 8> first = {"amber",  "birch", "copper", "delta",
                                                              "garnet", "maple", "onyx",   "prairie"};
    static constexpr std::array<std::string_view, 8> second = {"bakery", "clinic", "estates", "foods",
                                                               "hotel",  "legal",  "realty",  "tools"};
    return fmt::format("{}-{}-{:07}.example", first[number % 8], second[number / 8 % 8],
                       number * 7919 % 10'000'019);
}

std::string sender(std::size_t number) {
    switch (kind_of(number)) {
    case Kind::domain:
        return domain(number);
    case Kind::mailbox:
        return "user" + std::to_string(number % 97) + '@' + domain(number);
    case Kind::domain_and_below:
        break;
    }
    return "*." + domain(number);
}

std::string hit(std::size_t number) {
    const auto user = "user" + std::to_string(number % 97) + '@';
    return kind_of(number) == Kind::domain_and_below ? user + "mail." + domain(number)
                                                     : user + domain(number);
}

policy::Policy make(std::size_t count) {
    std::vector<policy::SendConnector> made(connectors);
    for (std::size_t number = 0; number < connectors; ++number) {
        made[number].name = "c" + std::to_string(number);
        made[number].senders.clear();
        made[number].address_spaces.push_back(*policy::AddressSpace::parse("*"));
    }
    policy::SenderList listed;
    for (std::size_t number = 0; number < count; ++number)
        if (!listed.add(sender(number), static_cast<std::uint32_t>(number % connectors)))
            throw std::runtime_error("more senders than a list takes");
    auto policy = policy::Policy::make({}, std::move(made), std::move(listed), 42);
    if (!policy)
        throw std::runtime_error(policy.error().text);
    return std::move(*policy);
}

// `wanted` different numbers below `count`, in random order.
std::vector<std::size_t> some_of(std::size_t count, std::size_t wanted) {
    std::vector<std::size_t> numbers(count);
    for (std::size_t number = 0; number < count; ++number)
        numbers[number] = number;
    std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(count));
    numbers.resize(std::min(wanted, count));
    return numbers;
}

} // namespace

void Addresses::add(std::string_view address) {
    m_octets += address;
    m_starts.push_back(m_octets.size());
}

PolicyOfSize::PolicyOfSize(std::size_t senders) : m_policy(make(senders)) {
    for (const auto number : some_of(senders, most_addresses)) {
        hits.add(hit(number));
        misses.add(fmt::format("user{}@a.b.c.elsewhere-{:07}.example", number % 97, number));
        const auto below = number - number % 10 + 9; // senders of that kind
        deep.add(fmt::format("user{}@f.e.d.c.b.a.{}", number % 97,
                             domain(std::min(below, senders / 10 * 10 - 1))));
    }
}

} // namespace sendconnector::bench
