// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/state_lock.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::postfix {

Result<FileDescriptor> lock_state(const Configuration& configuration) {
    const std::filesystem::path state = configuration.daemon.state_directory;
    std::error_code error;
    std::filesystem::create_directories(state, error);
    if (error) {
        return fail(fmt::format("cannot create the state_directory {}: {}", state.string(), error.message()));
    }
    return lock_file(state / "apply.lock", std::chrono::minutes(1));
}

} // namespace sendconnector::conf::postfix
