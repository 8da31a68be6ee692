// SPDX-License-Identifier: Apache-2.0
// The decoders behind decode(), a field or a family of fields each. Every one gives no details for a value
// that it does not understand, and at most 200.
#pragma once

#include "milter/mail_header/decoded_field.hpp"

#include <string_view>
#include <vector>

namespace sendconnector::mail_header {

// X-Forefront-Antispam-Report of Exchange Online Protection, as Microsoft documents it ("Anti-spam message
// headers"). Parts that are for Microsoft's own diagnosis are left out.
std::vector<Detail> forefront_report(const Field& field);
// X-Microsoft-Antispam: BCL and PCL.
std::vector<Detail> microsoft_antispam(const Field& field);

// X-MS-Exchange-Organization-SCL and -PCL, -Antispam-Report of Exchange on premises.
std::vector<Detail> exchange_scl(const Field& field);
std::vector<Detail> exchange_pcl(const Field& field);
std::vector<Detail> exchange_report(const Field& field);

// One value, with its meaning where it has a documented one: AuthAs, AuthSource, MessageDirectionality and
// their like.
std::vector<Detail> exchange_value(const Field& field);
// "00:00:01.2345678".
std::vector<Detail> exchange_latency(const Field& field);
// "02 Nov 2026 12:00:00.1234 (UTC)", with or without a FILETIME behind it.
std::vector<Detail> exchange_time(const Field& field);
// Thread-Index: base64 of when a conversation began, its GUID and the number of answers (MS-OXOMSG 2.2.1.3).
std::vector<Detail> thread_index(const Field& field);

// SpamAssassin, amavis: "No, score=-1.9 required=5.0 tests=A,B autolearn=ham".
std::vector<Detail> spamassassin_status(const Field& field);
// Rspamd: "default: False [-2.10 / 15.00]; R_SPF_ALLOW(-0.20)[+mx]; ...", and its action.
std::vector<Detail> rspamd_result(const Field& field);
std::vector<Detail> rspamd_action(const Field& field);
// A number, and nothing else; YES or NO.
std::vector<Detail> plain_score(const Field& field);
std::vector<Detail> spam_flag(const Field& field);

// What a spam confidence level means; empty for no level (-1 to 9).
struct Level {
    std::string_view meaning;
    Weight weight = Weight::neutral;
};
Level spam_confidence(std::string_view level);
Level bulk_complaints(std::string_view level);

} // namespace sendconnector::mail_header
