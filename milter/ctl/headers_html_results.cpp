// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_html.hpp"
#include "milter/ctl/html_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {

using namespace mail_header;

namespace {

constexpr std::size_t most_statements = 50;

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

std::string detail_row(std::string_view name, const Detail& detail) {
    std::string value = element("span", "mono", own(detail.value, 500));
    if (!detail.meaning.empty())
        value += " " + element("span", fmt::format("meaning {}", class_of(detail.weight)),
                               html_text(detail.meaning, 300));
    return element("tr", "", element("td", "", own(name, 200)) + element("td", "", value)) + "\n";
}

} // namespace

std::string authentication_of_page(const Authentication& authentication) {
    std::string content;
    for (std::size_t i = 0; i < std::min(authentication.statements.size(), most_statements); ++i) {
        const Statement& statement = authentication.statements[i];
        const std::string by = statement.server.empty() ? "by a server that gives no name"
                                                        : "by " + own(statement.server, longest_host);
        content += element("h3", "", html_text(field_title(statement.field)) + " " + small(by)) +
                   results_table(statement);
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
    std::string single; // rows of fields that say one thing
    std::size_t count = 0;
    for (const DecodedField& field : analysis.decoded) {
        if (field.family != family || ++count > most_fields_shown)
            continue;
        if (field.details.size() == 1) {
            single += detail_row(field.name, field.details.front());
            continue;
        }
        std::string rows;
        for (const Detail& detail : field.details)
            rows += detail_row(detail.name, detail);
        content += element("h3", "", html_text(field.name, 200)) + element("table", "details", rows);
    }
    if (!single.empty())
        content += element("table", "details single", single);
    return content.empty() ? content : element("section", "panel", element("h2", "", title) + content);
}

} // namespace sendconnector::ctl
