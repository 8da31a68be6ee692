// SPDX-License-Identifier: Apache-2.0
#include "conf/value_check.hpp"

#include "conf/load_value.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

Result<void> check_text(const Row<ConnectorDraft>& row, ConnectorDraft& draft, const std::string& text) {
    Result<void> taken = check_string(row.key, text);
    if (taken) {
        if (const auto* store =
                std::get_if<Result<void> (*)(ConnectorDraft&, std::string_view)>(&row.store)) {
            taken = (*store)(draft, text);
        }
    }
    return taken ? taken : tl::unexpected(naming(text, taken.error()));
}

Result<void> check(const Row<ConnectorDraft>& row, const PlainValue& value) {
    ConnectorDraft draft;
    draft.connector.routes = {.by_default = false};
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        const auto* store = std::get_if<Result<void> (*)(ConnectorDraft&, std::int64_t)>(&row.store);
        return store == nullptr ? Result<void>(fail("is a number")) : (*store)(draft, *number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return check_text(row, draft, *text);
    }
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        for (const std::string& item : *list) {
            if (Result<void> taken = check_text(row, draft, item); !taken) {
                return taken;
            }
        }
    }
    return {};
}

} // namespace

Result<void> check_value(const Key& key, const PlainValue& value) {
    for (const auto& row : connector_rows()) {
        if (row.key.name != key.name) {
            continue;
        }
        Result<void> taken = check(row, value);
        if (!taken && taken.error().hint.empty()) {
            return fail(taken.error().text, "use " + std::string(key.range));
        }
        return taken;
    }
    return fail("there is no such key");
}

} // namespace sendconnector::conf
