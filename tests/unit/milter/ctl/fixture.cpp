// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/ctl/fixture.hpp"

#include "conf/configuration.hpp"
#include "conf/postfix/applied.hpp"
#include "conf/slug.hpp"
#include "milter/ctl/run.hpp"
#include "tests/unit/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sendconnector::ctl::test {

const char* const company = R"(
[[connector]]
name = "Contoso via Mimecast"
comment = "since 2019"
senders = ["contoso.com", "*.contoso.net"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp-a.mimecast.example]:587", "[smtp-b.mimecast.example]:587"]
require_tls = true
tls_auth_level = "DomainValidation"
tls_domain = "*.mimecast.example"
fqdn = "mail.contoso.com"

[[connector]]
name = "CEO"
senders = ["ceo@contoso.com"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[192.0.2.7]"]
smart_host_auth_mechanism = "BasicAuthRequireTLS"
authentication_credential = "ceo"

[[connector]]
name = "Bounces"
senders = ["<>"]
address_spaces = ["*"]

[[connector]]
name = "Old relay"
enabled = false
senders = ["contoso.com"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[old.contoso.com]"]
)";

nlohmann::json Ran::json() const {
    nlohmann::json json = nlohmann::json::parse(out, nullptr, false);
    INFO(out);
    REQUIRE_FALSE(json.is_discarded());
    return json;
}

Ran run_bare(const std::vector<std::string>& arguments, As as) {
    std::ostringstream out;
    std::ostringstream err;
    Environment environment{.out = out,
                            .err = err,
                            .out_is_terminal = as.terminal,
                            .err_is_terminal = as.terminal,
                            .columns = as.columns,
                            .no_color = as.no_color,
                            .is_root = as.root};
    const int status = ctl::run(arguments, environment);
    return {status, out.str(), err.str()};
}

Folder::Folder(const std::string& connectors, const std::string& top) {
    std::string pattern = (std::filesystem::temp_directory_path() / "sc-ctl-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    m_path = pattern;
    write("sendconnector.toml",
          top + "\n[daemon]\ncontrol_socket = \"" + path("control") + "\"\nstate_directory = \"" +
              path("state") + "\"\n[postfix]\nconfig_directory = \"" + path("postfix") + "\"\n" + connectors);
    std::filesystem::create_directory(m_path / "state");
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

void Folder::write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((m_path / name).parent_path());
    std::ofstream(m_path / name, std::ios::binary) << content;
}

void Folder::mark_applied() const {
    const conf::Loaded loaded = conf::load_configuration(configuration());
    REQUIRE(loaded.configuration.has_value());
    conf::postfix::Applied applied;
    applied.config_directory = loaded.configuration->postfix.config_directory;
    for (const policy::SendConnector& connector : loaded.configuration->policy->connectors())
        applied.services[conf::service_name(connector.name)] = {
            connector.name, conf::postfix::wanted_settings(applied, connector), "rendered"};
    REQUIRE(conf::postfix::write_applied(path("state"), applied).has_value());
}

Ran Folder::run(std::vector<std::string> arguments, As as) const {
    arguments.insert(arguments.end(), {"--config", configuration()});
    return run_bare(arguments, as);
}

std::string Folder::hint(const std::string& command) const {
    return "sendconnectorctl --config " + configuration() + " " + command;
}

std::string Folder::anonymous(std::string text) const {
    const std::string own = m_path.string();
    for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at))
        text.replace(at, own.size(), "DIR");
    return text;
}

} // namespace sendconnector::ctl::test
