// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/csv_reader.hpp"

#include "conf/exchange/nested_value.hpp"
#include "conf/exchange/place.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::size_t most_columns = 1'000;
constexpr const char* export_csv_again = "export again with Export-Csv -NoTypeInformation -Encoding UTF8";

using Record = std::vector<std::string>;

// The separator that the header uses, outside of quotation marks.
char separator_of(std::string_view header) {
    bool quoted = false;
    for (const char c : header) {
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ',' || c == ';' || c == '\t'))
            return c;
        else if (!quoted && c == '\n')
            break;
    }
    return ',';
}

class CsvReader {
public:
    explicit CsvReader(std::string_view text) : m_text(text), m_lines(text) {}

    Result<Reading> run() {
        take_type();
        m_separator = separator_of(m_text.substr(m_at));
        const auto header = record();
        if (!header)
            return tl::unexpected(header.error());
        if (const auto named = check_names(*header); !named)
            return tl::unexpected(named.error());
        Reading reading;
        while (m_at < m_text.size()) {
            const std::size_t begin = m_at;
            auto row = record();
            if (!row)
                return tl::unexpected(row.error());
            if (row->size() == 1 && row->front().empty())
                continue; // an empty line
            if (row->size() != header->size())
                return refuse(begin, fmt::format("{} cells below {} columns", row->size(), header->size()));
            m_values += row->size();
            if (reading.objects.size() == most_objects || m_values > most_values)
                return refuse(begin, "more rows than connectors can be");
            reading.objects.push_back(object_of(*header, *row, begin));
        }
        return reading;
    }

private:
    tl::unexpected<Error> refuse(std::size_t at, std::string_view what) const {
        return fail(fmt::format("{}: {}", place_in(m_text, at), what), export_csv_again);
    }

    void take_type() {
        constexpr std::string_view mark = "#TYPE ";
        m_at = std::min(m_text.find_first_not_of(" \t\n"), m_text.size());
        if (!m_text.substr(m_at).starts_with(mark))
            return;
        const std::size_t end = std::min(m_text.find('\n', m_at), m_text.size());
        std::string_view type = m_text.substr(m_at + mark.size(), end - m_at - mark.size());
        constexpr std::string_view remoting = "Deserialized.";
        if (type.starts_with(remoting))
            type.remove_prefix(remoting.size());
        m_type = type;
        m_at = std::min(end + 1, m_text.size());
    }

    Result<void> check_names(const Record& header) const {
        if (header.size() > most_columns)
            return refuse(0, fmt::format("more than {} columns", most_columns));
        std::unordered_set<std::string> names;
        for (const std::string& name : header)
            if (!names.insert(policy::fold_case(name)).second)
                return refuse(0, fmt::format("the column {} is there twice", in_quotes(escaped(name))));
        return {};
    }

    // One record, and past the end of its line.
    Result<Record> record() {
        Record cells;
        while (true) {
            auto cell = m_at < m_text.size() && m_text[m_at] == '"' ? quoted() : plain();
            if (!cell)
                return tl::unexpected(cell.error());
            if (cells.size() > most_columns)
                return refuse(m_at, fmt::format("more than {} cells", most_columns));
            cells.push_back(*std::move(cell));
            if (m_at == m_text.size())
                return cells;
            const char end = m_text[m_at++];
            if (end == '\n')
                return cells;
            if (end != m_separator)
                return refuse(m_at - 1, "text behind a closing quotation mark");
        }
    }

    Result<std::string> quoted() {
        const std::size_t begin = m_at++;
        std::string cell;
        while (true) {
            const std::size_t end = m_text.find('"', m_at);
            if (end == std::string_view::npos)
                return refuse(begin, "a quotation that does not end");
            cell += m_text.substr(m_at, end - m_at);
            m_at = end + 1;
            if (m_at == m_text.size() || m_text[m_at] != '"')
                return cell;
            cell += '"';
            ++m_at;
        }
    }

    Result<std::string> plain() {
        const char ends[] = {m_separator, '\n'};
        const std::size_t end =
            std::min(m_text.find_first_of(std::string_view(ends, 2), m_at), m_text.size());
        std::string cell(m_text.substr(m_at, end - m_at));
        m_at = end;
        return cell;
    }

    Object object_of(const Record& header, Record& row, std::size_t begin) const {
        Object object{m_type, m_lines.line_of(begin), {}};
        for (std::size_t i = 0; i < header.size(); ++i) {
            Property& property = object.properties.emplace_back(Property{header[i], {}, {}});
            if (row[i].empty())
                continue;
            if (auto cut = value_of_cut_text(row[i])) {
                property.value = std::move(cut->value);
                property.lost = std::move(cut->lost);
            } else {
                property.value = Value(std::move(row[i]));
            }
        }
        return object;
    }

    std::string_view m_text;
    LineIndex m_lines;
    std::size_t m_at = 0;
    std::size_t m_values = 0;
    char m_separator = ',';
    std::string m_type;
};

} // namespace

Result<Reading> read_csv(std::string_view text) {
    return CsvReader(text).run();
}

} // namespace sendconnector::conf::exchange
