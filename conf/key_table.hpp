// SPDX-License-Identifier: Apache-2.0
// The rows behind keys(): each key together with what stores its value, so that no key can be in one place
// only.
#pragma once

#include "conf/draft.hpp"
#include "conf/keys.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace sendconnector::conf {

// For a key without effect: its value is kept as text, and nothing else.
struct KeptAsText {};

// Stores a value of the right type, or says why it will not do (without naming the key). The text form is
// called once per entry for a list.
template <class Target>
using Store = std::variant<Result<void> (*)(Target&, bool), Result<void> (*)(Target&, std::int64_t),
                           Result<void> (*)(Target&, std::string_view), KeptAsText>;

template <class Target>
struct Row {
    Key key;
    Store<Target> store;
};

template <class Target>
constexpr bool fits(const Row<Target>& row) {
    switch (row.key.type) {
    case KeyType::boolean:
        return row.key.without_effect ? row.store.index() == 3 : row.store.index() == 0;
    case KeyType::integer:
        return row.store.index() == 1;
    case KeyType::text:
        return row.key.without_effect ? row.store.index() == 3 : row.store.index() == 2;
    case KeyType::text_list:
    case KeyType::text_or_list:
        return row.store.index() == 2;
    }
    return false;
}

std::span<const Row<SettingsDraft>> settings_rows();
std::span<const Row<ConnectorDraft>> connector_rows();

} // namespace sendconnector::conf
