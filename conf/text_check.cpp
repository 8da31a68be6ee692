// SPDX-License-Identifier: Apache-2.0
#include "conf/text_check.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr int most_parts = 32;
constexpr std::size_t most_brackets = 100;

// Walks over the text as a TOML lexer does, as far as is needed to tell strings and comments from the rest.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    std::optional<TextProblem> run() {
        while (m_offset < m_text.size()) {
            const auto point = code_point_at(m_text, m_offset);
            if (!point) {
                return problem("the file is not UTF-8 here", "save it in UTF-8");
            }
            if (point->value == 0) {
                return problem("there is a NUL octet here", "check that this is a text file, saved in UTF-8");
            }
            if (m_in == In::structure) {
                if (auto found =
                        point->length == 1 ? structure(static_cast<char>(point->value)) : foreign(*point)) {
                    return found;
                }
            } else if (point->length == 1) {
                inside(static_cast<char>(point->value));
            }
            step(point->length, point->value == '\n');
        }
        return std::nullopt;
    }

private:
    enum class In { structure, comment, basic, literal, long_basic, long_literal };

    std::optional<TextProblem> problem(std::string text, std::string hint) const {
        return TextProblem{m_at, Error{std::move(text), std::move(hint)}};
    }

    void step(std::size_t length, bool line_ends) {
        m_offset += length;
        if (line_ends) {
            ++m_at.line;
            m_at.column = 1;
        } else {
            ++m_at.column;
        }
    }

    // For ASCII within a line only.
    void skip(std::size_t count) {
        m_offset += count;
        m_at.column += static_cast<std::uint32_t>(count);
    }

    bool at(std::string_view what) const { return m_text.substr(m_offset, what.size()) == what; }

    // Up to two quotes right before the closing three belong to the string.
    void end_long_string(char quote) {
        skip(2);
        for (int i = 0; i < 2 && m_offset + 1 < m_text.size() && m_text[m_offset + 1] == quote; ++i) {
            skip(1);
        }
        m_in = In::structure;
    }

    // A byte order mark may begin the file.
    std::optional<TextProblem> foreign(CodePoint point) const {
        if (m_offset == 0 && point.value == 0xFEFF) {
            return std::nullopt;
        }
        return problem(fmt::format("the character {} (U+{:04X}) stands outside of quotation marks",
                                   in_quotes(m_text.substr(m_offset, point.length)),
                                   static_cast<std::uint32_t>(point.value)),
                       "put the text in quotation marks, or type the line anew");
    }

    // The header of a table, `[name]` or `[[name]]`.
    bool is_header_without_name() const {
        const std::size_t name = m_text.find_first_not_of(" \t", m_offset + (at("[[") ? 2 : 1));
        if (name == std::string_view::npos) {
            return true;
        }
        const char c = m_text[name];
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                 c == '-' || c == '"' || c == '\'');
    }

    std::optional<TextProblem> structure(char c) {
        const bool begins_line = m_begins_line;
        m_begins_line = c == '\n' || (begins_line && (c == ' ' || c == '\t'));
        if (begins_line && m_open.empty() && c == '[' && is_header_without_name()) {
            return problem("there is no table name in this bracket",
                           "write [[connector]], [daemon], [postfix], [tls] or [sender_tables]");
        }
        switch (c) {
        case '#':
            m_in = In::comment;
            break;
        case '"':
            m_in = at(R"(""")") ? In::long_basic : In::basic;
            skip(m_in == In::long_basic ? 2 : 0);
            break;
        case '\'':
            m_in = at("'''") ? In::long_literal : In::literal;
            skip(m_in == In::long_literal ? 2 : 0);
            break;
        case '.':
            if (++m_dots >= most_parts) {
                return problem(fmt::format("a key has more than {} parts", most_parts),
                               "check the key's spelling");
            }
            break;
        case '[':
        case '{':
            m_dots = 0;
            m_open += c;
            if (m_open.size() > most_brackets) {
                return problem(fmt::format("more than {} brackets are open", most_brackets),
                               "close them, for no key takes a list within a list");
            }
            break;
        case ']':
        case '}':
            m_dots = 0;
            if (!m_open.empty() && (m_open.back() == '[') != (c == ']')) {
                return problem(fmt::format("this {} does not fit the {} before it", c, m_open.back()),
                               "close each bracket with its like");
            }
            if (!m_open.empty()) {
                m_open.pop_back();
            }
            break;
        case '\n':
        case '=':
        case ',':
            m_dots = 0;
            break;
        default:
            break;
        }
        return std::nullopt;
    }

    void inside(char c) {
        if (c == '\n' && m_in != In::long_basic && m_in != In::long_literal) {
            m_in = In::structure;
            m_begins_line = true;
            m_dots = 0;
            return;
        }
        switch (m_in) {
        case In::basic:
        case In::long_basic:
            // The character after a backslash does not end the string; a line end still ends the line.
            if (c == '\\' && m_offset + 1 < m_text.size() &&
                (m_text[m_offset + 1] == '"' || m_text[m_offset + 1] == '\\')) {
                skip(1);
            } else if (c == '"' && m_in == In::basic) {
                m_in = In::structure;
            } else if (c == '"' && at(R"(""")")) {
                end_long_string('"');
            }
            break;
        case In::literal:
            m_in = c == '\'' ? In::structure : m_in;
            break;
        case In::long_literal:
            if (at("'''")) {
                end_long_string('\'');
            }
            break;
        case In::structure:
        case In::comment:
            break;
        }
    }

    std::string_view m_text;
    std::size_t m_offset = 0;
    Spot m_at = {1, 1};
    In m_in = In::structure;
    bool m_begins_line = true;
    int m_dots = 0;
    std::string m_open; // brackets, outermost first
};

} // namespace

std::optional<TextProblem> check_text(std::string_view text) {
    return Scanner(text).run();
}

} // namespace sendconnector::conf
