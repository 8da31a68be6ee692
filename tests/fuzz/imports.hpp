// SPDX-License-Identifier: Apache-2.0
// What the targets that read exports have in common.
#pragma once

#include "conf/exchange/encoding.hpp"
#include "conf/exchange/imported.hpp"
#include "conf/exchange/nested_value.hpp"
#include "conf/exchange/reading.hpp"
#include "conf/exchange/toml_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <unordered_set>

namespace fuzz {

namespace exchange = sendconnector::conf::exchange;

inline void require(bool holds) {
    if (!holds)
        std::abort();
}

// As read_export() hands it to a reader; nothing for what is no text.
inline std::string text_of(const std::uint8_t* data, std::size_t size) {
    return exchange::utf8_of({reinterpret_cast<const char*>(data), size}).value_or("");
}

// Keys that an import takes are values that a file may have.
inline void import_all(const exchange::Reading& reading) {
    for (const exchange::Object& object : reading.objects) {
        const exchange::Imported imported = exchange::import_object(object);
        if (!imported.passed_over && !imported.is_refused())
            require(exchange::read_toml(sendconnector::conf::connector_text(imported.settings)).has_value());
    }
}

// A text that looks like something else is read as that something; names that differ in case only are one.
inline bool is_plain(const exchange::Value& value) {
    if (const auto* text = value.text())
        return !exchange::value_of_cut_text(*text);
    if (const auto* items = value.items())
        for (const exchange::Value& item : *items)
            if (item.is_null() || !is_plain(item))
                return false;
    return true;
}

inline bool same_properties(const std::vector<exchange::Object>& before,
                            const std::vector<exchange::Object>& after) {
    if (before.size() != after.size())
        return false;
    for (std::size_t i = 0; i < before.size(); ++i)
        for (std::size_t k = 0; k < before[i].properties.size(); ++k) {
            const exchange::Property& property = before[i].properties[k];
            if (k >= after[i].properties.size())
                return false;
            if (is_plain(property.value) && (after[i].properties[k].name != property.name ||
                                             after[i].properties[k].value != property.value))
                return false;
        }
    return true;
}

} // namespace fuzz
