// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/decoded_field.hpp"

#include "milter/mail_header/field_decoders.hpp"

#include <algorithm>
#include <string_view>

namespace sendconnector::mail_header {
namespace {

using Family = DecodedField::Family;

struct Row {
    std::string_view key; // a name, or with '*' at its end the beginning of one
    Family family;
    std::vector<Detail> (*details)(const Field&);
};

// The first that fits counts.
constexpr Row rows[] = {
    {"x-forefront-antispam-report", Family::antispam, forefront_report},
    {"x-forefront-antispam-report-untrusted", Family::antispam, forefront_report},
    {"x-microsoft-antispam", Family::antispam, microsoft_antispam},
    {"x-microsoft-antispam-untrusted", Family::antispam, microsoft_antispam},
    {"x-ms-exchange-organization-scl", Family::antispam, exchange_scl},
    {"x-ms-exchange-organization-pcl", Family::antispam, exchange_pcl},
    {"x-ms-exchange-organization-senderidresult", Family::antispam, exchange_value},
    {"x-ms-exchange-organization-antispam-report", Family::antispam, exchange_report},
    {"x-spam-status", Family::antispam, spamassassin_status},
    {"x-spamd-result", Family::antispam, rspamd_result},
    {"x-rspamd-score", Family::antispam, plain_score},
    {"x-spam-score", Family::antispam, plain_score},
    {"x-rspamd-action", Family::antispam, rspamd_action},
    {"x-spam-action", Family::antispam, rspamd_action},
    {"x-spam-flag", Family::antispam, spam_flag},
    {"x-spam", Family::antispam, spam_flag},
    {"x-ms-exchange-transport-endtoendlatency", Family::exchange, exchange_latency},
    {"x-ms-exchange-crosstenant-originalarrivaltime", Family::exchange, exchange_time},
    {"x-ms-exchange-organization-originalarrivaltime", Family::exchange, exchange_time},
    {"x-originalarrivaltime", Family::exchange, exchange_time},
    {"x-ms-exchange-crosstenant-*", Family::exchange, exchange_value},
    {"x-ms-exchange-organization-*", Family::exchange, exchange_value},
    {"x-originatororg", Family::exchange, exchange_value},
    {"x-ms-has-attach", Family::exchange, exchange_value},
    {"x-ms-exchange-transport-crosstenantheadersstamped", Family::exchange, exchange_value},
    {"x-ms-exchange-generated-message-source", Family::exchange, exchange_value},
    {"thread-index", Family::exchange, thread_index},
};

bool fits(const Row& row, std::string_view key) {
    return row.key.ends_with('*') ? key.starts_with(row.key.substr(0, row.key.size() - 1)) : key == row.key;
}

} // namespace

std::optional<DecodedField> decode(const Field& field) {
    const auto* const row = std::ranges::find_if(rows, [&](const Row& one) { return fits(one, field.key); });
    if (row == std::end(rows))
        return std::nullopt;
    std::vector<Detail> details = row->details(field);
    if (details.empty())
        return std::nullopt;
    return DecodedField{row->family, field.name, field.line, std::move(details)};
}

} // namespace sendconnector::mail_header
