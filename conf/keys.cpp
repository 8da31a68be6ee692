// SPDX-License-Identifier: Apache-2.0
#include "conf/keys.hpp"

#include "conf/key_table.hpp"
#include "conf/nearest.hpp"

#include <vector>

namespace sendconnector::conf {

std::span<const Key> keys() {
    static const std::vector<Key> all = [] {
        std::vector<Key> list;
        for (const auto& row : settings_rows()) {
            list.push_back(row.key);
        }
        for (const auto& row : connector_rows()) {
            list.push_back(row.key);
        }
        return list;
    }();
    return all;
}

const Key* find_key(KeyScope scope, std::string_view name) {
    for (const Key& key : keys()) {
        if (key.scope == scope && key.name == name) {
            return &key;
        }
    }
    return nullptr;
}

std::string_view nearest_key(KeyScope scope, std::string_view misspelt) {
    std::vector<std::string_view> names;
    for (const Key& key : keys()) {
        if (key.scope == scope) {
            names.push_back(key.name);
        }
    }
    return nearest(misspelt, names);
}

std::string_view to_string(KeyScope scope) {
    switch (scope) {
    case KeyScope::global:
        return "global";
    case KeyScope::daemon:
        return "[daemon]";
    case KeyScope::postfix:
        return "[postfix]";
    case KeyScope::tls:
        return "[tls]";
    case KeyScope::sender_tables:
        return "[sender_tables]";
    case KeyScope::connector:
        return "[[connector]]";
    }
    return "";
}

std::string_view to_string(KeyType type) {
    switch (type) {
    case KeyType::boolean:
        return "true or false";
    case KeyType::integer:
        return "a whole number";
    case KeyType::text:
        return "a string";
    case KeyType::text_list:
        return "a list of strings";
    case KeyType::text_or_list:
        return "a string or a list of strings";
    }
    return "";
}

} // namespace sendconnector::conf
