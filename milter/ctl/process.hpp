// SPDX-License-Identifier: Apache-2.0
// The process around run(): its streams, its terminal, its end.
#pragma once

#include "milter/ctl/environment.hpp"

namespace sendconnector::ctl {

// Makes the process safe to run commands in: descriptors 0 to 2 are open (or a socket of ours would get what
// is meant for a closed standard output), and a reader that goes away is a failed write, not an end half-way
// through apply.
void prepare_process();

Environment environment_of_process();

// The exit status: `status`, or could_not_tell when standard output took less than all of it for any other
// reason than a reader who had seen enough.
int finish_output(const Environment& environment, int status);

} // namespace sendconnector::ctl
