// SPDX-License-Identifier: Apache-2.0
#include "conf/site/tls_rule.hpp"

#include "conf/site/tls_names.hpp"
#include "conf/site/tls_protocols.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::site {
namespace {

using exchange::Value;

constexpr std::string_view system_ca_file = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view system_ca_path = "/etc/ssl/certs";

class RuleReader {
public:
    RuleReader(const Site& site, std::string_view service, const NextHop* hop)
        : m_site(site), m_service(service), m_hop(hop) {}

    TlsRule read(const std::string* policy) {
        std::string level = level_of_main_cf();
        if (policy != nullptr) {
            const std::vector<std::string> words = words_of(*policy);
            level = words.empty() ? "" : policy::fold_case(words.front());
            for (std::size_t i = 1; i < words.size(); ++i)
                attribute(words[i]);
        }
        set_level(level);
        if (m_rule.is_mandatory)
            minimum();
        else if (!m_protocols.empty() && !m_rule.is_off)
            note("smtp_tls_policy_maps", "protocols=" + m_protocols + " is not taken: TLS is not mandatory",
                 "");
        if (!m_rule.is_off)
            own_certificate();
        if (m_site.is_yes(m_service, "smtp_tls_wrappermode"))
            hold("smtp_tls_wrappermode", "speaks TLS from the first octet, which no connector does",
                 "use the port of the smart host that has STARTTLS, usually 587");
        if (!get("smtp_tls_per_site").empty())
            hold("smtp_tls_per_site", "is an old table that is not read",
                 "turn it into smtp_tls_policy_maps");
        return std::move(m_rule);
    }

private:
    std::string_view get(std::string_view parameter) const { return m_site.setting(m_service, parameter); }

    void set(std::string_view property, Value value) {
        m_rule.properties.push_back({std::string(property), std::move(value)});
    }
    void set(std::string_view property, std::string_view text) { set(property, Value(std::string(text))); }
    void note(std::string_view subject, std::string text, std::string_view hint) {
        m_rule.notes.push_back({std::string(subject), {std::move(text), std::string(hint)}, false});
    }
    void hold(std::string_view subject, std::string text, std::string_view hint) {
        m_rule.notes.push_back({std::string(subject), {std::move(text), std::string(hint)}, true});
    }

    std::string level_of_main_cf() const {
        if (const std::string_view level = get("smtp_tls_security_level"); !level.empty())
            return policy::fold_case(level);
        // What there was before Postfix 2.3.
        if (m_site.is_yes(m_service, "smtp_enforce_tls"))
            return "verify";
        return m_site.is_yes(m_service, "smtp_use_tls") ? "may" : "none";
    }

    void attribute(const std::string& word) {
        const std::size_t equals = word.find('=');
        const std::string name = policy::fold_case(word.substr(0, equals));
        const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (name == "match")
            m_match = value;
        else if (name == "protocols")
            m_protocols = value;
        else if (name == "tafile")
            hold("smtp_tls_policy_maps", word + " names trust anchors, which no connector does",
                 "see tls_ca_file");
        else
            note("smtp_tls_policy_maps", word + " is not taken", "");
    }

    void set_level(const std::string& level) {
        if (level == "none") {
            m_rule.is_off = true;
            return set("IgnoreSTARTTLS", Value(true));
        }
        if (level == "may")
            return;
        if (level == "dane" || level == "half-dane")
            return hold(
                "smtp_tls_security_level",
                level + " goes by TLSA records where there are any, which no connector does",
                "decide: RequireTLS and TlsAuthLevel Dane has mail wait without them; TLS where it is "
                "offered, as it is now, looks at no certificate");
        m_rule.is_mandatory = true;
        set("RequireTLS", Value(true));
        if (level == "dane-only")
            dane();
        else if (level == "verify" || level == "secure")
            names(level);
        else if (level != "encrypt")
            hold("smtp_tls_security_level",
                 level == "fingerprint"
                     ? "fingerprint names certificates by their digests, which no connector does"
                     : level + " is no level of TLS",
                 "choose a TlsAuthLevel");
    }

    void dane() {
        if (m_hop != nullptr && m_hop->is_address)
            return hold("smtp_tls_security_level", "dane-only needs a name, and the smart host is an address",
                        "name the smart host");
        set("TlsAuthLevel", "Dane");
    }

    void names(const std::string& level) {
        const std::string_view listed =
            m_match.empty() ? get("smtp_tls_" + level + "_cert_match") : std::string_view(m_match);
        const auto domain = tls_domain(listed, m_hop);
        set("TlsAuthLevel", "DomainValidation");
        // Postfix asks nobody.
        set("Revocation", "off");
        authorities();
        if (!domain)
            return hold("TlsDomain", domain.error().text, domain.error().hint);
        if (!domain->empty())
            set("TlsDomain", *domain);
    }

    void authorities() {
        const std::string_view file = get("smtp_tls_CAfile");
        const std::string_view path = get("smtp_tls_CApath");
        const bool adds_system = m_site.is_yes(m_service, "tls_append_default_CA");
        const bool by_system = adds_system || file == system_ca_file || path == system_ca_path;
        if (by_system && (file.empty() || file == system_ca_file) && (path.empty() || path == system_ca_path))
            return;
        if (!file.empty() && path.empty() && !by_system)
            return set("TlsCaFile", file);
        hold("TlsCaFile",
             file.empty() && path.empty() ? "Postfix trusts no authority here, so that no mail leaves"
                                          : "Postfix trusts the authorities of several places",
             "put the certificates that are to be trusted into one file, and name it in tls_ca_file");
    }

    void minimum() {
        const std::string_view list =
            m_protocols.empty() ? get("smtp_tls_mandatory_protocols") : std::string_view(m_protocols);
        const auto range = protocol_range(list);
        if (!range)
            return hold("TlsMinimumProtocol", fmt::format("\"{}\" is not understood", list),
                        "set tls_minimum_protocol");
        set("TlsMinimumProtocol", range->oldest);
        if (!range->is_all_above)
            note("TlsMinimumProtocol",
                 fmt::format("\"{}\" leaves out newer protocols, which a connector allows", list), "");
    }

    void own_certificate() {
        const std::string_view chain = get("smtp_tls_chain_files");
        const std::vector<std::string> files = words_of(chain);
        if (files.size() > 1)
            return hold("TlsCertificateName", fmt::format("{} are several files", chain),
                        "put one chain and its key into a file, and name that");
        const std::string certificate(files.empty() ? get("smtp_tls_cert_file")
                                                    : std::string_view(files.front()));
        // What Postfix takes for none, too.
        if (certificate.empty() || certificate == "none")
            return;
        set("TlsCertificateName", certificate);
        const std::string_view key = get("smtp_tls_key_file");
        if (files.empty() && !key.empty() && key != certificate)
            set("TlsKeyFile", key);
    }

    const Site& m_site;
    std::string_view m_service;
    const NextHop* m_hop;
    std::string m_match;
    std::string m_protocols;
    TlsRule m_rule;
};

} // namespace

TlsRule tls_rule(const Site& site, std::string_view service, const NextHop* hop, const std::string* policy) {
    return RuleReader(site, service, hop).read(policy);
}

} // namespace sendconnector::conf::site
