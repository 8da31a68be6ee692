// SPDX-License-Identifier: Apache-2.0
// ExitCode: the three things a command can tell its caller.
#pragma once

namespace sendconnector::ctl {

enum class ExitCode {
    fine = 0,           // done, or nothing to object to
    no = 1,             // a finding: refused, not so, needs attention
    could_not_tell = 2, // wrong usage, or the question could not be answered
};

} // namespace sendconnector::ctl
