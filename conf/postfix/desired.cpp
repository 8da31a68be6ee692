// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/desired.hpp"

#include "conf/own_certificate.hpp"
#include "conf/postfix/desired_split.hpp"
#include "conf/postfix/dnssec.hpp"
#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"
#include "conf/slug.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace sendconnector::conf::postfix {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> parameters_read = {"mail_version",
                                                  "queue_directory",
                                                  "myhostname",
                                                  "smtp_helo_name",
                                                  "relayhost",
                                                  "transport_maps",
                                                  "sender_dependent_relayhost_maps",
                                                  "inet_interfaces",
                                                  "proxy_interfaces",
                                                  "tls_required_enable",
                                                  "smtp_sasl_password_result_delimiter",
                                                  "compatibility_level",
                                                  "smtp_tls_enable_rpk",
                                                  "smtp_tls_enforce_sts_mx_patterns"};

class Rendering {
public:
    Rendering(const Configuration& configuration, const Instance& instance)
        : m_configuration(configuration), m_instance(instance), m_certificates(configuration.tls) {}

    Result<Desired> run() && {
        for (auto step : {&Rendering::ask, &Rendering::check_instance, &Rendering::render_all}) {
            if (auto done = (this->*step)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        return std::move(m_desired);
    }

private:
    Result<void> ask() {
        auto values = m_instance.parameters(parameters_read);
        auto site =
            m_instance.main_cf_values({"smtp_header_checks", "smtp_reply_filter",
                                       "smtp_delivery_status_filter", "default_delivery_status_filter"});
        auto chroot = m_instance.smtp_chroot();
        if (!values || !site || !chroot) {
            return tl::unexpected(!values ? values.error() : !site ? site.error() : chroot.error());
        }
        m_values = std::move(*values);
        m_context.files_directory = files_directory(m_configuration);
        m_context.chroot = *chroot;
        m_context.site_header_checks = (*site)["smtp_header_checks"];
        m_context.site_reply_filter = (*site)["smtp_reply_filter"];
        m_context.site_delivery_status_filter =
            site->contains("smtp_delivery_status_filter")       ? (*site)["smtp_delivery_status_filter"]
            : (*site)["default_delivery_status_filter"].empty() ? ""
                                                                : "$default_delivery_status_filter";
        if (std::error_code error; !fs::exists(m_context.system_ca_file, error)) {
            m_context.system_ca_file.clear();
        }
        m_context.inet_interfaces = m_values["inet_interfaces"];
        m_context.proxy_interfaces = m_values["proxy_interfaces"];
        m_context.knows_tls_required = m_values.contains("tls_required_enable");
        m_context.knows_password_result_delimiter = m_values.contains("smtp_sasl_password_result_delimiter");
        m_context.knows_raw_public_keys = m_values.contains("smtp_tls_enable_rpk");
        m_context.knows_sts_patterns = m_values.contains("smtp_tls_enforce_sts_mx_patterns");

        m_desired.applied.config_directory = m_instance.config_directory();
        m_desired.applied.queue_directory = m_values["queue_directory"];
        m_desired.applied.mail_version = m_values["mail_version"];
        m_desired.applied.helo_name = m_values["smtp_helo_name"];
        m_desired.applied.host_names = this_host();
        m_desired.applied.host_names.push_back(m_values["myhostname"]);
        auto facts = read_facts(m_configuration, m_instance);
        if (!facts) {
            return tl::unexpected(facts.error());
        }
        m_desired.applied.facts = std::move(*facts);
        return {};
    }

    Result<void> check_instance() {
        if (!version_at_least(m_values["mail_version"], 3, 7)) {
            add(Severity::error, fmt::format("Postfix {} is too old", m_values["mail_version"]),
                "use Postfix 3.7 or newer");
        }
        const DaemonSettings& daemon = m_configuration.daemon;
        const std::string& queue = m_desired.applied.queue_directory;
        auto lookup = relative_to_queue(daemon.lookup_socket, queue, "lookup_socket");
        auto milter = relative_to_queue(daemon.milter_socket, queue, "milter_socket");
        for (const auto& [socket, relative] :
             {std::pair(&daemon.lookup_socket, &lookup), std::pair(&daemon.milter_socket, &milter)}) {
            std::error_code error;
            const fs::path folder = fs::path(*socket).parent_path();
            if (!*relative) {
                add(Severity::error, relative->error());
            } else if (!fs::is_directory(folder, error)) {
                add(Severity::error,
                    fmt::format("the folder {} for the daemon's sockets is not there", folder.string()),
                    "create it, writable by the daemon's user and reachable for Postfix");
            }
        }
        m_context.lookup_socket = lookup ? *lookup : "";
        if (!m_values["transport_maps"].empty()) {
            add(Severity::warning,
                fmt::format(
                    "main.cf has transport_maps = {}: recipients that it lists leave its way, whatever "
                    "connector their sender has",
                    m_values["transport_maps"]),
                "remove what connectors should decide from that table");
        }
        return {};
    }

    Result<void> render_all() {
        const auto& connectors = m_configuration.policy->connectors();
        for (std::size_t i = 0; i < connectors.size(); ++i) {
            if (connectors[i].enabled) {
                check_relayhost(i);
                check_resolver(i);
                render(i);
            }
        }
        m_desired.files.emplace(
            route_checks_name,
            RenderedFile{std::string(route_checks_name), 0644,
                         route_checks(default_route(m_desired.applied.facts.default_transport,
                                                    m_desired.applied.facts.relayhost))});
        if (wants_split_services(*m_configuration.policy, most_octets(m_desired.applied.facts))) {
            if (auto done = add_split_services(m_configuration, m_instance, m_desired); !done) {
                return done;
            }
        }
        for (Finding& found : check_files(m_configuration, m_desired.applied.host_names)) {
            m_desired.findings.push_back(std::move(found));
        }
        return {};
    }

    // trivial-rewrite(8) puts these in place of an empty next-hop, which is what "the recipient's MX" looks
    // like.
    void check_relayhost(std::size_t index) {
        const policy::SendConnector& connector = m_configuration.policy->connectors()[index];
        if (!connector.smart_hosts.empty() || is_relayed(m_desired.applied, connector)) {
            return;
        }
        for (const char* name : {"relayhost", "sender_dependent_relayhost_maps"}) {
            if (!m_values[name].empty()) {
                add_to(index, Severity::error,
                       fmt::format("it delivers by MX (dns_routing_enabled), but main.cf has {} = {}, where "
                                   "Postfix would "
                                   "send its mail instead",
                                   name, m_values[name]),
                       fmt::format("make {} empty, and a connector of its smart host", name));
            }
        }
    }

    // Without validated answers smtp(8) would find no DANE anywhere, and every message would wait.
    void check_resolver(std::size_t index) {
        const policy::SendConnector& connector = m_configuration.policy->connectors()[index];
        if (policy::tls_requirement(connector).mode != policy::TlsMode::dane ||
            is_relayed(m_desired.applied, connector)) {
            return;
        }
        if (!m_resolver) {
            m_resolver = check_dnssec(resolver_file(m_desired.applied.queue_directory, m_context.chroot,
                                                    m_values["compatibility_level"]));
        }
        if (!*m_resolver) {
            add_to(index, Severity::error,
                   fmt::format("tls_auth_level = \"Dane\": {}", m_resolver->error().text),
                   m_resolver->error().hint, "tls_auth_level");
        }
    }

    // Where its own certificate lies now. Nothing: check_files() tells why.
    std::optional<policy::SendConnector> with_certificate_files(std::size_t index) {
        policy::SendConnector connector = m_configuration.policy->connectors()[index];
        auto files = m_certificates.find(connector, std::chrono::system_clock::now());
        if (!files) {
            if (files.error().warning) {
                add_to(index, Severity::error, files.error().error.text, files.error().error.hint,
                       "tls_certificate_name");
            }
            return std::nullopt;
        }
        if (*files) {
            connector.tls_certificate_name = std::move((*files)->chain);
            connector.tls_key_file = std::move((*files)->key);
        }
        return connector;
    }

    // Another server decides anew, and knows nobody who has logged in here.
    void check_identity(std::size_t index) {
        const policy::SendConnector& connector = m_configuration.policy->connectors()[index];
        if (connector.sender_identity == policy::SenderIdentity::login) {
            add_to(index, Severity::error,
                   "source_transport_servers do not name this host, and the listed ones cannot tell who has "
                   "logged in here (sender_identity = \"login\")",
                   "list this host, or tell senders by envelope or header-from", "source_transport_servers");
        }
    }

    // Nothing of the connector's own reaches the servers that use it.
    Result<Service> relaying_service(const policy::SendConnector& connector) const {
        RenderContext context = m_context;
        context.relays_as = m_values.at("myhostname");
        return render_service(relaying(connector), {}, context);
    }

    void render(std::size_t index) {
        const policy::SendConnector& connector = m_configuration.policy->connectors()[index];
        if (is_relayed(m_desired.applied, connector)) {
            check_identity(index);
            return take(index, relaying_service(connector));
        }
        std::optional<Credential> credential;
        if (!connector.authentication_credential.empty()) {
            auto read =
                read_credential(m_configuration.credentials_directory(), connector.authentication_credential);
            if (!read) {
                return add_to(index, Severity::error, read.error().text, read.error().hint);
            }
            credential = std::move(*read);
        }
        const auto resolved = with_certificate_files(index);
        if (!resolved) {
            return;
        }
        take(index, render_service(*resolved, credential, m_context));
    }

    void take(std::size_t index, Result<Service> service) {
        const policy::SendConnector& connector = m_configuration.policy->connectors()[index];
        if (!service) {
            return add_to(index, Severity::error, service.error().text, service.error().hint);
        }
        m_desired.services[service->name] = service->master_cf_entry();
        m_desired.applied.services[service->name] = {
            connector.name, wanted_settings(m_desired.applied, connector), service->digest()};
        for (RenderedFile& file : service->files) {
            m_desired.files.insert_or_assign(file.name, std::move(file));
        }
    }

    void add(Severity severity, std::string text, std::string hint) {
        m_desired.findings.push_back(
            {severity, m_configuration.file.string(), 0, 0, "", std::move(text), std::move(hint)});
    }
    void add(Severity severity, const Error& error) { add(severity, error.text, error.hint); }

    // At the value of `key` where that was written, or at the connector.
    void add_to(std::size_t index, Severity severity, std::string text, std::string hint,
                std::string_view key = {}) {
        const Origin origin =
            index < m_configuration.origins.size() ? m_configuration.origins[index] : Origin{};
        const auto written = origin.keys.find(key);
        const Spot at = written == origin.keys.end() ? Spot{origin.line, origin.column} : written->second;
        m_desired.findings.push_back({severity, origin.file, at.line, at.column,
                                      m_configuration.policy->connectors()[index].name, std::move(text),
                                      std::move(hint)});
    }

    const Configuration& m_configuration;
    const Instance& m_instance;
    OwnCertificates m_certificates;
    Values m_values;
    RenderContext m_context;
    std::optional<Result<void>> m_resolver; // what check_dnssec() said
    Desired m_desired;
};

} // namespace

fs::path files_directory(const Configuration& configuration) {
    return fs::path(configuration.daemon.state_directory) / "postfix";
}

Result<Desired> desired(const Configuration& configuration, const Instance& instance) {
    return Rendering(configuration, instance).run();
}

Result<Current> current(const Configuration& configuration, const Instance& instance) {
    Current now;
    auto services = instance.services();
    auto applied = read_applied(configuration.daemon.state_directory);
    if (!services || !applied) {
        return tl::unexpected(!services ? services.error() : applied.error());
    }
    now.services = std::move(*services);
    now.applied = std::move(*applied);

    const fs::path folder = files_directory(configuration);
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        struct stat status {};
        if (lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
            continue;
        }
        auto content = read_file(entry->path());
        if (!content) {
            return tl::unexpected(content.error());
        }
        if (*content) {
            now.files[entry->path().filename()] = {status.st_mode & 07777, std::move(**content)};
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return fail(fmt::format("cannot list {}: {}", folder.string(), error.message()));
    }
    return now;
}

} // namespace sendconnector::conf::postfix
