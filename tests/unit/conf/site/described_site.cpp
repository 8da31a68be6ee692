// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/conf/site/described_site.hpp"

#include "conf/exchange/imported.hpp"
#include "conf/site/connectors.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::site::testing {

namespace {

Tables& tables_in(Site& site, std::string_view parameter) {
    const std::string value = "table:" + std::string(parameter);
    site.settings[std::string(parameter)] = value;
    return site.tables[value];
}

} // namespace

Site plain_site() {
    Site site;
    site.settings = {{"default_transport", "smtp"},
                     {"relayhost", ""},
                     {"recipient_delimiter", "+"},
                     {"myorigin", "home.example"},
                     {"mydestination", "home.example, localhost"},
                     {"empty_address_default_transport_maps_lookup_key", "<>"},
                     {"empty_address_relayhost_maps_lookup_key", "<>"},
                     {"smtp_helo_name", "mx.home.example"},
                     {"smtp_tcp_port", "25"},
                     {"smtp_sasl_security_options", "noanonymous"},
                     {"smtp_tls_security_level", "may"},
                     {"smtp_tls_mandatory_protocols", ">=TLSv1.2"},
                     {"smtp_tls_secure_cert_match", "nexthop, dot-nexthop"},
                     {"smtp_tls_verify_cert_match", "hostname"},
                     {"smtp_tls_CApath", "/etc/ssl/certs"},
                     {"tls_append_default_CA", "no"}};
    add_service(site, "smtp", {});
    return site;
}

void put(Site& site, std::string_view parameter, std::map<std::string, std::string> entries) {
    tables_in(site, parameter)
        .list.push_back({"hash:" + std::string(parameter), true, {entries.begin(), entries.end()}});
}

void put_unlisted(Site& site, std::string_view parameter, std::map<std::string, std::string> answers) {
    tables_in(site, parameter)
        .list.push_back({"regexp:" + std::string(parameter), false, {answers.begin(), answers.end()}});
}

void put_named(Site& site, std::string_view parameter, std::string name,
               std::map<std::string, std::string> entries, bool is_listed) {
    tables_in(site, parameter).list.push_back({std::move(name), is_listed, {entries.begin(), entries.end()}});
}

void add_service(Site& site, std::string name, Settings overrides, std::string program) {
    site.services[std::move(name)] = {std::move(program), std::move(overrides)};
}

std::string described(const Site& site) {
    const SiteConnectors made = connectors_of(site, [](std::size_t, std::size_t) {});
    std::string text;
    for (const exchange::Object& object : made.reading.objects) {
        const exchange::Imported imported = exchange::import_object(object);
        text += connector_text(imported.settings);
        for (const exchange::PropertyFate& property : imported.properties)
            if (property.fate == exchange::Fate::refused)
                text += fmt::format("  REFUSED {}: {}\n", property.property, property.why.text);
        for (const exchange::Note& note : object.notes)
            text += fmt::format("  {}{}: {}\n", note.holds_back ? "HOLD " : "", note.subject, note.why.text);
    }
    for (const SiteCredential& credential : made.credentials)
        text += fmt::format("  {} = {}:{}\n", credential.file, credential.username, credential.password);
    for (const exchange::Remark& remark : made.reading.remarks)
        text += fmt::format("{} {}\n", remark.is_loss ? "LOSS" : "NOTE", remark.text);
    return text;
}

} // namespace sendconnector::conf::site::testing
