// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/service_options.hpp"

#include "conf/postfix/header_tables.hpp"
#include "conf/postfix/main_cf_text.hpp"
#include "conf/postfix/reply_table.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"
#include "conf/protocol_log.hpp"
#include "conf/slug.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

using policy::TlsMode;

// smtp(8) keeps the answers of smtp_tls_policy_maps, refusals too, and its own certificate for as long as its
// process lives. Where nobody sends mail, a repaired certificate counts within seconds.
constexpr int short_idle_seconds = 10;
// Postfix' own number. To start a process costs as much as several messages.
constexpr int usual_idle_seconds = 100;

// Whether all that smtp(8) is told of TLS is the connector's own: apply has Postfix reload, which ends the
// processes that were told otherwise.
bool answers_stay(TlsMode mode) {
    return mode == TlsMode::none || mode == TlsMode::opportunistic || mode == TlsMode::encrypt;
}

int messages_of_a_process(TlsMode mode) {
    if (answers_stay(mode)) {
        // Postfix' own number: to start them more often shows in what a message costs.
        return 100;
    }
    // What others publish (DANE, MTA-STS) changes at any time. Of a certificate the next message must already
    // meet a revocation; it opens a connection and a TLS session of its own anyway.
    return mode == TlsMode::dane || mode == TlsMode::mta_sts ? 20 : 1;
}

// What holds where the policy table has nothing to say.
std::string level(TlsMode mode) {
    switch (mode) {
    case TlsMode::none:
        return "none";
    case TlsMode::opportunistic:
        return "may";
    case TlsMode::certificate:
        return "fingerprint";
    case TlsMode::domain:
        return "secure";
    case TlsMode::dane:
        return "dane-only";
    case TlsMode::encrypt:
    case TlsMode::mta_sts: // a domain without a policy of its own
        break;
    }
    return "encrypt";
}

// Whether smtp(8) itself holds certificates against authorities. Of a next-hop's certificate that we have
// verified it is told the fingerprint.
bool smtp_needs_authorities(TlsMode mode) {
    return mode == TlsMode::domain || mode == TlsMode::mta_sts;
}

// Whether smtp(8) does, or we.
bool needs_authorities(TlsMode mode) {
    return mode == TlsMode::certificate || smtp_needs_authorities(mode);
}

std::string seconds(std::chrono::seconds time) {
    return fmt::format("{}s", time.count());
}

// Ours first: the first table that matches wins.
Result<std::string> with_site(std::string ours, const std::string& site, std::string_view parameter) {
    if (!braces_balance(site)) {
        return fail(fmt::format("{} in main.cf has a brace without its partner", parameter), "correct it");
    }
    return site.empty() ? ours : fmt::format("{}, {}", ours, site);
}

// What a list of addresses has of one family; host names are left out, for they may have none of it.
std::string of_family(std::string_view list, bool v6) {
    std::string kept;
    for (const ListElement& element : list_elements(list)) {
        const std::string_view text = list.substr(element.offset, element.length);
        const bool is_v6 = text.find(':') != std::string_view::npos;
        const bool is_v4 = text.find_first_not_of("0123456789.[]") == std::string_view::npos;
        if (v6 ? is_v6 : is_v4) {
            kept += fmt::format("{}{}", kept.empty() ? "" : ", ", text);
        }
    }
    return kept;
}

class Builder {
public:
    Builder(const policy::SendConnector& connector, const RenderContext& context)
        : m_connector(connector), m_context(context), m_slug(conf::slug(connector.name)),
          m_mode(policy::tls_requirement(connector).mode) {}

    void identity() {
        add("syslog_name", "postfix/" + m_slug);
        if (!m_connector.fqdn.empty()) {
            add_text("smtp_helo_name", m_connector.fqdn, "fqdn");
        }
        // Clients are nobody's business but ours.
        add("smtp_send_xforward_command", "no");
        add("smtp_always_send_ehlo", m_connector.force_helo ? "no" : "yes");
        add("smtp_never_send_ehlo", m_connector.force_helo ? "yes" : "no");
        const bool v4 = !m_connector.source_ipv4.empty();
        const bool v6 = !m_connector.source_ipv6.empty();
        add_text("smtp_bind_address", m_connector.source_ipv4, "source_ip_address");
        add_text("smtp_bind_address6", m_connector.source_ipv6, "source_ip_address");
        add("smtp_bind_address_enforce", v4 || v6 ? "yes" : "no");
        if (v4 != v6) {
            one_family(v6);
        }
    }

