// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/log_view.hpp"

#include "conf/plain_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace sendconnector::ctl {
namespace {

using mail_log::SendLogRow;

// Conversations that never end fill no memory.
constexpr std::size_t most_open_rows = 200'000;

std::optional<Colour> colour_of(const SendLogRow& row) {
    if (row.event == '*' || row.event == '+' || row.event == '-')
        return row.context.starts_with("Failed") || row.context == "Remote" ? Colour::bad : Colour::faint;
    if (row.event != '<')
        return Colour::strong;
    if (row.data.starts_with('5'))
        return Colour::bad;
    return row.data.starts_with('4') ? std::optional(Colour::doubtful) : std::nullopt;
}

std::string words_of(const SendLogRow& row) {
    if (row.event == '+')
        return "connected";
    if (row.event == '-')
        return row.context == "Remote" ? "disconnected by the server" : "disconnected";
    if (row.data.empty())
        return row.context;
    return row.context.empty() ? row.data : fmt::format("{}: {}", row.context, row.data);
}

Json json_of(const SendLogRow& row) {
    return {{"time", mail_log::utc_text(row.time)},
            {"sequence", row.sequence},
            {"event", std::string(1, row.event)},
            {"data", row.data},
            {"context", row.context}};
}

Json head_of(const SendLogRow& row) {
    return {{"connector", row.connector}, {"session", row.session}, {"remote", row.remote}};
}

} // namespace

void LogView::add(SendLogRow row) {
    m_is_empty = false;
    if (m_live) {
        if (m_context.json()) {
            Json json = head_of(row);
            json.update(json_of(row));
            m_context.print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
            return;
        }
        if (m_shown != row.session)
            show_head(row);
        return show_row(row);
    }
    const bool is_last = row.event == '-';
    const std::string session = row.session;
    m_open[session].push_back(std::move(row));
    ++m_open_rows;
    const auto ready = m_open_rows > most_open_rows ? m_open.begin()
                       : is_last                    ? m_open.find(session)
                                                    : m_open.end();
    if (ready == m_open.end())
        return;
    show(ready->second);
    m_open_rows -= ready->second.size();
    m_open.erase(ready);
}

void LogView::finish(bool is_complete) {
    for (const auto& [session, rows] : m_open)
        show(rows);
    m_open.clear();
    if (m_context.json() && !m_live)
        m_context.print_json(Json{{"complete", is_complete}, {"conversations", std::move(m_json)}});
}

void LogView::show(const Rows& rows) {
    if (m_context.json()) {
        Json json = head_of(rows.front());
        json["rows"] = Json::array();
        for (const SendLogRow& row : rows)
            json["rows"].push_back(json_of(row));
        m_json.push_back(std::move(json));
        return;
    }
    show_head(rows.front());
    for (const SendLogRow& row : rows)
        show_row(row);
}

void LogView::show_head(const SendLogRow& row) {
    m_context.print(fmt::format(
        "{}{}  {}  to {}  {}\n", m_shown.empty() ? "" : "\n", mail_log::local_text(row.time, false),
        m_context.paint()(Colour::strong, conf::escaped(row.connector)), conf::escaped(row.remote),
        m_context.paint()(Colour::faint, conf::escaped(row.session))));
    m_shown = row.session;
}

void LogView::show_row(const SendLogRow& row) {
    const std::string text = conf::escaped(words_of(row));
    const auto colour = colour_of(row);
    m_context.print(fmt::format("  {}  {}  {}\n", mail_log::local_clock(row.time, true), row.event,
                                colour ? m_context.paint()(*colour, text) : text));
}

} // namespace sendconnector::ctl
