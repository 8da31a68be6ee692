// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/json_reader.hpp"

#include "conf/exchange/nested_value.hpp"
#include "conf/exchange/place.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace sendconnector::conf::exchange {

namespace {

constexpr const char* export_json_again = "export again, or check that the whole file arrived";

// Reads the text for the parser and tells how far that is, which its events do not.
class Cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Cursor(const char* at, const char** seen) : m_at(at), m_seen(seen) {}
    reference operator*() const { return *m_at; }
    Cursor& operator++() {
        *m_seen = ++m_at;
        return *this;
    }
    Cursor operator++(int) {
        const Cursor old = *this;
        ++*this;
        return old;
    }
    friend bool operator==(const Cursor& a, const Cursor& b) { return a.m_at == b.m_at; }
    friend bool operator!=(const Cursor& a, const Cursor& b) { return a.m_at != b.m_at; }

private:
    const char* m_at;
    const char** m_seen;
};

// A list or an object that has begun and not ended.
struct Open {
    bool is_list = false;
    // Its objects are connectors: the root, and what wraps them there.
    bool holds_connectors = false;
    std::size_t line = 0;
    std::string key; // of the property that is next
    std::vector<Property> properties;
    std::unordered_set<std::string> names;
    List items;
    std::string lost;
};

class JsonReader {
public:
    explicit JsonReader(std::string_view text) : m_text(text), m_seen(text.data()), m_lines(text) {}

    Result<Reading> run() {
        const char* begin = m_text.data();
        const bool parsed =
            nlohmann::json::sax_parse(Cursor(begin, &m_seen), Cursor(begin + m_text.size(), &m_seen), this);
        if (!parsed)
            return tl::unexpected(m_error);
        return std::move(m_reading);
    }

    bool null() { return take({}); }
    bool boolean(bool value) { return take({Value(value)}); }
    bool number_integer(std::int64_t value) { return take({Value(value)}); }
    bool number_unsigned(std::uint64_t value) {
        return value <= INT64_MAX ? take({Value(static_cast<std::int64_t>(value))})
                                  : take({Value(std::to_string(value))});
    }
    bool number_float(double /*value*/, const std::string& as_written) { return take({Value(as_written)}); }
    bool string(std::string& value) {
        if (value.find('\0') != std::string::npos)
            return refuse("a NUL character", export_json_again);
        if (auto cut = value_of_cut_text(value))
            return take(*std::move(cut));
        return take({Value(std::move(value))});
    }
    bool binary(nlohmann::json::binary_t& /*value*/) { return refuse("octets", export_json_again); }

    bool start_object(std::size_t /*elements*/) { return open(false); }
    bool key(std::string& name) {
        Open& object = m_open.back();
        if (!object.names.insert(name).second)
            return refuse(fmt::format("{} is there twice in one object", in_quotes(escaped(name))),
                          "keep one of the two");
        object.key = std::move(name);
        return true;
    }
    bool end_object() {
        Open object = std::move(m_open.back());
        m_open.pop_back();
        const bool wraps = object.holds_connectors && object.names.count("value") != 0 &&
                           object.names.count("Count") != 0 && m_wrapped;
        if (wraps)
            return true;
        const bool is_connector = m_open.empty() || (m_open.back().is_list && m_open.back().holds_connectors);
        return is_connector ? take_connector(std::move(object))
                            : take(value_of_properties(object.properties));
    }
    bool start_array(std::size_t /*elements*/) { return open(true); }
    bool end_array() {
        Open list = std::move(m_open.back());
        m_open.pop_back();
        if (list.holds_connectors) {
            m_wrapped = true;
            return true;
        }
        return take({Value(std::move(list.items)), std::move(list.lost)});
    }

    // `position` counts characters read, the one that will not do among them.
    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::json::exception& /*error*/) {
        m_error = {fmt::format("{}: no JSON", place_in(m_text, position == 0 ? 0 : position - 1)),
                   export_json_again};
        return false;
    }

private:
    bool refuse(std::string what, std::string hint) {
        const auto seen = static_cast<std::size_t>(m_seen - m_text.data());
        m_error = {fmt::format("{}: {}", place_in(m_text, seen), what), std::move(hint)};
        return false;
    }

    std::size_t line() const { return m_lines.line_of(static_cast<std::size_t>(m_seen - m_text.data())); }

    bool open(bool is_list) {
        if (m_open.size() == deepest_nesting)
            return refuse(fmt::format("more than {} lists and objects in each other", deepest_nesting),
                          "export with -Depth 4, which is enough");
        if (++m_values > most_values)
            return too_many();
        Open opened;
        opened.is_list = is_list;
        opened.line = line();
        if (m_open.empty()) {
            opened.holds_connectors = true;
        } else {
            const Open& outer = m_open.back();
            opened.holds_connectors = is_list && m_open.size() == 1 && !outer.is_list && outer.key == "value";
        }
        m_open.push_back(std::move(opened));
        return true;
    }

    bool too_many() {
        return refuse(fmt::format("more than {} values", most_values),
                      "export fewer connectors into one file");
    }

    bool take(Nested nested) {
        if (++m_values > most_values)
            return too_many();
        if (m_open.empty())
            return refuse("a value, and no object",
                          "export with Get-SendConnector | ConvertTo-Json -Depth 4");
        Open& outer = m_open.back();
        if (!outer.is_list) {
            outer.properties.push_back(
                {std::move(outer.key), std::move(nested.value), std::move(nested.lost)});
        } else if (outer.holds_connectors) {
            remark("a value among the objects");
        } else {
            if (outer.lost.empty())
                outer.lost = std::move(nested.lost);
            if (!nested.value.is_null())
                outer.items.push_back(std::move(nested.value));
        }
        return true;
    }

    bool take_connector(Open object) {
        if (m_reading.objects.size() == most_objects)
            return refuse(fmt::format("more than {} objects", most_objects),
                          "export fewer connectors into one file");
        if (object.properties.empty())
            remark("an object without properties");
        else
            m_reading.objects.push_back({"", object.line, std::move(object.properties)});
        return true;
    }

    void remark(std::string text) {
        if (m_reading.remarks.size() < most_remarks)
            m_reading.remarks.push_back({line(), std::move(text)});
    }

    std::string_view m_text;
    const char* m_seen; // how far the parser has read
    LineIndex m_lines;
    std::vector<Open> m_open;
    bool m_wrapped = false; // the connectors were in a list
    std::size_t m_values = 0;
    Reading m_reading;
    Error m_error;
};

} // namespace

Result<Reading> read_json(std::string_view text) {
    return JsonReader(text).run();
}

} // namespace sendconnector::conf::exchange
