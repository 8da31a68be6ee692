// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/split_services.hpp"

#include "conf/postfix/service_options.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"
#include "policy/decide.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

constexpr std::string_view status_filter_name = "split.status";
constexpr std::string_view loopback = "127.0.0.0/8";
// This hop and what may come back to it add Received fields of their own. A message that main.cf's limit let
// in must not fail here; one that runs in a circle must.
constexpr int hops_of_our_own = 10;

void add_empty(Options& options, std::initializer_list<const char*> parameters) {
    for (const char* parameter : parameters) {
        options.emplace_back(parameter, "");
    }
}

void add_each(Options& options, std::initializer_list<const char*> parameters, const char* value) {
    for (const char* parameter : parameters) {
        options.emplace_back(parameter, value);
    }
}

Options client_options(const SplitContext& context) {
    Options options = {
        {"syslog_name", "postfix/sc-split"},
        // The listener takes nothing from other addresses, and inet_interfaces may name one to send from.
        {"smtp_bind_address", "127.0.0.1"},
        {"smtp_bind_address_enforce", "yes"},
        {"smtp_send_xforward_command", "yes"},
        {"smtp_always_send_ehlo", "yes"},
        {"smtp_tls_security_level", "none"},
        // Lines and octets as they are: signatures count on it.
        {"smtp_line_length_limit", "0"},
        {"disable_mime_output_conversion", "yes"},
        {"smtp_quote_rfc821_envelope", "yes"},
        {"smtp_skip_5xx_greeting", "yes"},
        {"smtp_connect_timeout", "30s"},
        {"smtp_data_init_timeout", "120s"},
        {"smtp_data_done_timeout", "600s"},
        {"smtp_rset_timeout", "20s"},
        {"smtp_delivery_status_filter",
         fmt::format("regexp:{}/{}", context.files_directory, status_filter_name)},
    };
    add_each(options,
             {"smtp_helo_timeout", "smtp_xforward_timeout", "smtp_mail_timeout", "smtp_rcpt_timeout",
              "smtp_data_xfer_timeout", "smtp_quit_timeout"},
             "300s");
    add_each(options,
             {"smtp_never_send_ehlo", "smtp_tls_wrappermode", "smtp_tls_connection_reuse",
              "smtp_sasl_auth_enable", "smtp_sender_dependent_authentication", "smtp_send_dummy_mail_auth",
              "smtp_connection_cache_on_demand", "smtp_per_request_deadline"},
             "no");
    add_empty(options, {"smtp_tls_policy_maps", "smtp_tls_per_site", "smtp_sasl_password_maps",
                        "smtp_header_checks", "smtp_mime_header_checks", "smtp_nested_header_checks",
                        "smtp_body_checks", "smtp_generic_maps", "smtp_fallback_relay", "best_mx_transport",
                        "smtp_discard_ehlo_keywords", "smtp_discard_ehlo_keyword_address_maps",
                        "smtp_pix_workarounds", "smtp_pix_workaround_maps", "smtp_reply_filter",
                        "smtp_dns_reply_filter", "smtp_connection_cache_destinations", "notify_classes"});
    if (context.knows_tls_required) {
        options.emplace_back("tls_required_enable", "no");
    }
    if (context.knows_tls_reports) {
        options.emplace_back("smtp_tlsrpt_enable", "no");
    }
    return options;
}

