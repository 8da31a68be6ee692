// SPDX-License-Identifier: Apache-2.0
// HeadersReport: what `headers` shows, as text, JSON or a page.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/left_through.hpp"
#include "milter/mail_header/analysis.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// Of a message that is still in our queue.
struct QueuedWay {
    struct Recipient {
        std::string address;
        std::string route;   // a connector's name, or in brackets why there is none
        std::string service; // "sc-contoso"; empty: none of ours
    };
    std::string queue_id;
    std::string queue;  // "deferred"
    std::string filter; // of the queue file; empty: none
    std::vector<Recipient> recipients;
};

struct HeadersReport {
    std::string source; // the file's name, "standard input", "queue ID 4Xk..."
    mail_header::Analysis analysis;
    std::vector<LeftThrough> left;
    std::optional<QueuedWay> queued;

    // nullptr: nothing is known of this hop.
    const LeftThrough* left_at(std::size_t hop) const;
};

Json json_of(const HeadersReport& report);
// `width`: columns to stay within; nothing: as wide as it gets.
std::string text_of(const HeadersReport& report, const Paint& paint, std::optional<std::size_t> width);
// One page that needs nothing else: no script, no other file.
std::string html_of(const HeadersReport& report);

// What the three have in common.

// "Contoso", "Contoso or Fabrikam", "probably Contoso".
std::string connector_names(const LeftThrough& left);
// "mail.contoso.example (mx.contoso.example) [192.0.2.1]"; with reverse lookup only where it differs.
std::string client_of(const mail_header::Received& received);
std::string server_of(const mail_header::Received& received);
// "ESMTPS", "Microsoft SMTP Server via Frontend Transport".
std::string protocol_of(const mail_header::Received& received);
// "TLSv1.3 TLS_AES_256_GCM_SHA384", "yes" where no more is said; empty: nothing is said.
std::string tls_of(const mail_header::Received& received);
// "Received-SPF" of "received-spf".
std::string field_title(std::string_view key);
// "+3 s", "-2 min"; empty: not known.
std::string delay_of(const mail_header::Hop& hop);
// How long the bar is, of `longest` at most: in proportion to the longest delay, at least 1 for any delay.
std::size_t bar_of(const mail_header::Hops& way, const mail_header::Hop& hop, std::size_t longest);
// The weight of "pass", "fail", "softfail" and the other results of RFC 8601.
mail_header::Weight weight_of(std::string_view result);
// The hops that are shown, where there are too many: the first and the last ones.
std::vector<std::size_t> shown_hops(const mail_header::Hops& way);

inline constexpr std::string_view verdict_methods[] = {"spf", "dkim", "dmarc", "arc", "compauth"};

} // namespace sendconnector::ctl
