// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/wizard_answers.hpp"

#include "conf/exchange/connector_text.hpp"
#include "conf/exchange/property_value.hpp"

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;

class CmdletMaker {
public:
    void text(std::string_view parameter, std::string value) {
        add(parameter, exchange::Value(std::move(value)));
    }
    void flag(std::string_view parameter, bool value) { add(parameter, exchange::Value(value)); }
    void list(std::string_view parameter, const std::string& value) {
        const auto items = exchange::items_of(exchange::Value(value));
        exchange::List entries;
        for (const std::string& item : items.value_or(std::vector<std::string>{value}))
            entries.emplace_back(item);
        add(parameter, exchange::Value(std::move(entries)));
    }
    exchange::Cmdlet take() { return std::move(m_cmdlet); }

private:
    void add(std::string_view parameter, exchange::Value value) {
        m_cmdlet.parameters.push_back({exchange::find_parameter(parameter), std::move(value), {}});
    }
    exchange::Cmdlet m_cmdlet{exchange::CmdletName::new_connector, {}};
};

void add_hosts(CmdletMaker& cmdlet, const WizardAnswers& answers) {
    if (!answers.has_smart_hosts)
        return;
    cmdlet.flag("DNSRoutingEnabled", false);
    cmdlet.list("SmartHosts", answers.smart_hosts);
    if (answers.port != "25")
        cmdlet.text("Port", answers.port);
}

void add_authority(CmdletMaker& cmdlet, const WizardAnswers& answers) {
    if (answers.has_smart_hosts && !answers.ca_file.empty())
        cmdlet.text("TlsCaFile", answers.ca_file);
}

void add_tls(CmdletMaker& cmdlet, const WizardAnswers& answers) {
    if (answers.tls == tls_choice::never)
        return cmdlet.flag("IgnoreSTARTTLS", true);
    if (answers.tls.empty() || answers.tls == tls_choice::opportunistic)
        return;
    cmdlet.flag("RequireTLS", true);
    if (answers.tls == tls_choice::encrypted)
        return cmdlet.text("TlsAuthLevel", "EncryptionOnly");
    if (answers.tls == tls_choice::certificate) {
        cmdlet.text("TlsAuthLevel", "CertificateValidation");
        return add_authority(cmdlet, answers);
    }
    cmdlet.text("TlsAuthLevel", "DomainValidation");
    if (answers.has_smart_hosts)
        cmdlet.text("TlsDomain", answers.tls_domain);
    add_authority(cmdlet, answers);
}

} // namespace

std::vector<policy::SmartHost> WizardAnswers::hosts() const {
    std::vector<policy::SmartHost> hosts;
    for (const std::string& item :
         exchange::items_of(exchange::Value(smart_hosts)).value_or(std::vector<std::string>()))
        if (Result<policy::SmartHost> host = policy::SmartHost::parse(item))
            hosts.push_back(std::move(*host));
    return hosts;
}

exchange::Cmdlet cmdlet_of(const WizardAnswers& answers, const std::string& new_credential) {
    CmdletMaker cmdlet;
    cmdlet.text("Name", answers.name);
    cmdlet.text("Usage", answers.usage);
    if (answers.senders != "*")
        cmdlet.list("Senders", answers.senders);
    cmdlet.list("AddressSpaces", answers.address_spaces);
    add_hosts(cmdlet, answers);
    if (answers.logs_in()) {
        cmdlet.text("SmartHostAuthMechanism", answers.mechanism);
        cmdlet.text("AuthenticationCredential",
                    answers.has_new_credential() ? new_credential : answers.credential);
    }
    add_tls(cmdlet, answers);
    return cmdlet.take();
}

exchange::Cmdlet trial_of(const WizardAnswers& answers) {
    CmdletMaker cmdlet;
    cmdlet.text("Name", answers.name);
    cmdlet.list("AddressSpaces", "*");
    add_hosts(cmdlet, answers);
    cmdlet.flag("RequireTLS", true);
    cmdlet.text("TlsAuthLevel", "CertificateValidation");
    add_authority(cmdlet, answers);
    return cmdlet.take();
}

Result<void> check_parameter(std::string_view parameter, const std::string& value) {
    const exchange::Property property{std::string(parameter), exchange::Value(value)};
    if (exchange::find_parameter(parameter)->kind == exchange::ParameterKind::list)
        if (const auto items = exchange::items_of(property.value); items && items->empty())
            return fail("there is nothing in this list", "? explains what may be");
    for (const exchange::PropertyFate& fate :
         exchange::translate(std::span(&property, 1), {.name = "x"}).properties)
        if (fate.fate == exchange::Fate::refused)
            return tl::unexpected(fate.why);
    return {};
}

} // namespace sendconnector::ctl
