// SPDX-License-Identifier: Apache-2.0
#include "conf/load_table.hpp"

#include "conf/load_value.hpp"
#include "conf/nearest.hpp"
#include "conf/plain_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

// The parser quotes what it read, however long that is.
constexpr std::size_t longest_description = 300;

constexpr std::string_view table_names[] = {"daemon", "postfix", "tls", "sender_tables", "connector"};

struct SettingsTable {
    std::string_view name;
    KeyScope scope;
};
constexpr SettingsTable settings_tables[] = {{"daemon", KeyScope::daemon},
                                             {"postfix", KeyScope::postfix},
                                             {"tls", KeyScope::tls},
                                             {"sender_tables", KeyScope::sender_tables}};

const SettingsTable* find_settings_table(std::string_view name) {
    const auto* found = std::find_if(std::begin(settings_tables), std::end(settings_tables),
                                     [&](const SettingsTable& table) { return table.name == name; });
    return found == std::end(settings_tables) ? nullptr : found;
}

const Row<SettingsDraft>* find_row(KeyScope scope, std::string_view name) {
    for (const auto& row : settings_rows()) {
        if (row.key.scope == scope && row.key.name == name) {
            return &row;
        }
    }
    return nullptr;
}

const Row<ConnectorDraft>* find_connector_row(std::string_view name) {
    for (const auto& row : connector_rows()) {
        if (row.key.name == name) {
            return &row;
        }
    }
    return nullptr;
}

std::string_view place_in_words(KeyScope scope) {
    return scope == KeyScope::global ? "above the first [table] of sendconnector.toml" : to_string(scope);
}

void report_unknown(KeyScope scope, const toml::key& key, Reporter& report) {
    const Spot at = spot_of(key.source());
    // A key below a [table] belongs to that table, however far above it stands: the commonest slip in TOML.
    for (const KeyScope other : {KeyScope::global, KeyScope::daemon, KeyScope::postfix, KeyScope::tls,
                                 KeyScope::sender_tables, KeyScope::connector}) {
        if (other != scope && find_key(other, key.str()) != nullptr) {
            report.error(
                at,
                scope == KeyScope::global ? fmt::format("{} stands outside of its table", key.str())
                                          : fmt::format("{} is no key of {}", key.str(), to_string(scope)),
                fmt::format("move it {}{}", other == KeyScope::global ? "" : "into ", place_in_words(other)));
            return;
        }
    }
    const std::string_view meant = nearest_key(scope, key.str());
    report.error(at, fmt::format("unknown key {}", in_quotes(key.str())),
                 meant.empty() ? std::string("\"sendconnectorctl keys\" lists all keys")
                               : fmt::format("did you mean {}?", meant));
}

void read_settings(KeyScope scope, const toml::table& table, SettingsDraft& settings, Reporter& report) {
    for (const auto& [key, node] : table) {
        const auto* row = find_row(scope, key.str());
        if (row == nullptr) {
            report_unknown(scope, key, report);
            continue;
        }
        read_value(*row, node, settings, settings.written.add(key.str(), spot_of(node.source())), report);
    }
}

// How messages call a connector whose name may be missing or unusable.
std::string shown_name(const toml::table& table) {
    const auto* name = table.get_as<std::string>("name");
    if (name == nullptr) {
        return {};
    }
    return shortened(**name);
}

void read_connector(const toml::table& table, const std::string& file, Draft& draft,
                    std::vector<Finding>& findings) {
    ConnectorDraft& target = draft.connectors.emplace_back();
    target.file = file;
    target.at = spot_of(table.source());
    target.shown = shown_name(table);
    target.connector.senders.clear();
    target.connector.routes = {.by_default = false};
    Reporter report(findings, target);
    for (const auto& [key, node] : table) {
        const auto* row = find_connector_row(key.str());
        if (row == nullptr) {
            report_unknown(KeyScope::connector, key, report);
            if (find_key(KeyScope::daemon, key.str()) != nullptr ||
                find_key(KeyScope::postfix, key.str()) != nullptr) {
                draft.misplaced_settings = true;
            }
            continue;
        }
        Written& written = target.written.add(key.str(), spot_of(node.source()));
        read_value(*row, node, target, written, report);
        if (row->key.without_effect && written.valid) {
            target.without_effect.emplace(key.str(), as_written(node));
        }
    }
}

