// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/hidden_line.hpp"

#include "conf/postfix/file_descriptor.hpp"

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <string_view>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view prompt = "(not shown) > ";
constexpr char ctrl_c = 0x03;
// A terminal's line has 4096 octets at most (N_TTY).
constexpr std::size_t longest_line = 4096;

// Signals that would end or stop the process with a terminal that shows nothing. They wait until it shows
// what is typed again, and then do what they do.
class SignalsPending {
public:
    SignalsPending() {
        ::sigprocmask(SIG_BLOCK, nullptr, &m_before);
        sigset_t signals;
        ::sigemptyset(&signals);
        // One that waits already would do so for ever.
        for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP})
            if (::sigismember(&m_before, signal) == 0)
                ::sigaddset(&signals, signal);
        ::sigprocmask(SIG_BLOCK, &signals, nullptr);
        m_pending = conf::postfix::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
    }
    SignalsPending(const SignalsPending&) = delete;
    SignalsPending& operator=(const SignalsPending&) = delete;
    ~SignalsPending() { ::sigprocmask(SIG_SETMASK, &m_before, nullptr); }

    // Returns false when a signal came before something was typed.
    bool wait_for_typing() const {
        pollfd watched[] = {{m_pending.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        while (::poll(watched, 2, -1) < 0)
            if (errno != EINTR)
                return true;
        return (watched[0].revents & POLLIN) == 0;
    }

private:
    sigset_t m_before{};
    conf::postfix::FileDescriptor m_pending;
};

// Nothing is shown, and Ctrl-C is an octet that ends the line: a signal would leave the terminal like this.
class HiddenTyping {
public:
    HiddenTyping() {
        if (::tcgetattr(STDIN_FILENO, &m_before) != 0)
            return;
        termios hidden = m_before;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        hidden.c_lflag |= ECHONL | ICANON;
        hidden.c_cc[VEOL] = ctrl_c;
        // What was typed before the question is no answer to it.
        m_on = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    }
    HiddenTyping(const HiddenTyping&) = delete;
    HiddenTyping& operator=(const HiddenTyping&) = delete;
    ~HiddenTyping() {
        // Nor is what was pasted behind the line an answer to the next question, which would show it.
        if (m_on)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    bool is_on() const { return m_on; }

private:
    termios m_before{};
    bool m_on = false;
};

std::optional<std::string> take_line() {
    std::string line(longest_line, '\0');
    ssize_t length = 0;
    do
        length = ::read(STDIN_FILENO, line.data(), line.size());
    while (length < 0 && errno == EINTR);
    if (length <= 0 || line[static_cast<std::size_t>(length) - 1] != '\n')
        return std::nullopt;
    line.resize(static_cast<std::size_t>(length) - 1);
    return line;
}

} // namespace

std::optional<std::string> read_hidden_line() {
    for (;;) {
        const SignalsPending signals;
        const HiddenTyping hidden;
        if (!hidden.is_on() || ::write(STDERR_FILENO, prompt.data(), prompt.size()) < 0)
            return std::nullopt;
        if (signals.wait_for_typing())
            return take_line();
        // Whoever comes back from a signal, as from a stop, types the line anew.
    }
}

} // namespace sendconnector::ctl
