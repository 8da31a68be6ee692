// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_report.hpp"
#include "milter/ctl/headers_style.hpp"
#include "milter/ctl/html_text.hpp"
#include "milter/ctl/table.hpp"
#include "milter/mail_header/duration.hpp"
#include "milter/mail_header/encoded_words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

using namespace mail_header;

constexpr std::size_t most_fields_shown = 1000;
constexpr std::size_t most_statements = 50;
constexpr std::size_t longest_host = 200;
constexpr std::size_t whole_bar = 100;

std::string_view class_of(Weight weight) {
    switch (weight) {
    case Weight::good:
        return "good";
    case Weight::doubtful:
        return "doubtful";
    case Weight::bad:
        return "bad";
    case Weight::neutral:
        break;
    }
    return "neutral";
}

// Text of its own direction, so that what is written from right to left does not turn what is around it.
std::string own(std::string_view text, std::size_t longest = 4000) {
    return element("bdi", "", html_text(text, longest));
}

std::string small(std::string_view html) {
    return html.empty() ? std::string() : element("small", "", html);
}

std::string chip(std::string_view classes, std::string_view name, std::string_view value) {
    return element("span", fmt::format("chip {}", classes), element("b", "", name) + " " + own(value, 100));
}

std::string verdict_chips(const Authentication& authentication) {
    std::string chips;
    for (const std::string_view method : verdict_methods) {
        const MethodResult* verdict = authentication.verdict(method);
        if (verdict == nullptr && method == "compauth")
            continue;
        std::string name(method);
        std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        chips +=
            element("li", "",
                    verdict == nullptr ? chip("", name, "not stated")
                                       : chip(class_of(weight_of(verdict->result)), name, verdict->result));
    }
    return element("ul", "chips", chips);
}

std::string top_of(const HeadersReport& report) {
    const Analysis& analysis = report.analysis;
    const std::string_view subject = analysis.summary_of("Subject");
    std::string people;
    for (const SummaryLine& line : analysis.summary)
        if (line.name != "Subject")
            people += element("dt", "", html_text(line.name)) + element("dd", "", own(line.value, 1000));
    return element("header", "top",
                   element("div", "",
                           element("p", "eyebrow", "Message headers from " + html_text(report.source, 100)) +
                               element("h1", "", subject.empty() ? "(no subject)" : own(subject, 300)) +
                               element("dl", "people", people) + verdict_chips(analysis.authentication)));
}

std::string figure(std::string_view classes, std::string_view name, const std::string& value,
                   const std::string& note = {}) {
    return element("div", fmt::format("figure {}", classes),
                   element("dt", "", name) + element("dd", "", value + small(note)));
}

std::string figures_of(const HeadersReport& report) {
    const Analysis& analysis = report.analysis;
    const Hops& way = analysis.way;
    std::string figures = figure("", "Hops", fmt::format("{}", way.hops.size()));
    if (way.total)
        figures += figure("", "On the way", duration_text(*way.total));
    if (analysis.delivered_after)
        figures += figure("", "Since Date", duration_text(*analysis.delivered_after));
    if (way.slowest)
        figures += figure("", "Slowest hop", duration_text(*way.hops[*way.slowest].delay),
                          fmt::format("hop {}", *way.slowest + 1));
    for (const LeftThrough& left : report.left) {
        std::string evidence;
        for (const std::string& one : left.evidence)
            evidence += (evidence.empty() ? "" : "<br>") + html_text(one);
        figures += figure("wide", "Connector", own(connector_names(left)),
                          fmt::format("at hop {}: {}", left.hop + 1, evidence));
    }
    if (report.queued)
        for (std::size_t i = 0; i < std::min<std::size_t>(report.queued->recipients.size(), 20); ++i) {
            const QueuedWay::Recipient& recipient = report.queued->recipients[i];
            figures +=
                figure("wide", "Leaves through", own(recipient.route), "for " + own(recipient.address));
        }
    return element("dl", "figures", figures);
}

std::string remarks_of(const Analysis& analysis) {
    std::string items;
    for (const Remark& remark : analysis.remarks)
        items += element("li", class_of(remark.weight), element("span", "", html_text(remark.text)));
    return items.empty() ? items : element("ul", "remarks", items);
}

std::string cell(std::string_view classes, std::string_view label, std::string_view content) {
    return fmt::format("<td class=\"{}\" data-label=\"{}\">{}</td>", classes, label, content);
}

std::string time_cell(const Received& received) {
    if (!received.time)
        return cell("time", "Time",
                    "cannot be told" + small(received.stamp.empty() ? "" : own(received.stamp, 60)));
    const std::string text = utc_text(received.time->time);
    return cell("time", "Time", text.substr(11, 8) + small(text.substr(0, 10)));
}

std::string delay_cell(const Hops& way, const Hop& hop) {
    std::string content = element("b", "", html_text(delay_of(hop)));
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
                own(host, longest_host) + (note.empty() ? "" : small(own(note, longest_host))));
}

std::string how_cell(const Received& received, const LeftThrough* left) {
    std::string content = own(protocol_of(received), longest_host);
    if (const std::string tls = tls_of(received); !tls.empty())
        content += small(element("span", "lock", tls == "yes" ? "TLS" : html_text(tls, longest_host)));
    if (left != nullptr)
        content += element("div", "", chip("ours", "Connector", connector_names(*left)));
    return cell("how", "With", content);
}

