// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_text.hpp"
#include "conf/plain_text.hpp"
#include "milter/ctl/headers_report.hpp"
#include "milter/ctl/table.hpp"
#include "milter/mail_header/duration.hpp"
#include "milter/mail_header/encoded_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

using namespace mail_header;

constexpr std::size_t longest_cell = 120;
constexpr std::size_t bar_columns = 10;
constexpr std::size_t most_others = 300;

void add_named(TextLines& lines, const NamedValues& values) {
    const std::size_t width = longest_name(values);
    for (const auto& [name, value] : values)
        lines.add(fmt::format("{:<{}} : ", name, width), width + 3, shown(value));
}

std::string verdict_line(const Authentication& authentication, const Paint& paint) {
    std::string line;
    for (const std::string_view method : verdict_methods) {
        const MethodResult* verdict = authentication.verdict(method);
        if (verdict == nullptr && method == "compauth")
            continue;
        const std::string result = verdict == nullptr ? "not stated" : shown(verdict->result, 30);
        const Weight weight = verdict == nullptr ? Weight::neutral : weight_of(verdict->result);
        std::string name(method);
        std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        line += fmt::format("{}{} {}", line.empty() ? "" : "  ", name, paint(colour_of(weight), result));
    }
    return line;
}

void add_summary(const HeadersReport& report, TextLines& lines) {
    const Analysis& analysis = report.analysis;
    NamedValues values;
    for (const SummaryLine& line : analysis.summary)
        values.emplace_back(line.name, line.value);
    if (const auto& total = analysis.way.total)
        values.emplace_back("On the way", fmt::format("{}, {}", duration_text(*total),
                                                      counted(analysis.way.hops.size(), "hop")));
    if (analysis.delivered_after)
        values.emplace_back("Since Date", duration_text(*analysis.delivered_after));
    for (const LeftThrough& left : report.left)
        values.emplace_back("Connector", fmt::format("{}, at hop {}: {}", connector_names(left), left.hop + 1,
                                                     fmt::join(left.evidence, ", ")));
    if (report.queued) {
        values.emplace_back("Queue", fmt::format("{} ({})", report.queued->queue, report.queued->queue_id));
        if (!report.queued->filter.empty())
            values.emplace_back("FILTER", report.queued->filter);
        for (const QueuedWay::Recipient& recipient : report.queued->recipients)
            values.emplace_back("Leaves through",
                                fmt::format("{}, for {}", recipient.route, recipient.address));
    }
    add_named(lines, values);
    const std::size_t width = longest_name(values);
    lines.raw(
        fmt::format("{:<{}} : {}\n", "Stated", width, verdict_line(analysis.authentication, lines.paint())));
    for (const Remark& remark : analysis.remarks)
        lines.add("! ", 2, shown(remark.text), colour_of(remark.weight));
}

std::string time_of(const Received& received) {
    if (!received.time)
        return received.stamp.empty() ? "no time" : "cannot be told";
    std::string text = utc_text(received.time->time);
    text[10] = ' ';
    return text;
}

std::string delay_text(const Hop& hop) {
    return delay_of(hop) + (hop.is_skewed() ? " (clock)" : "");
}

std::string hop_table(const HeadersReport& report, const std::vector<std::size_t>& hops, const Paint& paint) {
    Row titles = {"Hop", "Delay", "", "Time", "From", "By", "With", "TLS"};
    if (!report.left.empty())
        titles.emplace_back("Connector");
    std::vector<Row> rows;
    for (const std::size_t index : hops) {
        const Hop& hop = report.analysis.way.hops[index];
        Row row = {fmt::format("{}", index + 1),
                   delay_text(hop),
                   std::string(bar_of(report.analysis.way, hop, bar_columns), '#'),
                   time_of(hop.received),
                   client_of(hop.received),
                   server_of(hop.received),
                   protocol_of(hop.received),
                   tls_of(hop.received)};
        if (const LeftThrough* left = report.left_at(index))
            row.push_back(connector_names(*left));
        for (std::string& cell : row)
            cell = conf::shortened(cell, longest_cell);
        rows.push_back(std::move(row));
    }
    return format_table(titles, rows, [&](std::size_t row, std::string line) {
        const Hop& hop = report.analysis.way.hops[hops[row]];
        return hop.is_skewed() ? paint(Colour::doubtful, line) : line;
    });
}

