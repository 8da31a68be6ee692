// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/desired_split.hpp"

#include "conf/postfix/attachment_parts.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/values.hpp"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace sendconnector::conf::postfix {
namespace {

class SplitRendering {
public:
    SplitRendering(const Configuration& configuration, const Instance& instance, Desired& desired)
        : m_configuration(configuration), m_instance(instance), m_desired(desired) {}

    Result<void> run() {
        for (auto step : {&SplitRendering::ask, &SplitRendering::render, &SplitRendering::check_protocols,
                          &SplitRendering::check_routes, &SplitRendering::check_filters}) {
            if (auto done = (this->*step)(); !done) {
                return done;
            }
        }
        return {};
    }

private:
    Result<void> ask() {
        auto values = m_instance.parameters(
            {"inet_protocols", "hopcount_limit", "default_filter_nexthop", "sender_dependent_relayhost_maps",
             "sender_dependent_default_transport_maps", "tls_required_enable", "smtp_tlsrpt_enable"});
        if (!values) {
            return tl::unexpected(values.error());
        }
        m_values = std::move(*values);
        return {};
    }

    Result<void> render() {
        SplitContext context;
        context.listener = m_configuration.postfix.split_listener.service();
        context.files_directory = files_directory(m_configuration);
        const auto milter = relative_to_queue(m_configuration.daemon.milter_socket,
                                              m_instance.queue_directory(), "milter_socket");
        if (!milter || !check_table_path(context.files_directory, "the folder for Postfix' files")) {
            return {}; // desired() tells of both
        }
        context.milter_socket = *milter;
        const auto smtp = m_instance.smtp_chroot();
        const auto smtpd = m_instance.chroot_of("smtp/inet", "smtpd");
        const auto cleanup = m_instance.chroot_of("cleanup/unix", "cleanup");
        if (!smtp || !smtpd || !cleanup) {
            return tl::unexpected(!smtp ? smtp.error() : !smtpd ? smtpd.error() : cleanup.error());
        }
        context.smtp_chroot = *smtp;
        context.smtpd_chroot = *smtpd;
        context.cleanup_chroot = *cleanup;
        const std::string& limit = m_values["hopcount_limit"];
        std::from_chars(limit.data(), limit.data() + limit.size(), context.hopcount_limit);
        context.knows_tls_required = m_values.contains("tls_required_enable");
        context.knows_tls_reports = m_values.contains("smtp_tlsrpt_enable");
        RenderedFile filter = split_status_filter();
        for (const SplitService& service : split_services(context)) {
            m_desired.services[service.name] = service.entry;
            // A rule of the filter that changes must be read anew, as a connector's.
            const std::string digest = service.name == split_service
                                           ? sha256_hex(service.entry + "\n" + filter.content)
                                           : sha256_hex(service.entry);
            m_desired.applied.services[service.name] = {"", "", digest};
        }
        std::string name = filter.name;
        m_desired.files.insert_or_assign(std::move(name), std::move(filter));
        m_desired.applied.split_listener = context.listener;
        return {};
    }

    // master(8) ends itself when it cannot listen where it is told to.
    Result<void> check_protocols() {
        const std::string& protocols = m_values["inet_protocols"];
        if (protocols.find("all") == std::string::npos && protocols.find("ipv4") == std::string::npos) {
            add(Severity::error,
                fmt::format("main.cf has inet_protocols = {}, but messages are split by way of {}", protocols,
                            m_configuration.postfix.split_listener.service()),
                "add ipv4 to inet_protocols");
        }
        return {};
    }

    Result<void> check_routes() {
        if (const std::string& hop = m_values["default_filter_nexthop"]; !hop.empty()) {
            add(Severity::error,
                fmt::format(
                    "main.cf has default_filter_nexthop = {}: mail for the recipients' MX would go there",
                    hop),
                "make default_filter_nexthop empty, and name the next-hop in each content_filter and FILTER");
        }
        if (m_configuration.policy->settings().unmatched_recipients != policy::UnmatchedRecipients::postfix) {
            return {};
        }
        std::string maps = m_values["sender_dependent_default_transport_maps"];
        const auto parts = own_parts();
        if (!parts) {
            return tl::unexpected(parts.error());
        }
        for (const AttachmentPart& part : *parts) {
            if (part.parameter == "sender_dependent_default_transport_maps") {
                maps = without_entry(part.entry, maps);
            }
        }
        for (const auto& [name, value] :
             {std::pair("sender_dependent_relayhost_maps", m_values["sender_dependent_relayhost_maps"]),
              std::pair("sender_dependent_default_transport_maps", maps)}) {
            if (!value.empty()) {
                add(Severity::warning,
                    fmt::format("main.cf has {} = {}: it does not count for recipients that no connector is "
                                "for when their sender has some; that mail goes to {}",
                                name, value, default_way()),
                    "make a connector of what that table says, or set unmatched_recipients");
            }
        }
        return {};
    }

