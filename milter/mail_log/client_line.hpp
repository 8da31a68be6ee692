// SPDX-License-Identifier: Apache-2.0
// ClientLine: smtpd(8) tells whom it takes a message from.
#pragma once

#include <optional>
#include <string_view>

namespace sendconnector::mail_log {

// Views of the text that was parsed; empty where it does not say.
struct ClientLine {
    std::string_view client;        // "unknown[192.0.2.2]"
    std::string_view address;       // "192.0.2.2"
    std::string_view login;         // whole, whatever is in it
    std::string_view orig_queue_id; // that it had before, by XFORWARD of a client that may
};

// `said`: "client=..., sasl_method=..., sasl_username=..., sasl_sender=..., orig_queue_id=...,
// orig_client=...", as Postfix writes it, in that order. Whoever logs in says what stands in the values from
// there on: no queue ID behind them is believed.
std::optional<ClientLine> parse_client_line(std::string_view said);

} // namespace sendconnector::mail_log
