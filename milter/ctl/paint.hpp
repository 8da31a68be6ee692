// SPDX-License-Identifier: Apache-2.0
// Paint: colour for terminals, nothing for everything else.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::ctl {

enum class Colour { good, bad, doubtful, faint, strong };

class Paint {
public:
    explicit Paint(bool on) : m_on(on) {}
    bool is_on() const { return m_on; }
    // `text` in SGR sequences (ECMA-48), or `text` alone.
    std::string operator()(Colour colour, std::string_view text) const;

private:
    bool m_on;
};

} // namespace sendconnector::ctl
