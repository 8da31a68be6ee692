// SPDX-License-Identifier: Apache-2.0
// translate(): what Exchange says of a send connector, as keys of [[connector]]. The cmdlets and import both
// stand on it, so that one place knows which property is which key.
#pragma once

#include "conf/exchange/object.hpp"
#include "conf/key_text.hpp"
#include "policy/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

using conf::connector_text;
using conf::KeyText;
using conf::toml_string;

enum class Fate {
    taken,
    no_meaning, // here; kept in the file all the same where there is a key for it
    by_hand,    // something is left to do for a person
    refused,    // the value will not do; there is no key for it in the translation
};

struct PropertyFate {
    std::string property; // its name as the parameter table writes it, or else as it came
    Fate fate = Fate::taken;
    Error why = {}; // of anything but `taken`: text says why, hint what to do (may be empty)
};

struct Translation {
    // In the order of conf/key_table_connector.cpp, each once; without a value for $null.
    std::vector<KeyText> keys;
    std::vector<PropertyFate> properties; // in the order given
    // The connector's name: that of the property Name, else of Identity, else what the caller said.
    std::string name;

    bool is_refused() const;
};

struct TranslationChoice {
    std::string_view name = {};   // of a connector whose properties do not say
    bool leaves_defaults = false; // no key for a value that is its default, as nearly all of an export are
};

// Property names in any case: parameters of the parameter table (spelt out), and what Get-SendConnector shows
// beside. Values:
// - flags as flag, or text "true"/"false"/"$true"/"$false" in any case, or 1 and 0;
// - numbers as number or text; sizes as text ("35 MB (36,700,160 bytes)") or as a number of octets;
// - words as text in any case, or as the number that ConvertTo-Json makes of an enum where Microsoft says it;
// - lists as items or text; a text is cut at its commas;
// - null: the value is taken back ($null), refused for flags and what a connector cannot be without;
// - AuthenticationCredential as text that could be a file's name in credentials.d, which is taken; anything
//   else was a credential: the key names a file after the connector, and the fate is by_hand with where to
//   put user name and password. What the value was is never repeated: it may hold a password;
// - a usage switch as true.
// Each value has passed the check of its key; what keys say together has not been looked at (that is
// load_configuration()'s part). A property with something `lost` is by_hand.
Translation translate(std::span<const Property> properties, const TranslationChoice& choice = {});

// Without the keys that have no value, or the one they have where they are not written.
std::vector<KeyText> without_defaults(std::vector<KeyText> keys);

} // namespace sendconnector::conf::exchange