Options listener_options(const SplitContext& context) {
    Options options = {
        {"syslog_name", "postfix/sc-split"},
        {"mynetworks", std::string(loopback)},
        {"smtpd_relay_restrictions", "permit_mynetworks,reject"},
        {"smtpd_recipient_restrictions", "permit_mynetworks,reject"},
        {"smtpd_etrn_restrictions", "reject"},
        {"smtpd_authorized_xforward_hosts", std::string(loopback)},
        {"smtpd_milters", fmt::format("{{ unix:{}, default_action=tempfail }}", context.milter_socket)},
        {"milter_macro_daemon_name", std::string(split_daemon_name)},
        {"cleanup_service_name", std::string(split_cleanup_service)},
        // Aliases, Bcc and the site's checks have had their turn when the message came in.
        {"receive_override_options", "no_address_mappings,no_unknown_recipient_checks,no_header_body_checks"},
        {"smtpd_tls_security_level", "none"},
        {"message_size_limit", "0"},
        {"smtpd_delay_reject", "yes"},
        {"disable_vrfy_command", "yes"},
        {"smtpd_timeout", "300s"},
        {"smtpd_error_sleep_time", "0s"},
    };
    // The milter answers every second recipient with a failure, by design.
    add_each(options,
             {"smtpd_soft_error_limit", "smtpd_hard_error_limit", "smtpd_junk_command_limit",
              "smtpd_recipient_limit", "smtpd_recipient_overshoot_limit"},
             "1000");
    add_each(options,
             {"smtpd_client_connection_count_limit", "smtpd_client_connection_rate_limit",
              "smtpd_client_message_rate_limit", "smtpd_client_recipient_rate_limit",
              "smtpd_client_new_tls_session_rate_limit", "smtpd_client_auth_rate_limit"},
             "0");
    add_each(options,
             {"smtpd_tls_wrappermode", "smtpd_sasl_auth_enable", "smtpd_reject_unlisted_sender",
              "smtpd_reject_unlisted_recipient", "smtpd_helo_required", "smtpd_peername_lookup",
              "smtpd_per_request_deadline", "strict_rfc821_envelopes", "strict_smtputf8"},
             "no");
    add_empty(options, {"smtpd_client_restrictions",
                        "smtpd_helo_restrictions",
                        "smtpd_sender_restrictions",
                        "smtpd_data_restrictions",
                        "smtpd_end_of_data_restrictions",
                        "smtpd_authorized_xclient_hosts",
                        "smtpd_milter_maps",
                        "smtpd_upstream_proxy_protocol",
                        "smtpd_proxy_filter",
                        "content_filter",
                        "smtpd_discard_ehlo_keywords",
                        "smtpd_discard_ehlo_keyword_address_maps",
                        "smtpd_command_filter",
                        "smtpd_noop_commands",
                        "smtpd_forbidden_commands",
                        "smtpd_reject_footer",
                        "smtpd_reject_footer_maps",
                        "smtpd_dns_reply_filter",
                        "local_header_rewrite_clients",
                        "remote_header_rewrite_domain",
                        "notify_classes"});
    return options;
}

Options cleanup_options(const SplitContext& context) {
    Options options = {
        {"syslog_name", "postfix/sc-split"},
        {"message_size_limit", "0"},
        {"hopcount_limit", fmt::format("{}", context.hopcount_limit + hops_of_our_own)},
        {"milter_header_checks", fmt::format("regexp:{}/{}", context.files_directory, route_checks_name)},
        {"milter_macro_daemon_name", std::string(split_daemon_name)},
        {"disable_mime_input_processing", "yes"},
        {"always_add_missing_headers", "no"},
    };
    add_empty(options,
              {"header_checks", "mime_header_checks", "nested_header_checks", "body_checks",
               "virtual_alias_maps", "canonical_maps", "sender_canonical_maps", "recipient_canonical_maps",
               "masquerade_domains", "always_bcc", "sender_bcc_maps", "recipient_bcc_maps",
               "message_reject_characters", "message_strip_characters", "remote_header_rewrite_domain"});
    return options;
}

} // namespace

std::string split_listener_name(const std::string& listener) {
    return listener + "/inet";
}

std::string split_next_hop(const std::string& listener) {
    const std::size_t colon = listener.rfind(':');
    return fmt::format("[{}]{}", listener.substr(0, colon), listener.substr(colon));
}

std::vector<SplitService> split_services(const SplitContext& context) {
    const std::string listener = split_listener_name(context.listener);
    // smtpd(8) looks for a cleanup(8) among the public services; the limit of zero processes is master.cf's
    // own.
    return {{std::string(split_service),
             with_options(fmt::format("{} unix - - {} - - smtp", split_service, context.smtp_chroot),
                          client_options(context))},
            {std::string(split_cleanup_service),
             with_options(
                 fmt::format("{} unix n - {} - 0 cleanup", split_cleanup_service, context.cleanup_chroot),
                 cleanup_options(context))},
            {listener,
             with_options(fmt::format("{} inet n - {} - - smtpd", context.listener, context.smtpd_chroot),
                          listener_options(context))}};
}

bool wants_split_services(const policy::Policy& policy, std::uint64_t most_octets) {
    const auto limits = [&](const policy::SendConnector& connector) {
        return connector.enabled && !connector.max_message_size.admits(most_octets);
    };
    return policy::may_need_split(policy, most_octets) ||
           std::any_of(policy.connectors().begin(), policy.connectors().end(), limits);
}

RenderedFile split_status_filter() {
    return {
        std::string(status_filter_name), 0644,
        fmt::format("{}"
                    "# What the milter itself refuses for good.\n"
                    "/^(5\\.[347]\\.[0-9]+ host [^ ]+ said: 55[0-9] 5\\.[347]\\.[0-9]+ {}.*)$/ $1\n"
                    "# Any other failure of this hop is the set-up's: the message waits until that is put "
                    "right.\n"
                    "/^5(\\..*)$/ 4$1\n",
                    written_by, regexp_literal(split_verdict_prefix))};
}

} // namespace sendconnector::conf::postfix
