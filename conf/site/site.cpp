// SPDX-License-Identifier: Apache-2.0
#include "conf/site/site.hpp"

#include "conf/plain_text.hpp"
#include "conf/site/table_name.hpp"
#include "policy/domain.hpp"

#include <utility>

namespace sendconnector::conf::site {

const std::string* Tables::find(std::string_view key) const {
    for (const Table& table : list)
        if (const auto found = table.entries.find(key); found != table.entries.end())
            return &found->second;
    return nullptr;
}

std::vector<std::string> Tables::unlisted() const {
    std::vector<std::string> names;
    for (const Table& table : list)
        if (!table.is_listed)
            names.push_back(name_as_shown(table.name));
    return names;
}

std::string_view Site::setting(std::string_view service, std::string_view parameter) const {
    if (const auto found = services.find(service); found != services.end())
        if (const auto own = found->second.overrides.find(parameter); own != found->second.overrides.end())
            return own->second;
    const auto found = settings.find(parameter);
    return found == settings.end() ? std::string_view() : std::string_view(found->second);
}

bool Site::is_yes(std::string_view service, std::string_view parameter) const {
    return policy::fold_case(setting(service, parameter)) == "yes";
}

const Tables& Site::tables_of(std::string_view service, std::string_view parameter) const {
    static const Tables none;
    const auto found = tables.find(setting(service, parameter));
    return found == tables.end() ? none : found->second;
}

std::vector<std::string> parameters_of_interest() {
    return {"default_transport",
            "relayhost",
            "recipient_delimiter",
            "myorigin",
            "mydestination",
            "relay_domains",
            "empty_address_default_transport_maps_lookup_key",
            "empty_address_relayhost_maps_lookup_key",
            std::string(transport_maps),
            std::string(relayhost_maps),
            std::string(password_maps),
            std::string(policy_maps),
            "smtp_bind_address",
            "smtp_bind_address6",
            "smtp_fallback_relay",
            "smtp_helo_name",
            "smtp_never_send_ehlo",
            "smtp_sasl_auth_enable",
            "smtp_sasl_security_options",
            "smtp_sasl_tls_security_options",
            "smtp_sender_dependent_authentication",
            "smtp_tcp_port",
            "smtp_enforce_tls",
            "smtp_use_tls",
            "smtp_tls_CAfile",
            "smtp_tls_CApath",
            "smtp_tls_cert_file",
            "smtp_tls_chain_files",
            "smtp_tls_key_file",
            "smtp_tls_mandatory_protocols",
            "smtp_tls_per_site",
            "smtp_tls_secure_cert_match",
            "smtp_tls_security_level",
            "smtp_tls_verify_cert_match",
            "smtp_tls_wrappermode",
            "tls_append_default_CA"};
}

std::vector<std::string> words_of(std::string_view value) {
    std::vector<std::string> words;
    std::string word;
    int depth = 0;
    for (const char c : value) {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth > 0 || std::string_view(", \t\r\n").find(c) == std::string_view::npos)
            word += c;
        else if (!word.empty())
            words.push_back(std::exchange(word, {}));
    }
    if (!word.empty())
        words.push_back(std::move(word));
    return words;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        if (!point)
            return false;
        at += point->length;
    }
    return true;
}

} // namespace sendconnector::conf::site
