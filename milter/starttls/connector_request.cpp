// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/connector_request.hpp"

#include "conf/own_certificate.hpp"
#include "conf/postfix/answers.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/read_file.hpp"
#include "policy/certificate/connector_rules.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t largest_file = 16U << 20U;
// What a lookup can spare for revocation answers that are not at hand.
constexpr std::chrono::seconds longest_patience{10};

// As smtp_helo_name has it by default: Postfix' myhostname is the system's own name unless main.cf says
// otherwise. Only where nothing has been applied yet.
std::string own_host_name() {
    std::string name(256, '\0');
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    name.resize(name.find('\0'));
    return name.empty() ? "localhost" : name;
}

Result<std::string> content_of(const std::string& path, bool& hidden) {
    auto file = conf::read_file(AT_FDCWD, path, largest_file, conf::Links::follow);
    if (file) {
        return std::move(file->bytes);
    }
    hidden = file.error().error_number == EACCES || file.error().error_number == EPERM;
    return fail(fmt::format("{} {}", path, file.error().error.text), file.error().error.hint);
}

// Sets the certificate, or says why there is none. `hidden`: there may well be one, for others to read.
Result<std::shared_ptr<const OwnCertificate>> read_own(const policy::SendConnector& connector,
                                                       const conf::TlsSettings& settings, bool& hidden) {
    const auto files = conf::own_certificate(connector, settings);
    if (!files) {
        hidden = files.error().warning;
        return tl::unexpected(files.error().error);
    }
    if (!*files) {
        return nullptr;
    }
    auto chain = content_of((*files)->chain, hidden);
    if (!chain) {
        return tl::unexpected(chain.error());
    }
    auto key = (*files)->key == (*files)->chain ? chain : content_of((*files)->key, hidden);
    if (!key) {
        return tl::unexpected(key.error());
    }
    return std::make_shared<const OwnCertificate>(OwnCertificate{std::move(*chain), std::move(*key)});
}

} // namespace

Result<ConnectorRequest> connector_request(const conf::Configuration& configuration,
                                           const policy::SendConnector& connector,
                                           const std::string& helo_name, TrustFiles& files) {
    const auto& settings = configuration.tls;
    ConnectorRequest made;
    auto& request = made.request;
    request.connector = connector.name;
    request.identity.helo_name = !connector.fqdn.empty() ? connector.fqdn
                                 : !helo_name.empty()    ? helo_name
                                                         : own_host_name();
    request.identity.source_ipv4 = connector.source_ipv4;
    request.identity.source_ipv6 = connector.source_ipv6;
    request.identity.minimum = connector.tls_minimum_protocol;
    request.limits.time = settings.probe_time;
    request.revocation_patience = std::min(settings.revocation_fetch_time, longest_patience);
    request.rules = policy::certificate_rules(connector);
    if (request.rules) {
        auto anchors = files.read(connector.tls_ca_file);
        if (!anchors) {
            return tl::unexpected(anchors.error());
        }
        request.anchors = std::move(anchors->anchors);
        request.anchors_digest = std::move(anchors->digest);
    }
    bool hidden = false;
    auto own = read_own(connector, settings, hidden);
    if (own) {
        request.identity.certificate = std::move(*own);
    } else if (connector.domain_secure_enabled && !hidden) {
        return tl::unexpected(own.error());
    } else {
        request.own_certificate_left_out = hidden;
        made.remarks.push_back(fmt::format("the client certificate is left out: {}", to_string(own.error())));
    }
    if (connector.domain_secure_enabled && connector.tls_certificate_name.empty()) {
        return fail("domain_secure_enabled wants a certificate of the connector's own",
                    "set tls_certificate_name");
    }
    return made;
}

Result<ConnectorRequest> connector_request(const conf::Configuration& configuration,
                                           const policy::SendConnector& connector,
                                           const std::string& helo_name) {
    TrustFiles files;
    return connector_request(configuration, connector, helo_name, files);
}

HopRequest hop_request(const ConnectorRequest& of_connector, const policy::SendConnector& connector,
                       const policy::SmartHost* host, std::string next_hop) {
    auto request = of_connector.request;
    request.identity.server_name = conf::postfix::server_name(connector, host);
    const bool of_recipient = request.rules && host == nullptr && !connector.tls_domain &&
                              request.rules->name.kind == policy::RequiredName::Kind::exact;
    if (of_recipient) {
        // "[192.0.2.1]": an address literal.
        const bool literal = next_hop.starts_with("[") && next_hop.ends_with("]");
        request.rules->name.text = literal ? next_hop.substr(1, next_hop.size() - 2) : next_hop;
    }
    request.next_hop = std::move(next_hop);
    return request;
}

std::string digest(const HopRequest& request) {
    std::string text;
    // Each part with its length in front, so that no two requests give one text.
    const auto add = [&](std::string_view part) {
        text += fmt::format("{}:", part.size());
        text += part;
    };
    const auto& identity = request.identity;
    for (const auto* part : {&request.next_hop, &identity.helo_name, &identity.server_name,
                             &identity.source_ipv4, &identity.source_ipv6, &request.anchors_digest}) {
        add(*part);
    }
    add(policy::to_string(identity.minimum));
    if (identity.certificate) {
        add(identity.certificate->chain_pem);
        add(identity.certificate->key_pem);
    }
    add(request.own_certificate_left_out ? "left out" : "");
    if (request.rules) {
        const auto& rules = *request.rules;
        add(fmt::format("{} {} {} {}", static_cast<int>(rules.name.kind), rules.minimum_rsa_bits,
                        rules.allow_weak_signatures, static_cast<int>(rules.revocation)));
        add(rules.name.text);
    }
    return conf::postfix::sha256_hex(text);
}

} // namespace sendconnector::starttls
