// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that a person can act on.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sendconnector {

// What went wrong, and what to do about it. `text` is a clause without a full stop, fit for the middle of a
// log line; `hint` (may be empty) is the next step for the administrator.
struct Error {
    std::string text;
    std::string hint = {};
};

// "text; hint", or just "text".
inline std::string to_string(const Error& error) {
    return error.hint.empty() ? error.text : error.text + "; " + error.hint;
}

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string text, std::string hint = {}) {
    return tl::unexpected<Error>(Error{std::move(text), std::move(hint)});
}

} // namespace sendconnector
