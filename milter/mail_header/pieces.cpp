// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/pieces.hpp"

namespace sendconnector::mail_header {
namespace {

constexpr auto nowhere = std::string_view::npos;

class Scanner {
public:
    Scanner(std::string_view value, std::string_view separators) : m_value(value), m_separators(separators) {}

    std::vector<Piece> run() {
        while (m_at < m_value.size()) {
            const char c = m_value[m_at];
            if (c == ' ' || c == '\t') {
                ++m_at;
            } else if (c == '(' && m_has_comments) {
                if (!take(Piece::Kind::comment, end_of_comment()))
                    m_has_comments = false;
            } else if (c == '"' && m_has_quotes) {
                if (!take(Piece::Kind::quoted, end_of_quoted()))
                    m_has_quotes = false;
            } else {
                take_word();
            }
        }
        return std::move(m_pieces);
    }

private:
    // `last` is the mark that closes it.
    bool take(Piece::Kind kind, std::size_t last) {
        if (last == nowhere)
            return false;
        m_pieces.push_back({kind, m_value.substr(m_at + 1, last - m_at - 1), m_at, last + 1});
        m_at = last + 1;
        return true;
    }

    std::size_t end_of_comment() const {
        std::size_t depth = 0;
        for (std::size_t at = m_at; at < m_value.size(); ++at) {
            if (m_value[at] == '\\')
                ++at;
            else if (m_value[at] == '(')
                ++depth;
            else if (m_value[at] == ')' && --depth == 0)
                return at;
        }
        return nowhere;
    }

    std::size_t end_of_quoted() const {
        for (std::size_t at = m_at + 1; at < m_value.size(); ++at) {
            if (m_value[at] == '\\')
                ++at;
            else if (m_value[at] == '"')
                return at;
        }
        return nowhere;
    }

    // Of `<...>` with no other bracket in it.
    std::size_t end_of_brackets() const {
        const std::size_t next = m_value.find_first_of("<>", m_at + 1);
        return next != nowhere && m_value[next] == '>' ? next : nowhere;
    }

    bool ends_word(char c) const {
        return c == ' ' || c == '\t' || (c == '(' && m_has_comments) || (c == '"' && m_has_quotes) ||
               m_separators.find(c) != nowhere;
    }

    void take_word() {
        const std::size_t begin = m_at;
        const std::size_t bracket = m_value[m_at] == '<' ? end_of_brackets() : nowhere;
        if (bracket != nowhere) {
            m_at = bracket + 1;
        } else {
            ++m_at;
            if (m_separators.find(m_value[begin]) == nowhere)
                while (m_at < m_value.size() && !ends_word(m_value[m_at]))
                    ++m_at;
        }
        m_pieces.push_back({Piece::Kind::word, m_value.substr(begin, m_at - begin), begin, m_at});
    }

    std::string_view m_value;
    std::string_view m_separators;
    std::size_t m_at = 0;
    bool m_has_comments = true;
    bool m_has_quotes = true;
    std::vector<Piece> m_pieces;
};

} // namespace

std::vector<Piece> pieces(std::string_view value, std::string_view separators) {
    return Scanner(value, separators).run();
}

std::string unquoted(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size())
            ++at;
        plain += text[at];
    }
    return plain;
}

} // namespace sendconnector::mail_header