    void routing() {
        add("smtp_fallback_relay", "");
        add("best_mx_transport", "");
    }

    void tls() {
        // The socketmap answers for every next-hop, or not at all; the level below it is what holds if that
        // ever were to change.
        add("smtp_tls_security_level", level(m_mode));
        policy_map();
        add("smtp_tls_per_site", "");
        add("smtp_tls_wrappermode", "no");
        add("smtp_tls_mandatory_protocols",
            fmt::format(">={}", to_string(policy::tls_requirement(m_connector).minimum)));
        add("smtp_tls_secure_cert_match", "nexthop");
        // Digests come with the policy of a next-hop, never from elsewhere.
        add("smtp_tls_fingerprint_digest", "sha256");
        add("smtp_tls_fingerprint_cert_match", "");
        // A wildcard stands for one label (RFC 6125 6.4.3).
        add("tls_wildcard_matches_multiple_labels", "no");
        // RFC 8461 4 wants the server's own name; otherwise a policy says which name to ask for.
        add("smtp_tls_servername", m_mode == TlsMode::mta_sts ? "hostname" : "");
        trusted_authorities();
        add("smtp_tls_CApath", "");
        add("tls_append_default_CA", "no");
        add("smtp_tls_trust_anchor_file", "");
        // A resumed session would stay "verified" after the certificate changed.
        add("smtp_tls_session_cache_database", "");
        add("smtp_tls_connection_reuse", "no");
        // "certmatch" tells whose certificate it is.
        add("smtp_tls_loglevel", is_verbose() ? "routine, certmatch" : "1");
        if (m_mode == TlsMode::dane) {
            add("smtp_dns_support_level", "dnssec");
            add("smtp_host_lookup", "dns");
        }
        if (m_context.knows_tls_required) {
            // By RFC 8689 a sender's header "TLS-Required: no" would lift the connector's rule.
            add("tls_required_enable", "no");
        }
        if (m_context.knows_raw_public_keys) {
            // Without a certificate there is nothing to verify.
            add("smtp_tls_enable_rpk", "no");
        }
        if (m_context.knows_sts_patterns && m_mode == TlsMode::mta_sts) {
            add("smtp_tls_enforce_sts_mx_patterns", "yes");
        }
        own_certificate();
    }

    void authentication(bool has_credential) {
        add("smtp_sasl_auth_enable", has_credential ? "yes" : "no");
        add("smtp_sasl_password_maps",
            has_credential ? fmt::format("texthash:{}/{}.sasl", m_context.files_directory, m_slug) : "");
        const bool clear_text = m_mode == TlsMode::none || m_mode == TlsMode::opportunistic;
        add("smtp_sasl_security_options", clear_text ? "noanonymous" : "noanonymous, noplaintext");
        add("smtp_sasl_tls_security_options", "noanonymous");
        add("smtp_sasl_tls_verified_security_options", "noanonymous");
        // What takes a name and a password; a server may offer others first, which then fail.
        add("smtp_sasl_mechanism_filter",
            has_credential ? "plain, login, cram-md5, scram-sha-1, scram-sha-256, scram-sha-512" : "");
        add("smtp_sasl_auth_cache_name", "");
        add("smtp_sasl_auth_soft_bounce", "yes");
        add("smtp_sender_dependent_authentication", "no");
        if (m_context.knows_password_result_delimiter) {
            add("smtp_sasl_password_result_delimiter", ":");
        }
    }

