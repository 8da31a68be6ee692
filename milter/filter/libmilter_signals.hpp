// SPDX-License-Identifier: Apache-2.0
// Keeps libmilter's hands off the daemon's signals.
#pragma once

namespace sendconnector::filter {

// smfi_main() starts a thread that waits in sigwait(3) for SIGHUP, SIGTERM and SIGINT, and ends the filter
// when it gets one: a reload by SIGHUP would end the daemon whenever that thread is quicker than ours, and in
// a burst of signals it is. libmilter has no switch for it. So the program defines sigwait() itself:
// libmilter calls it through the dynamic linker, which finds the program's own definition first, and that one
// never returns.
//
// Calling this function is what links the definition in. True when the dynamic linker gives libmilter the
// program's sigwait(), as it must.
bool libmilter_leaves_signals_alone();

} // namespace sendconnector::filter
