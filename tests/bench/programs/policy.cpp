// SPDX-License-Identifier: Apache-2.0
// What a decision costs in-process, by the number of senders.
//
//     bench_policy COUNT[,COUNT...] [options of Google Benchmark]
//
// Names are QUESTION/ADDRESSES/COUNT. `lookup`: an address is taken apart and decided by the sender alone, as
// the lookup endpoint does it; `decide`: for one recipient, as the milter does it. Each with what the policy
// names (hit), what it does not (miss), and what is six labels below what it names (deep). Beside them, as
// memory/read/OCTETS, what one read costs among as much memory as a million senders take.
#include "policy/decide.hpp"
#include "tests/bench/programs/cache_misses.hpp"
#include "tests/bench/programs/memory_walk.hpp"
#include "tests/bench/programs/policy_of_size.hpp"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

using namespace sendconnector;
using namespace sendconnector::bench;

namespace {

using Choose = Addresses& (*)(PolicyOfSize&);

// All stay until the end, so that runs of different sizes can alternate.
PolicyOfSize& of_size(std::size_t count) {
    static std::map<std::size_t, std::unique_ptr<PolicyOfSize>> made;
    auto& found = made[count];
    if (!found)
        found = std::make_unique<PolicyOfSize>(count);
    return *found;
}

template <class Ask>
void run(benchmark::State& state, std::size_t count, Choose choose, Ask ask) {
    auto& made = of_size(count);
    auto& addresses = choose(made);
    const CacheMisses misses;
    for (auto _ : state)
        benchmark::DoNotOptimize(ask(made.policy(), addresses.next()));
    if (const auto counted = misses.count(); counted && *counted > 0)
        state.counters["cache_misses"] =
            static_cast<double>(*counted) / static_cast<double>(state.iterations());
}

const policy::SendConnector* look_up(const policy::Policy& policy, std::string_view address) {
    return policy::decide_by_sender(policy, policy.parse_sender(address)).decision.connector;
}

const policy::SendConnector* decide_for_recipient(const policy::Policy& policy, std::string_view address) {
    const policy::Identities from{policy.parse_sender(address)};
    return policy::decide(policy, {.from = from, .recipient_domain = "remote.example", .size = 4000})
        .connector;
}

} // namespace

int main(int count, char** words) {
    benchmark::Initialize(&count, words);
    if (count != 2) {
        std::fputs("usage: bench_policy COUNT[,COUNT...] [options of Google Benchmark]\n", stderr);
        return 2;
    }
    struct Kind {
        const char* name;
        Choose choose;
    };
    const Kind kinds[] = {{"hit", [](PolicyOfSize& made) -> Addresses& { return made.hits; }},
                          {"miss", [](PolicyOfSize& made) -> Addresses& { return made.misses; }},
                          {"deep", [](PolicyOfSize& made) -> Addresses& { return made.deep; }}};
    char* rest = words[1];
    while (*rest != '\0') {
        const std::size_t size = std::strtoul(rest, &rest, 10);
        if (*rest == ',')
            ++rest;
        if (size < 10)
            continue;
        for (const auto& kind : kinds) {
            const auto tail = std::string("/") + kind.name + '/' + std::to_string(size);
            benchmark::RegisterBenchmark(("lookup" + tail).c_str(), [=](benchmark::State& state) {
                run(state, size, kind.choose, look_up);
            });
            benchmark::RegisterBenchmark(("decide" + tail).c_str(), [=](benchmark::State& state) {
                run(state, size, kind.choose, decide_for_recipient);
            });
        }
    }
    constexpr std::size_t octets = 64 << 20;
    benchmark::RegisterBenchmark(("memory/read/" + std::to_string(octets)).c_str(), [](benchmark::State& on) {
        static MemoryWalk walk(octets);
        for (auto _ : on)
            benchmark::DoNotOptimize(walk.step());
    });
    benchmark::RunSpecifiedBenchmarks();
}
