// SPDX-License-Identifier: Apache-2.0
#include "conf/table_piece.hpp"

#include "conf/plain_text.hpp"
#include "conf/table_line_fault.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <unordered_map>
#include <utility>

namespace sendconnector::conf {

namespace {

// Reads whole lines; places count from their first.
class PieceReader {
public:
    PieceReader(std::string_view text, const TableReading& reading, policy::SenderList list)
        : m_text(text), m_reading(reading), m_is_ascii(policy::is_ascii(text)) {
        m_piece.list = std::move(list);
        m_piece.content.counts.resize(reading.connectors->size());
        m_piece.content.named.resize(reading.connectors->size());
    }

    TablePiece read() {
        const char* at = m_text.data();
        const char* const end = at + m_text.size();
        while (at != end) {
            ++m_piece.lines;
            const auto* newline =
                static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
            const char* const line_end = newline == nullptr ? end : newline;
            take_line({at, static_cast<std::size_t>(line_end - at)});
            at = newline == nullptr ? end : newline + 1;
        }
        take_entry();
        return std::move(m_piece);
    }

private:
    void take_line(std::string_view line) {
        std::size_t begin = 0;
        while (begin < line.size() && is_table_blank(line[begin])) {
            ++begin;
        }
        if (begin == line.size() || line[begin] == '#') {
            return;
        }
        while (is_table_blank(line.back())) {
            line.remove_suffix(1);
        }
        const std::string_view text = line.substr(begin);
        const Spot at{m_piece.lines, static_cast<std::uint32_t>(begin + 1)};
        if (m_reading.owner) {
            m_at = at;
            take_sender(text, *m_reading.owner);
        } else if (begin == 0) {
            take_entry();
            m_at = at;
            m_entry = text;
            m_has_entry = true;
        } else {
            continue_entry(text, at);
        }
    }

    void continue_entry(std::string_view text, Spot at) {
        if (!m_has_entry) {
            return refuse(at, fault_of_first_continuation());
        }
        if (m_entry.size() > longest_table_line) {
            return; // refused already in all but words
        }
        const std::string_view before = m_entry;
        m_joined = fmt::format("{} {}", before, text);
        m_entry = m_joined;
    }

    // The lines so far that belong together.
    void take_entry() {
        if (!std::exchange(m_has_entry, false) || !is_readable(m_entry)) {
            return;
        }
        const std::size_t cut = end_of_sender(m_entry);
        std::size_t name = cut;
        while (name < m_entry.size() && is_table_blank(m_entry[name])) {
            ++name;
        }
        if (name == m_entry.size()) {
            return refuse(m_at, fault_of_missing_name(m_entry, *m_reading.connectors));
        }
        const auto connector = connector_called(m_entry.substr(name));
        if (!connector) {
            const Spot at{m_at.line,
                          m_at.column + static_cast<std::uint32_t>(length_of(m_entry.substr(0, name)))};
            return refuse(at, fault_of_name(m_entry.substr(name), *m_reading.connectors));
        }
        take_sender(m_entry.substr(0, cut), *connector);
    }

    // A quoted local part may have blanks in it.
    static std::size_t end_of_sender(std::string_view entry) {
        std::size_t end = 0;
        if (entry.front() == '"') {
            for (end = 1; end < entry.size() && entry[end] != '"'; ++end) {
                if (entry[end] == '\\') {
                    ++end;
                }
            }
            end = std::min(end, entry.size());
        }
        while (end < entry.size() && !is_table_blank(entry[end])) {
            ++end;
        }
        return end;
    }

    std::optional<std::uint32_t> connector_called(std::string_view name) {
        if (name == m_last_name) {
            return m_last;
        }
        auto found = m_known.find(name);
        if (found == m_known.end()) {
            const auto connector = m_reading.connectors->find(unquoted_name(name));
            if (!connector) {
                return std::nullopt;
            }
            // A joined line does not stay where it is.
            if (m_entry.data() == m_joined.data()) {
                return connector;
            }
            found = m_known.emplace(name, *connector).first;
        }
        m_last_name = found->first;
        m_last = found->second;
        return m_last;
    }

    void take_sender(std::string_view text, std::uint32_t connector) {
        if (m_reading.owner && !is_readable(text)) {
            return;
        }
        if (text.size() == 2 && text == "<>" &&
            m_reading.connectors->at(connector).identity != policy::SenderIdentity::envelope) {
            return refuse(m_at, fault_of_null_sender(m_reading.connectors->at(connector)));
        }
        TableContent& content = m_piece.content;
        if (const auto added = m_piece.list.add(text, connector); !added) {
            return refuse(m_at, fault_of_sender(text, added.error(), m_reading.owner.has_value()));
        }
        content.places.add(m_at);
        ++content.counts[connector];
        if (content.named[connector].line == 0) {
            content.named[connector] = m_at;
        }
    }

    bool is_readable(std::string_view text) {
        if (text.size() > longest_table_line) {
            refuse(m_at, fault_of_long_line(text.size()));
            return false;
        }
        if (!m_is_ascii && !is_utf8(text)) {
            refuse(m_at, fault_of_encoding());
            return false;
        }
        return true;
    }

    void refuse(Spot at, Error error) { add_problem(m_piece.content, at, std::move(error)); }

    std::string_view m_text;
    const TableReading& m_reading;
    bool m_is_ascii;
    TablePiece m_piece;
    Spot m_at;
    bool m_has_entry = false;
    std::string_view m_entry; // without surrounding blanks; in the text, or in m_joined
    std::string m_joined;
    std::unordered_map<std::string_view, std::uint32_t> m_known; // as written
    std::string_view m_last_name;
    std::uint32_t m_last = 0;
};

} // namespace

TablePiece read_piece(std::string_view text, const TableReading& reading, policy::SenderList list) {
    return PieceReader(text, reading, std::move(list)).read();
}

void add_problem(TableContent& content, Spot at, Error error) {
    if (content.problems.size() < most_problems) {
        content.problems.push_back({at, std::move(error)});
    } else if (content.more_problems++ == 0) {
        content.more_at = at;
    }
}

} // namespace sendconnector::conf
