// SPDX-License-Identifier: Apache-2.0
// build_trace(): from the lines of some queue IDs to the messages that they tell of.
#pragma once

#include "milter/mail_log/tracer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_log {

// `lines` in the log's order. Sorted by time, those without a time where their queue ID is at home; split
// into lives where a queue ID was used again; tied together; and left with those that `query` asks for, each
// with all that it came of and all that came of it.
Trace build_trace(std::vector<KeptLine> lines, const TraceQuery& query);

// "contoso" of "postfix/contoso/smtp"; empty where the service is none of a connector.
std::string_view connector_slug(std::string_view tag);

// "Verified TLSv1.3 with cipher ...", of the two parts of smtp(8)'s line.
std::string fmt_tls(std::string_view trust, std::string_view session);

} // namespace sendconnector::mail_log
