// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/wizard.hpp"

#include <algorithm>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view by_mx = "mx";
constexpr std::string_view by_smart_hosts = "smart-hosts";
constexpr std::string_view nobody = "none"; // in place of a file

} // namespace

Wizard::Turn Wizard::ask_name() {
    const auto is_free = [this](const std::string& name) -> Result<void> {
        WizardAnswers only_name;
        only_name.name = name;
        const auto planned = planned_connector(m_context, trial_of(only_name));
        return planned ? Result<void>() : tl::unexpected(planned.error().front());
    };
    return take({.asks = "Name",
                 .explains = "What lists, logs and the queue call the connector.",
                 .help =
                     "  1 to 64 characters, unlike the name of any other connector. The file in conf.d\n"
                     "  and the service in Postfix are named after it. Where two connectors are right for\n"
                     "  a message and nothing else decides, the first by name takes it.",
                 .usual = {},
                 .choices = {},
                 .check = is_free},
                m_answers.name, "");
}

Wizard::Turn Wizard::ask_usage() {
    return take({.asks = "Type",
                 .explains = "A label, as in Exchange: it says what the connector is meant for.",
                 .help = "  All that follows from it is the largest message, 35 MB, unless it is Internal,\n"
                         "  which has no limit. It cannot be changed with Set-SendConnector later.",
                 .usual = {},
                 .choices = {{"Custom", "none of these"},
                             {"Internal", "to mail servers of your own; messages of any size"},
                             {"Internet", "to everybody"},
                             {"Partner", "to a company you trust, mostly over mutual TLS"}}},
                m_answers.usage, "Internet");
}

Wizard::Turn Wizard::ask_routing() {
    std::string answer = std::string(m_answers.has_smart_hosts ? by_smart_hosts : by_mx);
    // Of somebody who has not been here yet.
    if (m_answers.smart_hosts.empty() && m_answers.usage != "Partner")
        answer = by_smart_hosts;
    const Turn turn = take(
        {.asks = "Network settings",
         .explains = "Where the connector hands its mail to.",
         .help = "  A smart host takes mail for everybody and delivers it: a provider's relay, a\n"
                 "  filter, another server of yours. Without one, this server looks up who takes\n"
                 "  mail for the recipient's domain (MX), and delivers it there itself.",
         .usual = {},
         .choices = {{std::string(by_mx), "to the recipients' own mail servers, found by DNS (MX records)"},
                     {std::string(by_smart_hosts), "to one or more smart hosts"}}},
        answer, "");
    if (turn == Turn::next)
        m_answers.has_smart_hosts = answer == by_smart_hosts;
    return turn;
}

Wizard::Turn Wizard::ask_smart_hosts() {
    if (!m_answers.has_smart_hosts)
        return Turn::skipped;
    const auto check = [](const std::string& hosts) { return check_parameter("SmartHosts", hosts); };
    return take(
        {.asks = "Smart hosts",
         .explains = "Names or IP addresses, several with commas between; host:port where it is not 25.",
         .help = "  smtp.example.com      looked up as a mail domain (MX) first, then as a host\n"
                 "  [smtp.example.com]    looked up as a host only\n"
                 "  [192.0.2.1]:587       an address, with its port\n"
                 "  a.example, b.example;3  mail is balanced over both, b takes three times as much;\n"
                 "                        when one is down the other takes all",
         .usual = {},
         .choices = {},
         .check = check},
        m_answers.smart_hosts, "");
}

Wizard::Turn Wizard::ask_port() {
    const std::vector<policy::SmartHost> hosts = m_answers.hosts();
    const bool all_say = std::ranges::all_of(hosts, [](const auto& host) { return host.port().has_value(); });
    if (!m_answers.has_smart_hosts || all_say)
        return Turn::skipped;
    return take(
        {.asks = "Port",
         .explains = "Of the smart hosts that name none. Providers that want a login mostly have 587.",
         .help = "  25 is for mail between servers, 587 for who logs in to send (submission). Port 465\n"
                 "  wants TLS from the first octet; use 587, which has STARTTLS.",
         .usual = {},
         .choices = {},
         .check = [](const std::string& port) { return check_parameter("Port", port); }},
        m_answers.port, "25");
}

bool Wizard::tries_smart_hosts() {
    m_dialogue.say("\nTrying them, as if TLS and a valid certificate were required ...\n");
    // Nothing moves there meanwhile.
    if (m_context.is_dumb())
        m_dialogue.say("(half a minute at most for one that keeps silent)\n");
    m_trial.reset();
    auto trial = SmartHostTrial::run(m_context, m_answers);
    // Whoever grew impatient has answered nothing with it.
    m_context.forget_typed();
    if (!trial) {
        for (const Error& error : trial.error())
            m_dialogue.complain(error);
        return false;
    }
    m_trial = std::move(*trial);
    m_dialogue.say(m_trial->text(m_context.paint_talk()));
    return true;
}

Wizard::Turn Wizard::goes_on_with_smart_hosts() {
    if (m_trial->result() == HopResult::passes)
        return Turn::skipped;
    return goes_on("Go on with these smart hosts?",
                   m_trial->was_answered()
                       ? "Not all of them would do if TLS and a valid certificate were required."
                       : "None of them answers from here; mail would wait until one does.");
}

Wizard::Turn Wizard::try_smart_hosts() {
    if (!m_answers.has_smart_hosts || !m_forward || (m_trial && m_trial->is_of(m_answers)))
        return Turn::skipped;
    if (!tries_smart_hosts())
        return Turn::back;
    if (m_trial->is_untrusted())
        return Turn::skipped;
    const Turn turn = goes_on_with_smart_hosts();
    // Whoever names the same ones again wants them tried again.
    if (turn == Turn::back)
        m_trial.reset();
    return turn;
}

Wizard::Turn Wizard::ask_authority() {
    if (!m_answers.has_smart_hosts || !m_trial || (m_answers.ca_file.empty() && !m_trial->is_untrusted()))
        return Turn::skipped;
    std::string answer = m_answers.ca_file;
    const Turn turn =
        take({.asks = "Certificate authority",
              .explains = "A PEM file with the authority that issued their certificates, or none.",
              .help = "  A certificate is from an authority that this system does not trust, such as one\n"
                      "  of your own. With a file, the authorities in it are trusted in place of the\n"
                      "  system's. Without one, no rule that wants a valid certificate can be kept.",
              .usual = {},
              .choices = {},
              .check =
                  [](const std::string& file) {
                      return file == nobody ? Result<void>() : check_parameter("TlsCaFile", file);
                  }},
             answer, std::string(nobody));
    if (turn == Turn::next)
        m_answers.ca_file = answer == nobody ? "" : answer;
    return turn;
}

Wizard::Turn Wizard::try_with_authority() {
    if (!m_answers.has_smart_hosts || !m_forward || (m_trial && m_trial->is_of(m_answers)))
        return Turn::skipped;
    return tries_smart_hosts() ? goes_on_with_smart_hosts() : Turn::back;
}

} // namespace sendconnector::ctl
