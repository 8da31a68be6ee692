// SPDX-License-Identifier: Apache-2.0
// Environment: what a command sees of the process around it, so that tests can be that process.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

namespace sendconnector::ctl {

struct Environment {
    std::ostream& out;
    std::ostream& err;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    std::size_t columns = 80; // of the terminal
    bool no_color = false;    // NO_COLOR is set and not empty (no-color.org)
    bool is_root = false;
    std::istream* in = nullptr; // somebody's answers; nullptr: nobody is there to be asked
    bool is_dumb = false;       // the terminal takes text and line feeds, and no sequences
    // A line of `in` that is not shown while it is typed; nothing at Ctrl-C and Ctrl-D. nullptr: as others.
    std::optional<std::string> (*read_hidden)() = nullptr;
    // Forgets what has been typed and not been read from `in`. nullptr: nothing is forgotten.
    void (*forget_typed)() = nullptr;
};

} // namespace sendconnector::ctl
