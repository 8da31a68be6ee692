// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/hidden_line.hpp"

#include <cerrno>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view prompt = "(not shown) > ";
constexpr char ctrl_c = 0x03;
// A terminal's line has 4096 octets at most (N_TTY).
constexpr std::size_t longest_line = 4096;

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
        if (m_on)
            ::tcsetattr(STDIN_FILENO, TCSADRAIN, &m_before);
    }
    bool is_on() const { return m_on; }

private:
    termios m_before{};
    bool m_on = false;
};

} // namespace

std::optional<std::string> read_hidden_line() {
    const HiddenTyping hidden;
    if (!hidden.is_on())
        return std::nullopt;
    if (::write(STDERR_FILENO, prompt.data(), prompt.size()) < 0)
        return std::nullopt;
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

} // namespace sendconnector::ctl
