// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/json_writer.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::conf::exchange {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
    if (const auto* flag = value.flag())
        return *flag;
    if (const auto* number = value.number())
        return *number;
    if (const auto* text = value.text())
        return *text;
    if (const auto* items = value.items()) {
        Json list = Json::array();
        for (const Value& item : *items)
            list.push_back(json_of(item));
        return list;
    }
    return nullptr;
}

} // namespace

std::string json_of(std::span<const Object> objects) {
    Json all = Json::array();
    for (const Object& object : objects) {
        Json& one = all.emplace_back(Json::object());
        for (const Property& property : object.properties)
            one[property.name] = json_of(property.value);
    }
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace sendconnector::conf::exchange
