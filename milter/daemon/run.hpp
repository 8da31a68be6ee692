// SPDX-License-Identifier: Apache-2.0
// The daemon's life, from its options to its exit status.
#pragma once

#include "milter/daemon/options.hpp"

namespace sendconnector::daemon {

// --check-config: findings to standard error; 0 when the configuration is usable, else 1.
int check_config(const Options& options);

// Until SIGTERM or SIGINT: 0. What keeps it from starting is written to standard error and to the log: 1.
int run(const Options& options);

} // namespace sendconnector::daemon