    void conduct() {
        // RFC 5321 4.5.3.2 names five and ten minutes as the least to wait for a busy server, which is
        // Exchange's default for an idle connection.
        const std::chrono::seconds idle = m_connector.connection_inactivity_timeout;
        add("smtp_connect_timeout", seconds(std::min(idle, std::chrono::seconds(30))));
        for (const char* step : {"helo", "starttls", "mail", "rcpt", "data_init", "data_xfer", "data_done"}) {
            add(fmt::format("smtp_{}_timeout", step), seconds(idle));
        }
        add("smtp_rset_timeout", seconds(std::min(idle, std::chrono::seconds(20))));
        add("smtp_quit_timeout", seconds(std::min(idle, std::chrono::seconds(300))));
        // Without it a server that drips one octet at a time holds the process forever.
        add("smtp_per_request_deadline", "yes");
        connection_reuse();
        add("max_use", fmt::format("{}", messages_of_a_process(m_mode)));
        add("max_idle", fmt::format("{}s", nothing_changes() ? usual_idle_seconds : short_idle_seconds));
    }

    // A verbose smtp(8) logs passwords, four times in each session, and a hundred lines more. So what it says
    // goes to the collector's socket and to no file; that passes on what other services log as well. It is
    // verbose in sessions only, which -v would not be. postlogd(8)'s sockets are in the folder "public".
    void protocol_log() {
        if (!is_verbose()) {
            return;
        }
        add("debug_peer_list", "static:all");
        add("debug_peer_level", "1");
        // Any value but none makes smtp(8) log to a socket; it never opens that file.
        add("maillog_file", "/dev/null");
        add("maillog_file_prefixes", "/dev/null");
        add("postlog_service_name", "../" + conf::protocol_log_socket(m_context.lookup_socket));
    }

    void tables() {
        header_checks();
        if (!reply_table(m_connector).empty()) {
            reply_filter();
        }
        if (!status_filter(m_connector).empty()) {
            add_beside("smtp_delivery_status_filter", table(m_slug + ".status"),
                       m_context.site_delivery_status_filter);
        }
    }

    Result<Options> result() && {
        if (m_error) {
            return tl::unexpected(*m_error);
        }
        return std::move(m_options);
    }

private:
    bool is_verbose() const {
        return m_connector.protocol_logging_level == policy::ProtocolLoggingLevel::verbose;
    }

    // What a process of smtp(8) has taken in stays right until Postfix reloads.
    bool nothing_changes() const { return answers_stay(m_mode) && m_connector.tls_certificate_name.empty(); }

    // The other family would leave from whatever address the kernel likes.
    void one_family(bool v6) {
        add("inet_protocols", v6 ? "ipv6" : "ipv4");
        // smtp(8) does not start when one of these lists names an address of the family that it must not use.
        if (m_context.inet_interfaces != "all" && m_context.inet_interfaces != "loopback-only") {
            // Nor when one is on no interface, so the source address itself is not for this list.
            const std::string rest = of_family(m_context.inet_interfaces, v6);
            add("inet_interfaces", rest.empty() ? "all" : rest);
        }
        if (!m_context.proxy_interfaces.empty()) {
            add("proxy_interfaces", of_family(m_context.proxy_interfaces, v6));
        }
    }

    void add(std::string parameter, std::string value) {
        m_options.emplace_back(std::move(parameter), std::move(value));
    }

    // Our own fields first, so that no other rule can let them out.
    void header_checks() {
        const std::string own =
            m_context.relays_as.empty() ? std::string(own_headers_name) : m_slug + ".relay";
        std::string ours = table(own);
        if (!m_connector.cloud_services_mail_enabled) {
            ours += ", " + table(header_firewall_name);
        }
        add_beside("smtp_header_checks", std::move(ours), m_context.site_header_checks);
    }

    // One table only. Where both have something to say of a line, the site's words follow ours, and smtp(8)
    // goes by the first.
    void reply_filter() {
        const std::string& site = m_context.site_reply_filter;
        if (!braces_balance(site)) {
            return give_up({"smtp_reply_filter in main.cf has a brace without its partner", "correct it"});
        }
        const std::string ours = table(m_slug + ".replies");
        add("smtp_reply_filter", site.empty() ? ours : fmt::format("unionmap:{{{}, {}}}", ours, site));
    }

