// SPDX-License-Identifier: Apache-2.0
// Macros: the values that came with the commands of one milter connection.
#pragma once

#include "milter/filter/protocol.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::filter {

// A value counts from the command that it came with until that command comes again, or one before it.
class Macros {
public:
    // `data` of a packet with macros: the letter of the command that follows, names and values. False: it is
    // none.
    bool take(std::string_view data);
    // A command comes: what belongs to a former one like it is gone, and what belongs to those after it.
    void begin(protocol::Command command);
    // `name` without braces. The latest of several; nothing: it has not been sent. Good until the next
    // change.
    std::optional<std::string_view> find(std::string_view name) const;

private:
    std::array<std::string, 7> m_values; // NAME NUL VALUE NUL ..., by stage, in the order of a session
    std::optional<std::size_t> m_fresh;  // stage of the command that has to come next
};

} // namespace sendconnector::filter
