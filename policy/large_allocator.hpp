// SPDX-License-Identifier: Apache-2.0
// LargeAllocator: memory for tables that are searched all over, in large pages where the system has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace sendconnector::policy {

// From 4 MiB on memory is aligned to 2 MiB, and the kernel is asked for transparent huge pages (madvise(2)):
// a search in a table of millions costs a miss in the page tables for each miss in the caches otherwise, and
// filling it a page fault for each 4 KiB. Where the kernel declines nothing changes but the speed.
template <class T>
struct LargeAllocator {
    using value_type = T;

    LargeAllocator() = default;
    template <class Other>
    explicit LargeAllocator(const LargeAllocator<Other>&) {}

    // Throws std::bad_alloc.
    T* allocate(std::size_t count) {
        if (count > SIZE_MAX / sizeof(T))
            throw std::bad_array_new_length();
        const auto octets = count * sizeof(T);
        if (octets < least)
            return static_cast<T*>(::operator new(octets));
        void* const memory = std::aligned_alloc(page, (octets + page - 1) / page * page);
        if (memory == nullptr)
            throw std::bad_alloc();
        ::madvise(memory, octets, MADV_HUGEPAGE);
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if (count * sizeof(T) < least)
            ::operator delete(memory);
        else
            std::free(memory);
    }
    friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }

private:
    static constexpr std::size_t least = std::size_t{4} << 20U;
    static constexpr std::size_t page = std::size_t{2} << 20U;
};

} // namespace sendconnector::policy