    std::string table(std::string_view file) const {
        return fmt::format("regexp:{}/{}", m_context.files_directory, file);
    }

    // A value out of the configuration.
    void add_text(std::string parameter, const std::string& text, std::string_view key) {
        auto value = parameter_value(text, fmt::format("{} of connector \"{}\"", key, m_connector.name));
        if (!value) {
            return give_up(value.error());
        }
        add(std::move(parameter), std::move(*value));
    }

    void add_beside(const std::string& parameter, std::string ours, const std::string& site) {
        auto value = with_site(std::move(ours), site, parameter);
        if (!value) {
            return give_up(value.error());
        }
        add(parameter, std::move(*value));
    }

    // With MTA-STS the site's own resolver answers, and whatever it says, TLS stays mandatory.
    void policy_map() {
        if (m_mode == TlsMode::mta_sts) {
            add("smtp_tls_policy_maps",
                fmt::format("pipemap:{{{},regexp:{}/{}}}", m_connector.mta_sts_policy_map,
                            m_context.files_directory, mta_sts_floor_name));
        } else {
            add("smtp_tls_policy_maps",
                fmt::format("socketmap:unix:{}:tls/{}", m_context.lookup_socket, m_slug));
        }
    }

    // A file that is not there would leave smtp(8) without TLS altogether, which "may" takes for a reason to
    // send in the clear: whoever makes the context names the system's only where there is one.
    void trusted_authorities() {
        if (m_connector.tls_ca_file.empty() && m_context.system_ca_file.empty() &&
            needs_authorities(m_mode)) {
            return give_up(
                {fmt::format("connector \"{}\" verifies certificates, but this system has no list of "
                             "certification authorities",
                             m_connector.name),
                 "install ca-certificates, or set tls_ca_file"});
        }
        // All authorities of the world take smtp(8) as long to read as several messages take it. A
        // connector's own may be the issuers of its own certificate, which go with it.
        std::string file = m_connector.tls_ca_file;
        if (file.empty() && smtp_needs_authorities(m_mode)) {
            file = m_context.system_ca_file;
        }
        add_text("smtp_tls_CAfile", file, "tls_ca_file");
    }

    // Its own or none at all: another connector's identity must not be shown to this one's smart hosts.
    void own_certificate() {
        const std::string& chain = m_connector.tls_certificate_name;
        const std::string& key = m_connector.tls_key_file;
        add("smtp_tls_chain_files", "");
        add_text("smtp_tls_cert_file", chain, "tls_certificate_name");
        add_text("smtp_tls_key_file", key.empty() ? chain : key, "tls_key_file");
        for (const char* other : {"dcert", "dkey", "eccert", "eckey"}) {
            add(fmt::format("smtp_tls_{}_file", other), "");
        }
    }

    void connection_reuse() {
        // Postfix counts how often a connection is used again, and takes 0 for "as often as you like".
        const int messages = m_connector.smtp_max_messages_per_connection;
        const bool must_have_tls = m_mode != TlsMode::none && m_mode != TlsMode::opportunistic;
        add("smtp_connection_reuse_count_limit", fmt::format("{}", std::max(messages - 1, 0)));
        if (messages == 1 || must_have_tls) {
            // Postfix keeps no TLS session for reuse here, so where TLS is a must a kept connection could
            // only be one that this rule does not allow.
            add("smtp_connection_cache_on_demand", "no");
            add("smtp_connection_cache_destinations", "");
        }
    }

    void give_up(Error error) {
        if (!m_error) {
            m_error = std::move(error);
        }
    }

    const policy::SendConnector& m_connector;
    const RenderContext& m_context;
    std::string m_slug;
    TlsMode m_mode;
    Options m_options;
    std::optional<Error> m_error;
};

} // namespace

Result<Options> service_options(const policy::SendConnector& connector, bool has_credential,
                                const RenderContext& context) {
    Builder builder(connector, context);
    builder.identity();
    builder.routing();
    builder.tls();
    builder.authentication(has_credential);
    builder.conduct();
    builder.protocol_log();
    builder.tables();
    return std::move(builder).result();
}

} // namespace sendconnector::conf::postfix
