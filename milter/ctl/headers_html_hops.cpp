// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_html.hpp"
#include "milter/ctl/html_text.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {

using namespace mail_header;

namespace {

constexpr std::size_t whole_bar = 100;
// A delay below it is nothing to look at, be it the longest.
constexpr std::chrono::seconds worth_a_look{60};

std::string cell(std::string_view classes, std::string_view label, std::string_view content) {
    return fmt::format("<td class=\"{}\" data-label=\"{}\">{}</td>", classes, label, content);
}

std::string time_cell(const Received& received) {
    if (!received.time)
        return cell("untold", "Time",
                    "cannot be told" + small(received.stamp.empty() ? "" : own(received.stamp, 60)));
    const std::string text = utc_text(received.time->time);
    return cell("time", "Time", text.substr(11, 8) + small(text.substr(0, 10)));
}

std::string delay_cell(const Hops& way, const Hop& hop) {
    std::string content = hop.delay ? element("b", "", html_text(delay_of(hop))) : std::string();
    if (hop.is_skewed())
        content += small("a clock is wrong");
    else if (hop.is_beside_skew)
        content += small("beside a wrong clock");
    else if (const std::size_t bar = bar_of(way, hop, whole_bar); bar > 0)
        content += fmt::format("<svg viewBox=\"0 0 {0} 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                               "<rect width=\"{1}\" height=\"6\"/></svg>",
                               whole_bar, bar);
    return cell("delay", "Delay", content);
}

std::string host_cell(std::string_view label, const std::string& host, const std::string& note) {
    return cell("host", label,
                host.empty() && note.empty() ? std::string()
                                             : own_name(host) + (note.empty() ? "" : small(own_name(note))));
}

std::string how_cell(const Received& received, const LeftThrough* left) {
    const std::string protocol = protocol_of(received);
    std::string content = protocol.empty() ? protocol : own(protocol, longest_host);
    if (const std::string tls = tls_of(received); !tls.empty())
        content += small(element("span", "lock", tls == "yes" ? "TLS" : own_name(tls)));
    if (left != nullptr)
        content += element("div", "", chip("ours", "Connector", connector_names(*left)));
    return cell("how", "With", content);
}

std::string hop_row(const HeadersReport& report, std::size_t index) {
    const Hops& way = report.analysis.way;
    const Hop& hop = way.hops[index];
    const Received& received = hop.received;
    const LeftThrough* left = report.left_at(index);
    std::string classes;
    if (hop.is_skewed())
        classes = "skewed";
    else if (way.slowest == index && *hop.delay >= worth_a_look)
        classes = "slowest";
    if (left != nullptr)
        classes += " left";
    std::string client = received.from_name == received.from ? std::string() : received.from_name;
    for (const std::string& part : {received.from_address, received.login})
        if (!part.empty() && part != received.from && "[" + part + "]" != received.from)
            client += (client.empty() ? "" : ", ") + part;
    std::string server = received.software;
    if (!received.by_address.empty() && received.by_address != received.by)
        server += (server.empty() ? "" : ", ") + received.by_address;
    return element("tr", classes,
                   cell("number", "", fmt::format("{}", index + 1)) + time_cell(received) +
                       delay_cell(way, hop) +
                       host_cell("From", received.from.empty() ? received.note : received.from, client) +
                       host_cell("By", received.by, server) + how_cell(received, left));
}

} // namespace

std::string hops_of_page(const HeadersReport& report) {
    const Hops& way = report.analysis.way;
    if (way.hops.empty())
        return {};
    const std::vector<std::size_t> shown = shown_hops(way);
    std::string rows;
    for (const std::size_t index : shown)
        rows += hop_row(report, index) + "\n";
    std::string content = element("h2", "", "Hops " + small("times in UTC")) +
                          element("table", "hops",
                                  "<thead><tr><th></th><th>Time</th><th>Delay</th><th>From</th><th>By</th>"
                                  "<th>With</th></tr></thead>\n" +
                                      element("tbody", "", rows));
    if (shown.size() < way.hops.size())
        content += element(
            "p", "rest",
            fmt::format("{} in the middle are not shown.", counted(way.hops.size() - shown.size(), "hop")));
    return element("section", "panel", content);
}

} // namespace sendconnector::ctl
