// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/paint.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

int sgr(Colour colour) {
    switch (colour) {
    case Colour::good:
        return 32;
    case Colour::bad:
        return 31;
    case Colour::doubtful:
        return 33;
    case Colour::faint:
        return 2;
    case Colour::strong:
        return 1;
    }
    return 0;
}

} // namespace

std::string Paint::operator()(Colour colour, std::string_view text) const {
    return m_on ? fmt::format("\x1b[{}m{}\x1b[0m", sgr(colour), text) : std::string(text);
}

} // namespace sendconnector::ctl