bool fits(std::string_view table, std::optional<std::size_t> width) {
    if (!width)
        return true;
    const std::size_t end = std::min(table.find('\n'), table.size());
    std::size_t longest = end;
    while (!table.empty()) {
        const std::size_t line = std::min(table.find('\n'), table.size());
        longest = std::max(longest, conf::length_of(table.substr(0, line)));
        table.remove_prefix(std::min(line + 1, table.size()));
    }
    return longest <= *width;
}

void add_hop_block(const HeadersReport& report, std::size_t index, TextLines& lines) {
    const Hop& hop = report.analysis.way.hops[index];
    const std::string delay = delay_text(hop);
    const std::string bar(bar_of(report.analysis.way, hop, bar_columns), '#');
    const std::string head = fmt::format("{:>3}  ", index + 1);
    const std::size_t indent = head.size();
    std::optional<Colour> colour;
    if (hop.is_skewed())
        colour = Colour::doubtful;
    lines.add(head, indent,
              fmt::format("{}{}{}{}{}", time_of(hop.received), delay.empty() ? "" : "  ", delay,
                          bar.empty() ? "" : "  ", bar),
              colour);
    const std::string blank(indent, ' ');
    const auto part = [&](std::string_view name, const std::string& text,
                          std::optional<Colour> how = std::nullopt) {
        if (!text.empty())
            lines.add(fmt::format("{}{:<5}", blank, name), indent + 5, shown(text, longest_cell * 2), how);
    };
    part("from", client_of(hop.received));
    part("by", server_of(hop.received));
    part("with", protocol_of(hop.received));
    part("TLS", tls_of(hop.received));
    if (const LeftThrough* left = report.left_at(index))
        part("out", "connector " + connector_names(*left), Colour::good);
}

void add_hops(const HeadersReport& report, TextLines& lines) {
    const Hops& way = report.analysis.way;
    if (way.hops.empty())
        return;
    lines.title("Hops (times in UTC)");
    const std::vector<std::size_t> hops = shown_hops(way);
    const std::string table = hop_table(report, hops, Paint(false));
    if (fits(table, lines.width()))
        lines.raw(lines.paint().is_on() ? hop_table(report, hops, lines.paint()) : table);
    else
        for (const std::size_t index : hops)
            add_hop_block(report, index, lines);
    if (hops.size() < way.hops.size())
        lines.add("", 0,
                  fmt::format("{} in the middle are not shown; --json has all",
                              counted(way.hops.size() - hops.size(), "hop")));
}

void add_others(const Analysis& analysis, TextLines& lines) {
    if (analysis.others.empty())
        return;
    lines.title("Other headers");
    for (std::size_t i = 0; i < std::min(analysis.others.size(), most_others); ++i) {
        const Field& field = analysis.header.fields[analysis.others[i]];
        lines.add("  ", 6, fmt::format("{}: {}", shown(field.name), shown(decoded(field.value))));
    }
    if (analysis.others.size() > most_others)
        lines.add("  ", 2,
                  fmt::format("{} more are not shown; --json has all",
                              counted(analysis.others.size() - most_others, "field")));
}

} // namespace

std::string text_of(const HeadersReport& report, const Paint& paint, std::optional<std::size_t> width) {
    TextLines lines(paint, width);
    add_summary(report, lines);
    add_hops(report, lines);
    add_authentication(report.analysis.authentication, lines);
    add_decoded(report.analysis, DecodedField::Family::exchange, "Exchange", lines);
    add_decoded(report.analysis, DecodedField::Family::antispam, "Spam filters", lines);
    add_others(report.analysis, lines);
    return lines.text();
}

} // namespace sendconnector::ctl
