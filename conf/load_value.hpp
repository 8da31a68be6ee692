// SPDX-License-Identifier: Apache-2.0
// read_value(): one value of the file, checked against its key's type, into the draft. (Template: the draft
// is that of the settings or of a connector. Included by the loader only.)
#pragma once

#include "conf/key_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>

namespace sendconnector::conf {

Spot spot_of(const toml::source_region& region);
// "a string", "a date", ...
std::string_view kind_of(const toml::node& node);
// "KEY must be TYPE, and here it is KIND", with what to write instead.
Error wrong_type(const Key& key, const toml::node& node);
// What holds for every string in the file: no controls (a comment may have several lines), a bounded length.
Result<void> check_string(const Key& key, std::string_view text);
// The error with the value in front, where it does not quote the value by itself.
Error naming(std::string_view value, const Error& error);
// A value of a key without effect, as in the file.
std::string as_written(const toml::node& node);

namespace detail {

// An error without a next step gets the key's range for one.
inline void refuse(Reporter& report, Written& written, Spot at, const Key& key, const Error& error) {
    written.valid = false;
    report.error(at, std::string(key.name) + ": " + error.text,
                 error.hint.empty() ? "use " + std::string(key.range) : error.hint);
}

template <class Target>
void read_text(const Row<Target>& row, const toml::node& node, Target& target, Written& written,
               Reporter& report) {
    const Spot at = spot_of(node.source());
    const std::string& text = **node.as_string();
    auto stored = check_string(row.key, text);
    if (stored) {
        if (const auto* store = std::get_if<Result<void> (*)(Target&, std::string_view)>(&row.store)) {
            stored = (*store)(target, text);
        }
    }
    if (stored) {
        written.elements.push_back(at);
    } else {
        refuse(report, written, at, row.key, naming(text, stored.error()));
    }
}

} // namespace detail

template <class Target>
void read_value(const Row<Target>& row, const toml::node& node, Target& target, Written& written,
                Reporter& report) {
    const Key& key = row.key;
    const auto wrong = [&](const toml::node& where) {
        const Error error = wrong_type(key, where);
        written.valid = false;
        report.error(spot_of(where.source()), error.text, error.hint);
    };
    const bool list_wanted = key.type == KeyType::text_list || key.type == KeyType::text_or_list;
    if (key.type == KeyType::boolean && node.is_boolean()) {
        if (const auto* store = std::get_if<Result<void> (*)(Target&, bool)>(&row.store)) {
            if (const auto stored = (*store)(target, **node.as_boolean()); !stored) {
                detail::refuse(report, written, written.at, key, stored.error());
            }
        }
    } else if (key.type == KeyType::integer && node.is_integer()) {
        const auto store = std::get<Result<void> (*)(Target&, std::int64_t)>(row.store);
        if (const auto stored = store(target, **node.as_integer()); !stored) {
            detail::refuse(report, written, written.at, key, stored.error());
        }
    } else if (node.is_string() && key.type != KeyType::text_list && key.type != KeyType::boolean &&
               key.type != KeyType::integer) {
        detail::read_text(row, node, target, written, report);
    } else if (list_wanted && node.is_array()) {
        for (const toml::node& element : *node.as_array()) {
            if (element.is_string()) {
                detail::read_text(row, element, target, written, report);
            } else {
                wrong(element);
            }
        }
    } else {
        wrong(node);
    }
}

} // namespace sendconnector::conf
