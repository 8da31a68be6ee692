// SPDX-License-Identifier: Apache-2.0
#include "conf/toml_layout.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

std::string without_marks(std::string_view name) {
    const auto begin = name.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    name = name.substr(begin, name.find_last_not_of(" \t") - begin + 1);
    if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) {
        name = name.substr(1, name.size() - 2);
    }
    return std::string(name);
}

class Walker {
public:
    explicit Walker(std::string_view text) : m_text(text) {}

    std::vector<TablePlace> run() {
        m_tables.emplace_back();
        if (m_text.starts_with("\xEF\xBB\xBF")) {
            m_offset = 3;
            m_tables.front().begin = m_tables.front().keys_begin = 3;
        }
        while (m_offset < m_text.size()) {
            const std::size_t begin = m_offset;
            skip_blanks();
            switch (peek()) {
            case '\n':
            case '\r':
            case '#':
            case '\0':
                skip_line();
                break;
            case '[':
                header(begin);
                break;
            default:
                key(begin);
            }
        }
        return std::move(m_tables);
    }

private:
    char peek() const { return m_offset < m_text.size() ? m_text[m_offset] : '\0'; }
    bool at(std::string_view what) const { return m_text.substr(m_offset).starts_with(what); }

    void skip_blanks() {
        while (peek() == ' ' || peek() == '\t') {
            ++m_offset;
        }
    }

    void skip_line() { m_offset = std::min(m_text.find('\n', m_offset), m_text.size() - 1) + 1; }

    void header(std::size_t begin) {
        const bool is_list = at("[[");
        const std::size_t name = m_offset + (is_list ? 2 : 1);
        m_offset = name;
        while (m_offset < m_text.size() && peek() != ']' && peek() != '\n') {
            skip_string_or_octet();
        }
        TablePlace& table = m_tables.emplace_back();
        table.name = without_marks(m_text.substr(name, m_offset - name));
        table.is_list = is_list;
        table.begin = begin;
        skip_line();
        table.keys_begin = m_offset;
    }

    void key(std::size_t begin) {
        KeyPlace place;
        place.begin = begin;
        const std::size_t name = m_offset;
        while (m_offset < m_text.size() && peek() != '=' && peek() != '\n') {
            skip_string_or_octet();
        }
        place.name = without_marks(m_text.substr(name, m_offset - name));
        ++m_offset;
        skip_blanks();
        place.value_begin = std::min(m_offset, m_text.size());
        skip_value();
        place.value_end = m_offset;
        skip_line();
        place.end = m_offset;
        m_tables.back().keys.push_back(std::move(place));
    }

    // Up to behind the value, blanks after it excluded.
    void skip_value() {
        const std::size_t begin = m_offset;
        int open = 0;
        std::size_t end = begin;
        while (m_offset < m_text.size()) {
            const char c = peek();
            if (open == 0 && (c == '\n' || c == '#')) {
                break;
            }
            if (c == '#') {
                skip_line();
                continue;
            }
            if (c == '[' || c == '{') {
                ++open;
            } else if (c == ']' || c == '}') {
                --open;
            }
            skip_string_or_octet();
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                end = m_offset;
            }
        }
        m_offset = end;
    }

    void skip_string_or_octet() {
        const char c = peek();
        if (c != '"' && c != '\'') {
            ++m_offset;
            return;
        }
        const std::string triple(3, c);
        const bool is_long = at(triple);
        m_offset += is_long ? 3 : 1;
        while (m_offset < m_text.size()) {
            if (c == '"' && peek() == '\\') {
                m_offset += 2;
            } else if (is_long && at(triple)) {
                m_offset += 3;
                // Up to two quotation marks right before the closing three belong to the string.
                for (int i = 0; i < 2 && peek() == c; ++i) {
                    ++m_offset;
                }
                break;
            } else if (!is_long && (peek() == c || peek() == '\n')) {
                m_offset += peek() == c ? 1U : 0U;
                break;
            } else {
                ++m_offset;
            }
        }
        m_offset = std::min(m_offset, m_text.size());
    }

    std::string_view m_text;
    std::size_t m_offset = 0;
    std::vector<TablePlace> m_tables;
};

} // namespace

const KeyPlace* TablePlace::find(std::string_view key) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const KeyPlace& each) { return each.name == key; });
    return found == keys.end() ? nullptr : &*found;
}

std::vector<TablePlace> toml_layout(std::string_view text) {
    return Walker(text).run();
}

} // namespace sendconnector::conf