std::string hop_row(const HeadersReport& report, std::size_t index) {
    const Hops& way = report.analysis.way;
    const Hop& hop = way.hops[index];
    const Received& received = hop.received;
    const LeftThrough* left = report.left_at(index);
    std::string classes = hop.is_skewed() ? "skewed" : way.slowest == index ? "slowest" : "";
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

std::string hops_of_page(const HeadersReport& report) {
    const Hops& way = report.analysis.way;
    if (way.hops.empty())
        return {};
    const std::vector<std::size_t> shown = shown_hops(way);
    std::string rows;
    for (const std::size_t index : shown)
        rows += hop_row(report, index) + "\n";
    std::string content = element("h2", "", "Way " + small("times in UTC")) +
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

std::string result_row(const MethodResult& result) {
    std::string text;
    for (const auto& [name, value] : result.properties)
        text += element("span", "pair", element("i", "", html_text(name, 60)) + " " + own(value, 300));
    if (!result.reason.empty())
        text += element("span", "pair", element("i", "", "reason") + " " + own(result.reason, 300));
    if (!result.comment.empty())
        text += element("div", "", small(own(result.comment, 500)));
    return element("tr", "",
                   element("td", "",
                           chip(class_of(weight_of(result.result)), html_text(result.method, 60),
                                result.result)) +
                       element("td", "", text)) +
           "\n";
}

std::string results_table(const Statement& statement) {
    std::string rows;
    for (const MethodResult& result : statement.results)
        rows += result_row(result);
    return rows.empty() ? rows : element("table", "results", element("tbody", "", rows));
}

std::string authentication_of_page(const Authentication& authentication) {
    std::string content;
    for (std::size_t i = 0; i < std::min(authentication.statements.size(), most_statements); ++i) {
        const Statement& statement = authentication.statements[i];
        const std::string by = statement.server.empty() ? "by a server that gives no name"
                                                        : "by " + own(statement.server, longest_host);
        content += element("h3", "", html_text(statement.field) + " " + small(by)) + results_table(statement);
    }
    for (const ArcSet& set : authentication.arc) {
        const std::string sealed =
            set.seal ? fmt::format("sealed by {}, chain {}", own(set.seal->domain, longest_host),
                                   own(set.seal->chain, 20))
                     : "without a seal";
        content += element("h3", "", fmt::format("ARC set {} ", set.instance) + small(sealed));
        if (set.results)
            content += results_table(*set.results);
    }
    std::string rows;
    for (std::size_t i = 0; i < std::min(authentication.signatures.size(), most_statements); ++i) {
        const Signature& signature = authentication.signatures[i];
        rows += element(
            "tr", "",
            element("td", "", own(signature.domain, longest_host)) +
                element("td", "",
                        "selector " + own(signature.selector, 100) + ", " + own(signature.algorithm, 60)));
    }
    if (!rows.empty())
        content += element("h3", "", "DKIM signatures") + element("table", "details", rows);
    return content.empty()
               ? content
               : element("section", "panel",
                         element("h2", "", "Authentication " + small("as stated; nothing is verified here")) +
                             content);
}

std::string decoded_of_page(const Analysis& analysis, DecodedField::Family family, std::string_view title) {
    std::string content;
    std::size_t count = 0;
    for (const DecodedField& field : analysis.decoded) {
        if (field.family != family || ++count > most_fields_shown)
            continue;
        std::string rows;
        for (const Detail& detail : field.details) {
            std::string value = element("span", "mono", own(detail.value, 500));
            if (!detail.meaning.empty())
                value += " " + element("span", fmt::format("meaning {}", class_of(detail.weight)),
                                       html_text(detail.meaning, 300));
            rows +=
                element("tr", "", element("td", "", own(detail.name, 100)) + element("td", "", value)) + "\n";
        }
        content += element("h3", "", html_text(field.name, 200)) + element("table", "details", rows);
    }
    return content.empty() ? content : element("section", "panel", element("h2", "", title) + content);
}

std::string others_of_page(const Analysis& analysis) {
    std::string rows;
    for (std::size_t i = 0; i < std::min(analysis.others.size(), most_fields_shown); ++i) {
        const Field& field = analysis.header.fields[analysis.others[i]];
        rows += element("tr", "",
                        element("td", "", own(field.name, 200)) +
                            element("td", "mono", own(decoded(field.value)))) +
                "\n";
    }
    if (rows.empty())
        return rows;
    std::string content =
        element("summary", "", "Other headers " + small(fmt::format("{}", analysis.others.size()))) +
        element("table", "others", rows);
    if (analysis.others.size() > most_fields_shown)
        content += element("p", "rest", "The rest is not shown.");
    return "<details class=\"panel\" open>" + content + "</details>";
}

} // namespace

std::string html_of(const HeadersReport& report) {
    const Analysis& analysis = report.analysis;
    const std::string_view subject = analysis.summary_of("Subject");
    const std::string body =
        top_of(report) + "\n" +
        element("main", "",
                figures_of(report) + "\n" + remarks_of(analysis) + "\n" + hops_of_page(report) + "\n" +
                    authentication_of_page(analysis.authentication) + "\n" +
                    decoded_of_page(analysis, DecodedField::Family::antispam, "Spam filters") + "\n" +
                    decoded_of_page(analysis, DecodedField::Family::exchange, "Exchange") + "\n" +
                    others_of_page(analysis) + "\n" +
                    element("footer", "", "Made by sendconnectorctl headers")) +
        "\n";
    return html_page(subject.empty() ? "Message headers" : fmt::format("{} - message headers", subject),
                     headers_style, body);
}

} // namespace sendconnector::ctl
