// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/toml_writer.hpp"

#include "conf/connector_file.hpp"
#include "conf/exchange/connector_text.hpp"

namespace sendconnector::conf::exchange {

std::string toml_of(const Object& object) {
    TranslationChoice choice;
    choice.leaves_defaults = true;
    auto keys = translate(object.properties, choice).keys;
    // Nobody but whom a table names, which no import believes; without the key it would be everybody.
    const Property* senders = object.find("Senders");
    if (const auto* items = senders == nullptr ? nullptr : senders->value.items();
        items != nullptr && items->empty())
        keys.push_back({"senders", "[]"});
    return connector_text(keys);
}

} // namespace sendconnector::conf::exchange
