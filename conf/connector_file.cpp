// SPDX-License-Identifier: Apache-2.0
#include "conf/connector_file.hpp"

#include "conf/plain_text.hpp"
#include "conf/text_check.hpp"
#include "conf/toml_layout.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <toml++/toml.h>

namespace sendconnector::conf {

namespace {

constexpr std::string_view by_hand = "change the file by hand";

Result<toml::table> parsed(std::string_view text) {
    if (const auto problem = check_text(text)) {
        return fail(fmt::format("line {}: {}", problem->at.line, problem->error.text), problem->error.hint);
    }
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        return fail(fmt::format("line {}: not valid TOML: {}", error.source().begin.line,
                                shortened(error.description(), 200)),
                    "correct the line");
    }
}

toml::array* connectors_of(toml::table& root) {
    return root["connector"].as_array();
}

std::vector<TablePlace> connector_places(std::string_view text) {
    std::vector<TablePlace> places = toml_layout(text);
    std::erase_if(places,
                  [](const TablePlace& place) { return !place.is_list || place.name != "connector"; });
    return places;
}

std::string_view line_end_of(std::string_view text) {
    const auto end = text.find('\n');
    return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

std::string with_line_ends(std::string text, std::string_view line_end) {
    if (line_end == "\n") {
        return text;
    }
    std::string converted;
    for (const char c : text) {
        converted += c == '\n' ? std::string(line_end) : std::string(1, c);
    }
    return converted;
}

// The value that a key has in a text of TOML; an empty table's when the text is none.
toml::table value_table(const KeyText& key) {
    try {
        return toml::parse(fmt::format("{} = {}\n", key.key, key.value.value_or("")));
    } catch (const toml::parse_error&) {
        return {};
    }
}

bool has_value(const toml::table& table, const KeyText& key) {
    const toml::node* now = table.get(key.key);
    if (now == nullptr || !key.value) {
        return now == nullptr && !key.value;
    }
    const toml::table wanted = value_table(key);
    return toml::table{{key.key, *now}} == wanted;
}

void set_value(toml::table& table, const KeyText& key) {
    table.erase(key.key);
    if (key.value) {
        const toml::table wanted = value_table(key);
        if (const toml::node* node = wanted.get(key.key)) {
            node->visit([&](const auto& value) { table.insert_or_assign(key.key, value); });
        }
    }
}

// Where the comment lines right above `offset` begin; with `ours_only`, only the line that says what command
// made the connector.
std::size_t comments_above(std::string_view text, std::size_t offset, bool ours_only) {
    while (offset > 0) {
        const auto previous = offset >= 2 ? text.rfind('\n', offset - 2) : std::string_view::npos;
        const std::size_t line = previous == std::string_view::npos ? 0 : previous + 1;
        const std::string_view above = text.substr(line, offset - line);
        if (ours_only ? !above.starts_with(made_by) : !above.starts_with('#')) {
            break;
        }
        offset = line;
    }
    return offset;
}

// From `offset` to behind the blank lines there.
std::size_t past_blank_lines(std::string_view text, std::size_t offset) {
    while (true) {
        const auto content = text.find_first_not_of(" \t\r", offset);
        if (content == std::string_view::npos) {
            return text.size();
        }
        if (text[content] != '\n') {
            return offset;
        }
        offset = content + 1;
    }
}

tl::unexpected<Error> not_as_meant() {
    return fail("the change would not say what was meant", std::string(by_hand));
}

} // namespace

Result<ConnectorFile> ConnectorFile::parse(std::string text) {
    Result<toml::table> root = parsed(text);
    if (!root) {
        return tl::unexpected(root.error());
    }
    ConnectorFile file;
    if (toml::array* connectors = connectors_of(*root)) {
        for (const toml::node& node : *connectors) {
            const toml::table* table = node.as_table();
            const auto* name = table == nullptr ? nullptr : table->get_as<std::string>("name");
            file.m_names.push_back(name == nullptr ? std::string() : name->get());
        }
    }
    if (connector_places(text).size() != file.m_names.size()) {
        return fail("its connectors are not each below a line [[connector]]", std::string(by_hand));
    }
    file.m_text = std::move(text);
    return file;
}

std::optional<std::size_t> ConnectorFile::index_of(std::string_view name) const {
    const std::string wanted = policy::fold_case(name);
    const auto found = std::find_if(m_names.begin(), m_names.end(), [&](const std::string& each) {
        return policy::fold_case(each) == wanted;
    });
    return found == m_names.end() ? std::nullopt
                                  : std::optional(static_cast<std::size_t>(found - m_names.begin()));
}

bool ConnectorFile::has(std::string_view name) const {
    return index_of(name).has_value();
}

std::optional<std::vector<std::string>> ConnectorFile::list(std::string_view name,
                                                            std::string_view key) const {
    const auto index = index_of(name);
    Result<toml::table> root = parsed(m_text);
    if (!index || !root) {
        return std::nullopt;
    }
    const toml::table* table = connectors_of(*root)->get(*index)->as_table();
    const toml::node* node = table->get(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> items;
    if (const auto* text = node->as_string()) {
        items.push_back(text->get());
    } else if (const auto* array = node->as_array()) {
        for (const toml::node& each : *array) {
            if (const auto* item = each.as_string()) {
                items.push_back(item->get());
            }
        }
    }
    return items;
}

Result<void> ConnectorFile::change(std::string_view name, std::span<const KeyText> keys) {
    const auto index = index_of(name);
    Result<toml::table> root = parsed(m_text);
    if (!index || !root) {
        return fail(fmt::format("there is no connector {} in the file", in_quotes(name)));
    }
    toml::table& table = *connectors_of(*root)->get(*index)->as_table();
    const std::string_view line_end = line_end_of(m_text);
    std::string text = m_text;
    for (const KeyText& key : keys) {
        if (has_value(table, key)) {
            continue;
        }
        set_value(table, key);
        const TablePlace place = connector_places(text)[*index];
        const KeyPlace* written = place.find(key.key);
        if (written == nullptr) {
            const std::string_view before = std::string_view(text).substr(0, place.end());
            const bool open_line = !before.empty() && before.back() != '\n';
            text.insert(place.end(), fmt::format("{}{} = {}{}", open_line ? line_end : "", key.key,
                                                 key.value.value_or(""), line_end));
        } else if (key.value) {
            text.replace(written->value_begin, written->value_end - written->value_begin, *key.value);
        } else {
            text.erase(written->begin, written->end - written->begin);
        }
    }
    const Result<toml::table> changed = parsed(text);
    if (!changed || *changed != *root) {
        return not_as_meant();
    }
    return ConnectorFile::parse(std::move(text)).map([&](ConnectorFile&& file) { *this = std::move(file); });
}

Result<void> ConnectorFile::append(std::span<const KeyText> keys, std::string_view command) {
    const std::string_view line_end = line_end_of(m_text);
    std::string block = command.empty() ? "" : fmt::format("{}{}\n", made_by, command);
    block += connector_text(keys);
    std::string text = m_text;
    if (!text.empty()) {
        text += text.back() == '\n' ? "" : line_end;
        text += line_end;
    }
    text += with_line_ends(std::move(block), line_end);
    Result<ConnectorFile> changed = ConnectorFile::parse(std::move(text));
    if (!changed || changed->m_names.size() != m_names.size() + 1) {
        return not_as_meant();
    }
    *this = std::move(*changed);
    return {};
}

Result<void> ConnectorFile::remove(std::string_view name, bool all_comments) {
    const auto index = index_of(name);
    Result<toml::table> root = parsed(m_text);
    if (!index || !root) {
        return fail(fmt::format("there is no connector {} in the file", in_quotes(name)));
    }
    const TablePlace place = connector_places(m_text)[*index];
    toml::array& connectors = *connectors_of(*root);
    connectors.erase(connectors.begin() + static_cast<std::ptrdiff_t>(*index));
    if (connectors.empty()) {
        root->erase("connector");
    }
    const std::size_t begin = comments_above(m_text, place.begin, !all_comments);
    std::string text = m_text.substr(0, begin);
    const std::size_t rest = past_blank_lines(m_text, place.end());
    // What parted the connector from what follows goes with it, unless it has to part others now.
    const bool parted = text.empty() || text.ends_with("\n\n") || text.ends_with("\n\r\n");
    text += m_text.substr(parted ? rest : place.end());
    if (rest == m_text.size()) {
        const auto last = text.find_last_not_of(" \t\r\n");
        text.erase(last == std::string::npos ? 0 : std::min(text.find('\n', last), text.size() - 1) + 1);
    }
    const Result<toml::table> changed = parsed(text);
    if (!changed || *changed != *root) {
        return not_as_meant();
    }
    return ConnectorFile::parse(std::move(text)).map([&](ConnectorFile&& file) { *this = std::move(file); });
}

bool ConnectorFile::is_blank() const {
    return m_text.find_first_not_of(" \t\r\n") == std::string::npos;
}

} // namespace sendconnector::conf
