// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/import_change.hpp"

#include "conf/exchange/toml_reader.hpp"

#include <algorithm>
#include <map>

namespace sendconnector::conf::exchange {

namespace {

using Values = std::map<std::string, std::optional<std::string>, std::less<>>;

Values by_key(std::vector<KeyText> keys) {
    Values values;
    for (KeyText& key : keys)
        values.emplace(std::move(key.key), std::move(key.value));
    return values;
}

// Spelt as exchange_object() spells it, so that two ways to say the same are equal.
Values canonical(const std::vector<KeyText>& keys) {
    const auto read = read_toml(connector_text(keys));
    return read && read->objects.size() == 1 ? by_key(translate(read->objects.front().properties).keys)
                                             : by_key(keys);
}

std::optional<std::string> value_in(const Values& values, std::string_view key) {
    const auto found = values.find(key);
    return found == values.end() ? std::nullopt : found->second;
}

PropertyFate* credential_by_hand(Imported& imported) {
    const auto found =
        std::find_if(imported.properties.begin(), imported.properties.end(), [](const PropertyFate& each) {
            return each.property == "AuthenticationCredential" && each.fate == Fate::by_hand;
        });
    return found == imported.properties.end() ? nullptr : &*found;
}

} // namespace

std::vector<KeyText> keys_of_new(const Imported& imported) {
    std::vector<KeyText> keys = imported.settings;
    if (!imported.is_incomplete())
        return keys;
    std::erase_if(keys, [](const KeyText& key) { return key.key == "enabled"; });
    const auto name =
        std::find_if(keys.begin(), keys.end(), [](const KeyText& key) { return key.key == "name"; });
    keys.insert(name == keys.end() ? keys.begin() : name + 1, KeyText{"enabled", "false"});
    return keys;
}

std::vector<KeyText> keys_that_change(Imported& imported, const policy::SendConnector& existing,
                                      const WithoutEffect& without_effect) {
    const Values now = by_key(translate(exchange_object(existing, without_effect).properties).keys);
    const Values wanted = canonical(imported.keys);
    PropertyFate* credential =
        existing.authentication_credential.empty() ? nullptr : credential_by_hand(imported);
    if (credential != nullptr)
        *credential = {credential->property, Fate::taken, {}};
    std::vector<KeyText> changes;
    for (const KeyText& key : imported.keys) {
        const bool kept = key.key == "name" ||
                          (key.key == "authentication_credential" && credential != nullptr) ||
                          (key.key == "enabled" && imported.is_incomplete());
        if (!kept && value_in(now, key.key) != value_in(wanted, key.key))
            changes.push_back(key);
    }
    return changes;
}

} // namespace sendconnector::conf::exchange