void read_connectors(const toml::key& key, const toml::node& node, const std::string& file, Draft& draft,
                     std::vector<Finding>& findings) {
    const auto* array = node.as_array();
    const auto is_table = [](const toml::node& element) { return element.is_table(); };
    if (array == nullptr || !std::all_of(array->begin(), array->end(), is_table)) {
        Reporter(findings, file)
            .error(spot_of(node.is_table() ? node.source() : key.source()),
                   fmt::format("connector must be a list of tables, and here it is {}", kind_of(node)),
                   "begin each connector with [[connector]], in double brackets");
        return;
    }
    for (const toml::node& element : *array) {
        read_connector(*element.as_table(), file, draft, findings);
    }
}

// A table of sendconnector.toml that is none of ours.
void report_unknown_table(const toml::key& key, const toml::node& node, Reporter& report) {
    const std::string_view meant = nearest(key.str(), table_names);
    const bool list = node.is_array();
    report.error(
        spot_of(key.source()),
        fmt::format("unknown table {}{}{}", list ? "[[" : "[", shortened(key.str()), list ? "]]" : "]"),
        meant.empty() ? std::string("there are [daemon], [postfix], [tls], [sender_tables] and [[connector]]")
        : meant == "connector" ? std::string("did you mean [[connector]]?")
                               : fmt::format("did you mean [{}]?", meant));
}

bool is_table_list(const toml::node& node) {
    return node.is_array() && !node.as_array()->empty() && node.as_array()->front().is_table();
}

void read_main(const toml::table& root, const std::string& file, Draft& draft,
               std::vector<Finding>& findings) {
    Reporter report(findings, file);
    for (const auto& [key, node] : root) {
        if (key == "connector") {
            read_connectors(key, node, file, draft, findings);
        } else if (const auto* known = find_settings_table(key.str())) {
            if (const auto* table = node.as_table()) {
                read_settings(known->scope, *table, draft.settings, report);
            } else {
                report.error(spot_of(node.source()),
                             fmt::format("{} must be a table, and here it is {}", key.str(),
                                         is_table_list(node) ? "a list of tables" : kind_of(node)),
                             fmt::format("write {}, in single brackets, on a line of its own",
                                         to_string(known->scope)));
            }
        } else if (const auto* row = find_row(KeyScope::global, key.str())) {
            read_value(*row, node, draft.settings,
                       draft.settings.written.add(key.str(), spot_of(node.source())), report);
        } else if (node.is_table() || is_table_list(node)) {
            report_unknown_table(key, node, report);
        } else {
            report_unknown(KeyScope::global, key, report);
        }
    }
}

void read_drop_in(const toml::table& root, const std::string& file, Draft& draft,
                  std::vector<Finding>& findings) {
    for (const auto& [key, node] : root) {
        if (key == "connector") {
            read_connectors(key, node, file, draft, findings);
            continue;
        }
        draft.misplaced_settings = true;
        Reporter(findings, file)
            .error(spot_of(key.source()), fmt::format("{} is not for a file in conf.d", in_quotes(key.str())),
                   "move it to sendconnector.toml: files in conf.d hold [[connector]] tables only");
    }
}

} // namespace

void read_document(std::string_view text, const std::string& file, FileRole role, Draft& draft,
                   std::vector<Finding>& findings) {
    toml::table root;
    try {
        root = toml::parse(text, std::string_view(file));
    } catch (const toml::parse_error& error) {
        Reporter(findings, file)
            .error(spot_of(error.source()),
                   fmt::format("not valid TOML: {}", shortened(error.description(), longest_description)),
                   "correct the line; the file is not read any further");
        draft.complete = false;
        return;
    }
    if (role == FileRole::main) {
        read_main(root, file, draft, findings);
    } else {
        read_drop_in(root, file, draft, findings);
    }
}

} // namespace sendconnector::conf
