// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "conf/postfix/durable_file.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/change_report.hpp"
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/credential_write.hpp"
#include "milter/ctl/wizard.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

// Who interrupts a write gets all of it, and is then obeyed.
class SignalsWait {
public:
    SignalsWait() {
        sigset_t signals;
        ::sigemptyset(&signals);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
            ::sigaddset(&signals, signal);
        ::sigprocmask(SIG_BLOCK, &signals, &m_before);
    }
    SignalsWait(const SignalsWait&) = delete;
    SignalsWait& operator=(const SignalsWait&) = delete;
    ~SignalsWait() { ::sigprocmask(SIG_SETMASK, &m_before, nullptr); }

private:
    sigset_t m_before{};
};

std::string indented(const std::string& text) {
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines += "  " + text.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    return lines;
}

std::string lines_of(const Result<ApplyForecast>& told) {
    if (!told)
        return fmt::format("  cannot be told: {}\n", conf::escaped(to_string(told.error())));
    std::string lines;
    for (const conf::Finding& finding : told->refused)
        if (finding.severity != conf::Severity::warning)
            lines += fmt::format("  it would be refused: {}\n", conf::escaped(conf::to_string(finding)));
    for (const std::string& change : told->changes)
        lines += fmt::format("  {}\n", conf::escaped(change));
    return lines.empty() ? "  nothing\n" : lines;
}

} // namespace

// Whether it could be written as it is.
bool Wizard::show_preview() {
    const std::string credential = new_credential();
    const auto planned = planned_connector(m_context, cmdlet_of(m_answers, credential));
    if (!planned) {
        m_dialogue.say("\nIt cannot be like this:\n");
        for (const Error& error : planned.error())
            m_dialogue.complain(error);
        return false;
    }
    const Paint& paint = m_context.paint_talk();
    m_dialogue.say(fmt::format("\n{} {}\n{}", paint(Colour::strong, "The file:"), planned->plan.file.string(),
                               indented(planned->preview)));
    for (const conf::Finding& finding : planned->findings)
        if (is_about(finding, planned->plan))
            m_context.warn(to_string(in_parameters(finding)));
    m_dialogue.say(fmt::format("\n{}\n", paint(Colour::strong, "What apply changes in Postfix then:")));
    if (!m_answers.has_new_credential()) {
        m_dialogue.say(lines_of(forecast(planned->configuration)));
        return true;
    }
    // There is no file yet for Postfix to be told of.
    WizardAnswers without_login = m_answers;
    without_login.mechanism = "None";
    if (const auto other = planned_connector(m_context, cmdlet_of(without_login, "")))
        m_dialogue.say(lines_of(forecast(other->configuration)) +
                       fmt::format("  tell it the user name and password of credentials.d/{}, a new file\n",
                                   credential));
    return true;
}

// Whether it was; else what was in the way has been told.
bool Wizard::write() {
    const std::string credential = new_credential();
    conf::exchange::Cmdlet cmdlet = cmdlet_of(m_answers, credential);
    const SignalsWait waiting;
    if (m_answers.has_new_credential())
        if (const Result<void> written = write_credential(credentials_directory(), credential,
                                                          {m_answers.username, m_answers.password});
            !written) {
            m_context.fail(written.error());
            return false;
        }
    const bool is_made = change_connector(m_context, cmdlet) == ExitCode::fine;
    if (!is_made && m_answers.has_new_credential())
        static_cast<void>(conf::postfix::remove_file(credentials_directory() / credential));
    return is_made;
}

Wizard::Turn Wizard::review() {
    for (;;) {
        if (!show_preview())
            return Turn::back;
        DialogueQuestion question{
            .asks = "Write it?",
            .explains = "Until apply, no mail goes another way than before.",
            .help = "  write  writes the file; sendconnectorctl apply makes Postfix follow it, and\n"
                    "         sendconnectorctl validate tries its smart hosts, before or after.\n"
                    "  apply  writes the file and runs sendconnectorctl apply, which tries the smart\n"
                    "         hosts and changes nothing when one does not pass.",
            .usual = {},
            .choices = {{"write", "write the file"}, {"cancel", "write nothing, and leave"}},
            .is_confirmation = true};
        if (m_context.is_root())
            question.choices.insert(question.choices.begin() + 1,
                                    {"apply", "write it, and apply it at once"});
        std::string answer;
        const Turn turn = take(std::move(question), answer, "");
        if (turn != Turn::next)
            return turn;
        if (answer == "cancel")
            return Turn::quit;
        m_dialogue.say("\n");
        if (!write())
            continue; // with all answers: what is in the way may be cleared away meanwhile
        m_result = answer == "apply" ? m_context.run_beside(*find_command("apply")) : ExitCode::fine;
        return Turn::done;
    }
}

} // namespace sendconnector::ctl
