// SPDX-License-Identifier: Apache-2.0
// allocation_count(): how often this program has taken memory so far. To be included by one file of a
// program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace sendconnector::testing {

inline std::atomic<std::uint64_t> allocations{0};

inline std::uint64_t allocation_count() {
    return allocations.load();
}

} // namespace sendconnector::testing

#ifdef __SANITIZE_ADDRESS__
// Who replaces operator new would hide it from the sanitizer, which counts just as well. Declared here
// because Debian's GCC has no header for it.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));

namespace sendconnector::testing {

inline const int are_counted = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});

} // namespace sendconnector::testing
#else
void* operator new(std::size_t size) {
    ++sendconnector::testing::allocations;
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif
