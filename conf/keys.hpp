// SPDX-License-Identifier: Apache-2.0
// The one table of configuration keys: the parser, `sendconnectorctl keys` and the manual check live from it.
#pragma once

#include "policy/send_connector.hpp"

#include <span>
#include <string_view>

namespace sendconnector::conf {

enum class KeyScope { global, daemon, postfix, tls, sender_tables, connector };
enum class KeyType { boolean, integer, text, text_list, text_or_list };

struct Key {
    KeyScope scope;
    std::string_view name; // as in the file
    KeyType type;
    std::string_view default_text; // as a person would write it; empty: none
    std::string_view range;        // allowed values, in words; empty: any
    std::string_view exchange;     // Exchange's parameter; empty: ours
    std::string_view meaning;      // one line
    bool without_effect = false;   // stored, listed, exported; means nothing on this side
};

std::span<const Key> keys();
// nullptr when there is no such key.
const Key* find_key(KeyScope scope, std::string_view name);
// The known key nearest to a misspelt one, or an empty view when none is near.
std::string_view nearest_key(KeyScope scope, std::string_view misspelt);
std::string_view to_string(KeyScope scope); // "global", "[daemon]", "[tls]", "[[connector]]"
std::string_view to_string(KeyType type);

} // namespace sendconnector::conf
