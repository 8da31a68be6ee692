// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/header.hpp"

#include "milter/mail_header/line_prefix.hpp"
#include "milter/mail_header/lines.hpp"
#include "milter/mail_header/plain_octets.hpp"
#include "policy/domain.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sendconnector::mail_header {
namespace {

constexpr std::string_view blanks = " \t";

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// The name before the colon (RFC 5322 3.6.8, blanks in front of the colon as in 4.5.3); empty where the line
// is no field. A letter comes first: what has lost its indentation may begin with an IPv6 address or a time.
std::string_view field_name(std::string_view line) {
    const std::size_t colon = line.substr(0, longest_name).find(':');
    if (colon == std::string_view::npos)
        return {};
    std::string_view name = line.substr(0, colon);
    name = name.substr(0, name.find_last_not_of(blanks) + 1);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool is_name = !name.empty() && is_letter(name.front()) &&
                         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
    const bool is_address = line.substr(colon + 1).starts_with("//");
    return is_name && !is_address ? name : std::string_view();
}

// Copied from a web page: an empty line behind every line.
bool has_every_second_line_empty(std::string_view text) {
    constexpr int enough = 3;
    Lines lines(text);
    int pairs = 0;
    while (!lines.at_end() && pairs < enough) {
        const std::string_view line = lines.take();
        if (pairs == 0 && line.empty())
            continue;
        const bool belongs = !line.empty() && (is_blank(line.front()) || !field_name(line).empty());
        if (!belongs || lines.at_end() || !lines.take().empty())
            return false;
        ++pairs;
    }
    return pairs == enough;
}

class Splitter {
public:
    explicit Splitter(std::string_view text)
        : m_lines(text), m_skips_empty(has_every_second_line_empty(text)) {}

    // `is_all`: there is nothing behind the text.
    Header run(bool is_all) {
        bool is_inside = true;
        while (is_inside && !m_lines.at_end()) {
            ++m_number;
            is_inside = take(m_lines.take());
        }
        m_header.is_cut = m_header.is_cut || (is_inside && !is_all);
        return std::move(m_header);
    }

private:
    // False: the header ends here.
    bool take(std::string_view line) {
        if (line.empty()) {
            ++m_empty_lines;
            return m_header.fields.empty() || (m_skips_empty && m_empty_lines < 2);
        }
        m_empty_lines = 0;
        // Only blanks: part of a fold (RFC 5322 4.2), or what is left of an empty line that was pasted.
        const std::string_view content = trimmed(line, blanks);
        if (content.empty()) {
            m_is_after_blanks = true;
            return true;
        }
        const bool is_after_blanks = std::exchange(m_is_after_blanks, false);
        if (is_blank(line.front()))
            return extend(content);
        if (const std::string_view name = field_name(line); !name.empty())
            return add(name, trimmed(line.substr(line.find(':') + 1), blanks));
        if (m_header.fields.empty())
            return true;
        if (is_after_blanks)
            return false;
        ++m_header.stray_lines;
        return extend(content);
    }

    bool add(std::string_view name, std::string_view value) {
        if (m_header.fields.size() == most_fields) {
            m_header.is_cut = true;
            return false;
        }
        m_header.fields.push_back({std::string(name), policy::fold_case(name), {}, m_number});
        return extend(value);
    }

    bool extend(std::string_view content) {
        if (m_header.fields.empty() || content.empty())
            return true;
        std::string& value = m_header.fields.back().value;
        value += value.empty() ? "" : " ";
        value += content;
        if (value.size() > longest_value) {
            value.resize(longest_value);
            m_header.is_cut = true;
        }
        return true;
    }

    Lines m_lines;
    bool m_skips_empty;
    bool m_is_after_blanks = false;
    int m_empty_lines = 0;
    std::size_t m_number = 0;
    Header m_header;
};

} // namespace

const Field* Header::first(std::string_view key) const {
    const auto found = std::ranges::find(fields, key, &Field::key);
    return found == fields.end() ? nullptr : &*found;
}

Header split_header(std::string_view given) {
    const std::string text = plain_octets(given.substr(0, most_octets));
    const bool is_all = given.size() <= most_octets;
    Header header = Splitter(text).run(is_all);
    if (header.fields.empty())
        if (const std::string_view prefix = line_prefix(text); !prefix.empty())
            return Splitter(without_prefix(text, prefix)).run(is_all);
    return header;
}

} // namespace sendconnector::mail_header