    std::string default_way() const {
        const Facts& facts = m_desired.applied.facts;
        return facts.relayhost.empty()
                   ? facts.default_transport
                   : fmt::format("{}, relayhost {}", facts.default_transport, facts.relayhost);
    }

    // A route set by the milter would lead around a content filter, so it sets none before it: what depends
    // on the login, on header From or on routes has to be decided behind it.
    Result<void> check_filters() {
        const Facts& facts = m_desired.applied.facts;
        if (facts.filters.empty()) {
            return {};
        }
        const auto overrides =
            m_instance.site_overrides({"content_filter", "smtpd_proxy_filter", "smtpd_milters",
                                       "milter_macro_daemon_name", "receive_override_options"});
        if (!overrides) {
            return tl::unexpected(overrides.error());
        }
        const auto setting = [&](const std::string& service, const char* name) {
            const auto found = overrides->find(service + "/" + name);
            return found == overrides->end() ? std::nullopt : std::optional(found->second);
        };
        bool behind = false;
        for (const auto& [path, value] : *overrides) {
            const std::string service = path.substr(0, path.rfind('/'));
            const bool after_filter =
                value.empty() && (path.ends_with("/content_filter") || path.ends_with("/smtpd_proxy_filter"));
            if (!after_filter || m_seen.contains(service) || service == listener()) {
                continue;
            }
            m_seen.insert(service);
            behind = true;
            const std::string name = setting(service, "milter_macro_daemon_name").value_or("");
            const auto milters = setting(service, "smtpd_milters");
            const bool no_milters =
                setting(service, "receive_override_options").value_or("").find("no_milters") !=
                std::string::npos;
            if (name != reinject_daemon_name || no_milters || (milters && !has_ours(*milters))) {
                add(Severity::warning,
                    fmt::format("master.cf: {} takes mail back from a content filter, but does not let "
                                "sendconnectord choose its route{}",
                                service, no_milters ? ": it sets no_milters" : ""),
                    how_to());
            }
        }
        if (!behind) {
            add(Severity::warning,
                fmt::format(
                    "{}: sendconnectord sets no route on mail that still has to pass a content filter, "
                    "and no smtpd service takes mail back behind it",
                    fmt::join(facts.filters, "; ")),
                how_to());
        }
        return {};
    }

    std::string listener() const {
        return split_listener_name(m_configuration.postfix.split_listener.service());
    }

    bool has_ours(const std::string& milters) const {
        const auto parts = own_parts();
        return parts && !parts->empty() && presence(parts->front(), milters) == Presence::present;
    }

    // By the facts at hand: apply has asked postconf(1) already.
    Result<std::vector<AttachmentPart>> own_parts() const {
        return attachment_parts(m_configuration, m_instance, most_octets(m_desired.applied.facts));
    }

    std::string how_to() const {
        const auto milter = relative_to_queue(m_configuration.daemon.milter_socket,
                                              m_instance.queue_directory(), "milter_socket");
        return fmt::format(
            "give the smtpd service behind the filter: -o {{smtpd_milters={{ unix:{}, "
            "default_action=tempfail }}}} -o milter_macro_daemon_name={} -o content_filter=, and no "
            "no_milters (see CONTENT FILTERS in sendconnectord(8))",
            milter ? *milter : "sendconnector/milter", reinject_daemon_name);
    }

    void add(Severity severity, std::string text, std::string hint) {
        m_desired.findings.push_back(
            {severity, m_configuration.file.string(), 0, 0, "", std::move(text), std::move(hint)});
    }

    const Configuration& m_configuration;
    const Instance& m_instance;
    Desired& m_desired;
    Values m_values;
    std::set<std::string> m_seen;
};

} // namespace

Result<void> add_split_services(const Configuration& configuration, const Instance& instance,
                                Desired& desired) {
    return SplitRendering(configuration, instance, desired).run();
}

} // namespace sendconnector::conf::postfix
