// SPDX-License-Identifier: Apache-2.0
// FileFlaw: what is wrong with a file that the configuration points to.
#pragma once

#include "conf/read_file.hpp"
#include "policy/result.hpp"

#include <string>

namespace sendconnector::conf {

struct FileFlaw {
    Error error;
    bool warning = false; // usable, or not to be judged from here
};

// A file that read_file() refused. Where the caller merely may not look, that is a warning: root may.
FileFlaw flaw_of(const std::string& path, const FileProblem& problem);

} // namespace sendconnector::conf
