// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/process.hpp"

#include "milter/ctl/exit_code.hpp"
#include "milter/ctl/hidden_line.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <stdio_ext.h>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

// The stream no longer knows why a write failed, but the pipe does.
bool reader_is_gone() {
    pollfd output{STDOUT_FILENO, 0, 0};
    return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

std::size_t columns_of_terminal() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// What cannot be said of a terminal is not counted on.
bool is_dumb_terminal() {
    const char* kind = std::getenv("TERM");
    return kind == nullptr || *kind == '\0' || std::string_view(kind) == "dumb";
}

// std::cin has no buffer of its own; it takes from C's.
void forget_typed() {
    ::__fpurge(stdin);
    // Fails where standard input is no terminal, as it is to.
    static_cast<void>(::tcflush(STDIN_FILENO, TCIFLUSH));
}

} // namespace

void prepare_process() {
    // open(2) takes the lowest free descriptor, so this fills the gaps in order.
    for (int descriptor = 0; descriptor <= 2; ++descriptor)
        if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
            std::_Exit(static_cast<int>(ExitCode::could_not_tell));
    std::signal(SIGPIPE, SIG_IGN);
}

Environment environment_of_process() {
    const char* no_color = std::getenv("NO_COLOR");
    return {
        .out = std::cout,
        .err = std::cerr,
        .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
        .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
        .columns = columns_of_terminal(),
        .no_color = no_color != nullptr && *no_color != '\0',
        .is_root = ::geteuid() == 0,
        .in = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 ? &std::cin : nullptr,
        .is_dumb = is_dumb_terminal(),
        .read_hidden = read_hidden_line,
        .forget_typed = forget_typed,
    };
}

int finish_output(const Environment& environment, int status) {
    environment.out.flush();
    if (environment.out.good() || reader_is_gone())
        return status;
    environment.err << "sendconnectorctl: error: cannot write all to standard output\n";
    return static_cast<int>(ExitCode::could_not_tell);
}

} // namespace sendconnector::ctl
