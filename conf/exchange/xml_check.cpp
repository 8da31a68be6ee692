// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/xml_check.hpp"

#include "conf/exchange/place.hpp"
#include "conf/exchange/reading.hpp"
#include "conf/plain_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

// An object within an object is Obj, Props and Obj again, a list Obj and LST.
constexpr std::size_t most_levels = 3 * deepest_nesting;
// A value is one element or, where it is an object, a handful.
constexpr std::size_t most_elements = 2 * most_values;
constexpr const char* check_the_file =
    "export again with Export-Clixml, or check that the whole file arrived";

constexpr std::array<std::string_view, 5> entities = {"lt;", "gt;", "amp;", "quot;", "apos;"};
// "&#x10FFFF;" without its ampersand.
constexpr std::size_t longest_reference = 10;

// `text` begins behind the ampersand. XML 1.0, production 2: what is a character.
bool is_character_reference(std::string_view text) {
    const std::size_t end = text.find(';');
    if (end == std::string_view::npos || !text.starts_with('#'))
        return false;
    const bool hexadecimal = text.size() > 1 && text[1] == 'x';
    const std::string_view digits = text.substr(hexadecimal ? 2 : 1, end - (hexadecimal ? 2 : 1));
    std::uint32_t value = 0;
    const auto [rest, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    const bool is_control = value < 0x20 && value != '\t' && value != '\n' && value != '\r';
    return code == std::errc() && rest == digits.data() + digits.size() && !is_control &&
           !(value >= 0xD800 && value <= 0xDFFF) && value != 0xFFFE && value != 0xFFFF && value <= 0x10FFFF;
}

class Walk {
public:
    explicit Walk(std::string_view text) : m_text(text) {}

    Result<void> run() {
        while (m_at < m_text.size()) {
            const std::size_t next = m_text.find_first_of("<&", m_at);
            if (next == std::string_view::npos)
                break;
            m_at = next;
            if (const auto step = m_text[m_at] == '&' ? reference() : markup(); !step)
                return step;
        }
        if (m_levels != 0)
            return refuse(m_text.size(), "the document ends within an element", check_the_file);
        return {};
    }

private:
    tl::unexpected<Error> refuse(std::size_t at, std::string_view what, std::string_view hint) const {
        return fail(fmt::format("{}: {}", place_in(m_text, at), what), std::string(hint));
    }

    Result<void> reference() {
        const std::string_view rest = m_text.substr(m_at + 1);
        const auto known = [&](std::string_view entity) { return rest.starts_with(entity); };
        if (std::any_of(entities.begin(), entities.end(), known)) {
            ++m_at;
            return {};
        }
        if (!is_character_reference(rest.substr(0, longest_reference)))
            return refuse(m_at, "an entity that CLIXML does not have", check_the_file);
        ++m_at;
        return {};
    }

    Result<void> skip_past(std::string_view end, std::string_view what) {
        const std::size_t found = m_text.find(end, m_at);
        if (found == std::string_view::npos)
            return refuse(m_at, fmt::format("{} that does not end", what), check_the_file);
        m_at = found + end.size();
        return {};
    }

    Result<void> markup() {
        const std::string_view rest = m_text.substr(m_at);
        if (rest.starts_with("<!--"))
            return skip_past("-->", "a comment");
        if (rest.starts_with("<![CDATA["))
            return skip_past("]]>", "a CDATA section");
        if (rest.starts_with("<!"))
            return refuse(m_at, "a document type, which may define entities; CLIXML has none",
                          "remove it if you know where the file comes from");
        if (rest.starts_with("<?"))
            return skip_past("?>", "a processing instruction");
        if (rest.starts_with("</")) {
            if (m_levels == 0)
                return refuse(m_at, "an element ends that did not begin", check_the_file);
            --m_levels;
            return skip_past(">", "a tag");
        }
        return start_tag();
    }

    Result<void> start_tag() {
        const std::size_t begin = m_at++;
        if (++m_elements > most_elements)
            return refuse(begin, fmt::format("more than {} elements", most_elements),
                          "export fewer connectors into one file");
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '>') {
                const bool empty = m_text[m_at - 1] == '/';
                ++m_at;
                if (!empty && ++m_levels > most_levels)
                    return refuse(begin, fmt::format("more than {} elements in each other", most_levels),
                                  "export with a smaller -Depth; 2, the default, is enough");
                return {};
            }
            if (c == '<')
                return refuse(begin, "a tag that does not end", check_the_file);
            if (c == '"' || c == '\'') {
                if (++m_attributes > most_elements)
                    return refuse(m_at, fmt::format("more than {} attributes", most_elements),
                                  check_the_file);
                const std::size_t end = m_text.find(c, m_at + 1);
                if (end == std::string_view::npos)
                    return refuse(m_at, "an attribute that does not end", check_the_file);
                m_at = end;
            }
            ++m_at;
        }
        return refuse(begin, "a tag that does not end", check_the_file);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_levels = 0;
    std::size_t m_elements = 0;
    std::size_t m_attributes = 0;
};

} // namespace

Result<void> check_xml(std::string_view text) {
    return Walk(text).run();
}

} // namespace sendconnector::conf::exchange
