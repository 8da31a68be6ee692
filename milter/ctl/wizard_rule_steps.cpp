// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/wizard.hpp"

namespace sendconnector::ctl {

Wizard::Turn Wizard::ask_address_spaces() {
    return take({.asks = "Address space",
                 .explains = "The recipients' domains, several with commas between; * is everybody.",
                 .help =
                     "  contoso.com      this domain\n"
                     "  *.contoso.com    this domain and all below it\n"
                     "  contoso.com;5    with a cost from 1 to 100: of several connectors that are equally\n"
                     "                   right for a recipient, the one of the lowest cost takes it",
                 .usual = {},
                 .choices = {},
                 .check = [](const std::string& spaces) { return check_parameter("AddressSpaces", spaces); }},
                m_answers.address_spaces, "*");
}

Wizard::Turn Wizard::ask_senders() {
    return take({.asks = "Senders",
                 .explains = "Whose mail it is for, several with commas between; * is everybody's.",
                 .help = "  Exchange has nothing like it: there, a connector is for every sender.\n"
                         "  contoso.com           everybody at this domain\n"
                         "  *.contoso.com         at this domain and all below it\n"
                         "  ceo@contoso.com       one mailbox\n"
                         "  <>                    notices of this server that mail was not delivered\n"
                         "  The more a connector says about the sender, the earlier it is asked.",
                 .usual = {},
                 .choices = {},
                 .check = [](const std::string& senders) { return check_parameter("Senders", senders); }},
                m_answers.senders, "*");
}

Wizard::Turn Wizard::ask_tls() {
    const bool has_hosts = m_answers.has_smart_hosts;
    const bool was_tried = has_hosts && m_trial && m_trial->was_answered();
    std::string usual(was_tried ? m_trial->strictest() : tls_choice::opportunistic);
    if (usual == tls_choice::opportunistic && m_answers.logs_in() &&
        m_answers.mechanism == "BasicAuthRequireTLS")
        usual = tls_choice::encrypted;
    std::string explains = "What must hold of the connection before mail leaves over it.";
    if (was_tried)
        explains += " In brackets: the strictest that they keep today.";
    return take(
        {.asks = "TLS",
         .explains = explains,
         .help = "  When a rule is not kept, mail waits in the queue and goes out as soon as it is; it\n"
                 "  is never sent in the clear instead. Revocation is checked with the certificate.\n"
                 "  Set-SendConnector and sendconnector-tls(7) have more: DANE, MTA-STS, a certificate\n"
                 "  of this server's own, authorities of your own.",
         .usual = {},
         .choices = {{std::string(tls_choice::opportunistic),
                      "TLS where it is offered, with any certificate, else in the clear"},
                     {std::string(tls_choice::encrypted),
                      "always TLS, with any certificate (EncryptionOnly)"},
                     {std::string(tls_choice::certificate),
                      "and a valid certificate, whatever its name (CertificateValidation)"},
                     {std::string(tls_choice::domain),
                      has_hosts ? "and a valid certificate for a name you say (DomainValidation)"
                                : "and a valid certificate for the recipient's domain (DomainValidation)"},
                     {std::string(tls_choice::never), "never TLS, even where it is offered"}}},
        m_answers.tls, usual);
}

Wizard::Turn Wizard::ask_tls_domain() {
    if (m_answers.tls != tls_choice::domain || !m_answers.has_smart_hosts)
        return Turn::skipped;
    const std::string usual = m_trial ? m_trial->common_name() : std::string();
    return take(
        {.asks = "Name in the certificate",
         .explains = "The name that the smart hosts' certificates must carry; *.example.com is any below it.",
         .help = "  A certificate for another name is refused, valid or not: whoever answers in the\n"
                 "  smart host's place has none for its name. The trial above lists the names that\n"
                 "  their certificates carry today.",
         .usual = {},
         .choices = {},
         .check = [](const std::string& name) { return check_parameter("TlsDomain", name); }},
        m_answers.tls_domain, usual);
}

} // namespace sendconnector::ctl
