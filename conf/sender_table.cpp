// SPDX-License-Identifier: Apache-2.0
#include "conf/sender_table.hpp"

#include "conf/table_line_fault.hpp"
#include "conf/table_piece.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace sendconnector::conf {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// The first place from `at` on where the text can be cut.
std::size_t cut_behind(std::string_view text, std::size_t at, bool any_line) {
    while (at < text.size()) {
        const std::size_t newline = text.find('\n', at);
        if (newline == std::string_view::npos || newline + 1 == text.size()) {
            return text.size();
        }
        if (any_line || begins_entry(text[newline + 1])) {
            return newline + 1;
        }
        at = newline + 1;
    }
    return text.size();
}

// The pieces side by side; where no thread can be had, one after the other. The first goes behind `list`.
std::vector<TablePiece> read_pieces(const std::vector<std::string_view>& texts, const TableReading& reading,
                                    policy::SenderList list) {
    std::vector<TablePiece> pieces(texts.size());
    pieces.front().list = std::move(list);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < texts.size(); i = next++) {
            try {
                pieces[i] = read_piece(texts[i], reading, std::move(pieces[i].list));
            } catch (...) {
                pieces[i].error = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> others;
        try {
            while (others.size() + 1 < texts.size()) {
                others.emplace_back(work);
            }
        } catch (const std::system_error&) { // this one does their part
        }
        work();
    }
    for (const TablePiece& piece : pieces) {
        if (piece.error) {
            std::rethrow_exception(piece.error);
        }
    }
    return pieces;
}

class Joining {
public:
    explicit Joining(const TableReading& reading) {
        m_content.counts.resize(reading.connectors->size());
        m_content.named.resize(reading.connectors->size());
    }

    void add(TablePiece&& piece) {
        TableContent& part = piece.content;
        const auto moved = [&](Spot at) { return Spot{at.line + m_lines, at.column}; };
        for (TableProblem& problem : part.problems) {
            refuse(moved(problem.at), std::move(problem.error));
        }
        if (part.more_problems > 0) {
            m_content.more_at = m_content.more_problems == 0 ? moved(part.more_at) : m_content.more_at;
            m_content.more_problems += part.more_problems;
        }
        for (std::size_t i = 0; i < part.counts.size(); ++i) {
            m_content.counts[i] += part.counts[i];
            if (m_content.named[i].line == 0 && part.named[i].line != 0) {
                m_content.named[i] = moved(part.named[i]);
            }
        }
        m_content.places.append(part.places, m_lines);
        m_lines += piece.lines;
    }

    // What is in a piece's list, behind what is in `list`.
    void add(const policy::SenderList& more, policy::SenderList& list) {
        if (const auto joined = list.append(more); !joined) {
            refuse({m_lines + 1, 1}, joined.error());
        }
    }

    TableContent take() { return std::move(m_content); }

private:
    void refuse(Spot at, Error error) { add_problem(m_content, at, std::move(error)); }

    TableContent m_content;
    std::uint32_t m_lines = 0;
};

} // namespace

TableContent read_sender_table(std::string_view octets, const TableReading& reading,
                               policy::SenderList& list) {
    Joining joining(reading);
    if (auto problem = fault_of_file(octets)) {
        TablePiece nothing;
        nothing.content.problems.push_back(std::move(*problem));
        joining.add(std::move(nothing));
        return joining.take();
    }
    std::size_t done = octets.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    while (done < octets.size()) {
        std::vector<std::string_view> texts;
        while (texts.size() < std::max(reading.threads, 1U) && done < octets.size()) {
            const std::size_t end = cut_behind(
                octets, std::min(octets.size(), done + std::max<std::size_t>(reading.chunk, 1) - 1),
                reading.owner.has_value());
            texts.push_back(octets.substr(done, end - done));
            done = end;
        }
        std::vector<TablePiece> pieces = read_pieces(texts, reading, std::move(list));
        list = std::move(pieces.front().list);
        for (TablePiece& piece : pieces) {
            if (&piece != &pieces.front()) {
                joining.add(piece.list, list);
            }
            joining.add(std::move(piece));
        }
        if (reading.progress) {
            reading.progress(done);
        }
    }
    return joining.take();
}

} // namespace sendconnector::conf
