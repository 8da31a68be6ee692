// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/analysis.hpp"

#include "milter/mail_header/encoded_words.hpp"
#include "milter/mail_header/remarks.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <set>

namespace sendconnector::mail_header {
namespace {

constexpr std::string_view summarized[] = {
    "Subject",    "From",        "Sender",       "Reply-To", "To",           "Cc",         "Date",
    "Message-ID", "Return-Path", "Delivered-To", "List-Id",  "Thread-Topic", "User-Agent", "X-Mailer"};

constexpr std::string_view shown_elsewhere[] = {
    "received",
    "authentication-results",
    "received-spf",
    "dkim-signature",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
};

} // namespace

std::string_view Analysis::summary_of(std::string_view name) const {
    const auto found = std::ranges::find(summary, name, &SummaryLine::name);
    return found == summary.end() ? std::string_view() : std::string_view(found->value);
}

Analysis analyse(std::string_view given) {
    Analysis analysis;
    analysis.header = split_header(given);
    const Header& header = analysis.header;
    std::set<const Field*> taken;
    for (const std::string_view name : summarized)
        if (const Field* field = header.first(policy::fold_case(name))) {
            analysis.summary.push_back({std::string(name), decoded(field->value), field->line});
            taken.insert(field);
        }
    if (const Field* date = header.first("date"))
        analysis.sent = parse_date_time(date->value);

    analysis.way = hops_of(header);
    const auto& hops = analysis.way.hops;
    const auto last = std::ranges::find_if(hops.rbegin(), hops.rend(),
                                           [](const Hop& hop) { return hop.received.time.has_value(); });
    if (analysis.sent && last != hops.rend())
        analysis.delivered_after = last->received.time->time - analysis.sent->time;

    analysis.authentication = authentication_of(header);
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
        const Field& field = header.fields[i];
        if (taken.contains(&field) ||
            std::ranges::find(shown_elsewhere, field.key) != std::end(shown_elsewhere))
            continue;
        if (auto decoded_field = decode(field))
            analysis.decoded.push_back(std::move(*decoded_field));
        else
            analysis.others.push_back(i);
    }
    analysis.remarks = remarks_on(analysis);
    return analysis;
}

} // namespace sendconnector::mail_header
