// SPDX-License-Identifier: Apache-2.0
#include "conf/file_flaw.hpp"

#include <cerrno>
#include <unistd.h>

namespace sendconnector::conf {

FileFlaw flaw_of(const std::string& path, const FileProblem& problem) {
    if (problem.error_number == EACCES && ::geteuid() != 0) {
        return {Error{path + " cannot be looked at by this user", "run this as root to have it checked"},
                true};
    }
    return {Error{path + " " + problem.error.text, problem.error.hint}, false};
}

} // namespace sendconnector::conf
