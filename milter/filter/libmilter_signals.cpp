// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/libmilter_signals.hpp"

#include <csignal>
#include <dlfcn.h>
#include <unistd.h>

// Nothing else in the program uses sigwait(): Asio takes signals by handler. With every signal blocked in
// this thread, the kernel gives them to the one thread that takes them, the daemon's main thread.
extern "C" __attribute__((visibility("default"), used)) int sigwait(const sigset_t* /*set*/,
                                                                    int* /*signal*/) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (;;) {
        pause();
    }
}

#ifdef __SANITIZE_THREAD__
// libmilter's pool destroys its mutex at the end while its workers still wait on it, which it knows and says
// in a comment. The races it has with itself are not ours to find.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "race:libmilter.so\nmutex:libmilter.so\n";
}
#endif

namespace sendconnector::filter {

bool libmilter_leaves_signals_alone() {
    // What the dynamic linker finds must lie in the program, as this very function does.
    Dl_info found{};
    Dl_info here{};
    void* const waiter = ::dlsym(RTLD_DEFAULT, "sigwait");
    return waiter != nullptr && ::dladdr(waiter, &found) != 0 &&
           ::dladdr(reinterpret_cast<void*>(&libmilter_leaves_signals_alone), &here) != 0 &&
           found.dli_fbase == here.dli_fbase;
}

} // namespace sendconnector::filter
