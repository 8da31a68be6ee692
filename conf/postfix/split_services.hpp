// SPDX-License-Identifier: Apache-2.0
// The services through which a message is split, recipient by recipient: sc-split, an smtp(8), hands each to
// the listener, an smtpd(8) of the same Postfix with our milter and with a cleanup(8) of its own. Pure
// rendering.
#pragma once

#include "conf/postfix/service.hpp"
#include "policy/policy.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

// master.cf's names; no connector's service is called so (conf/slug.hpp).
inline constexpr std::string_view split_service = "sc-split";
inline constexpr std::string_view split_cleanup_service = "sc-split_cleanup";
// By which the milter knows the listener, and a site's smtpd(8) behind its content filter ({daemon_name}).
inline constexpr std::string_view split_daemon_name = "sc-split";
inline constexpr std::string_view reinject_daemon_name = "sc-reinject";
// A permanent refusal that the milter words on the listener must start with this, behind its status
// codes (5.3.4, 5.4.6 or 5.7.1): sc-split bounces for it. Every other permanent failure of that hop is one of
// the set-up, and waits.
inline constexpr std::string_view split_verdict_prefix = "sendconnector: ";
// qmgr(8) reads it, from main.cf only.
inline constexpr std::string_view split_limit_parameter = "sc-split_destination_recipient_limit";

// Whether some message may have to come by the listener: one that the sender alone does not route, or one of
// sendmail(1)'s that may be too large for its connector (which of its recipients are not local only shows
// there). `most_octets`: the largest message that Postfix accepts.
bool wants_split_services(const policy::Policy& policy, std::uint64_t most_octets);

struct SplitContext {
    std::string listener;          // "127.0.0.1:10725"
    std::string milter_socket;     // relative to queue_directory
    std::string files_directory;   // absolute
    std::string smtp_chroot = "-"; // master.cf's column, as the instance's own services have it
    std::string smtpd_chroot = "-";
    std::string cleanup_chroot = "-";
    int hopcount_limit = 50;         // main.cf's
    bool knows_tls_required = false; // tls_required_enable (3.10)
    bool knows_tls_reports = false;  // smtp_tlsrpt_enable (3.10)
};

// As Values and Edits name services: "sc-split", "127.0.0.1:10725/inet".
std::string split_listener_name(const std::string& listener);

// The next-hop of sc-split: "[127.0.0.1]:10725".
std::string split_next_hop(const std::string& listener);

struct SplitService {
    std::string name;
    std::string entry; // what `postconf -M NAME/TYPE=` takes
};

// Every parameter by which main.cf could change, refuse, delay or divert a message on this hop is set in
// them.
std::vector<SplitService> split_services(const SplitContext& context);

// Below files_directory, for sc-split's smtp_delivery_status_filter.
RenderedFile split_status_filter();

} // namespace sendconnector::conf::postfix
