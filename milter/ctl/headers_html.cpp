// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_html.hpp"
#include "milter/ctl/headers_report.hpp"
#include "milter/ctl/headers_style.hpp"
#include "milter/ctl/html_text.hpp"
#include "milter/mail_header/duration.hpp"
#include "milter/mail_header/encoded_words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

using namespace mail_header;

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

// Whom the page is shown to knows no folders of ours.
std::string_view name_of(std::string_view source) {
    const std::size_t slash = source.rfind('/');
    return slash == std::string_view::npos ? source : source.substr(slash + 1);
}

std::string top_of(const HeadersReport& report) {
    const Analysis& analysis = report.analysis;
    const std::string_view subject = analysis.summary_of("Subject");
    std::string people;
    for (const SummaryLine& line : analysis.summary)
        if (line.name != "Subject")
            people += element("dt", "", html_text(line.name)) + element("dd", "", own(line.value, 1000));
    return element(
        "header", "top",
        element("div", "",
                element("p", "eyebrow", "Message headers from " + own(name_of(report.source), 200)) +
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
        figures += figure("wide ours", "Connector", own(connector_names(left)),
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
