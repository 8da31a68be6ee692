// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/durable_file.hpp"

namespace sendconnector::conf::postfix {

// One apply, enable or disable at a time: the lock STATE/apply.lock, with STATE made if need be (mode 0755).
Result<FileDescriptor> lock_state(const Configuration& configuration);

} // namespace sendconnector::conf::postfix
