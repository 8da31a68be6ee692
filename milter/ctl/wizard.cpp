// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/wizard.hpp"

#include "conf/slug.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

namespace fs = std::filesystem;

// Where the connector's file goes, or the nearest folder above that is there already.
fs::path written_to(const fs::path& main_file) {
    const fs::path folder = main_file.has_parent_path() ? main_file.parent_path() : fs::path(".");
    return fs::exists(folder / "conf.d") ? folder / "conf.d" : folder;
}

} // namespace

std::span<const Wizard::Step> Wizard::steps() {
    static constexpr Step all[] = {
        &Wizard::ask_name,        &Wizard::ask_usage,          &Wizard::ask_routing,
        &Wizard::ask_smart_hosts, &Wizard::ask_port,           &Wizard::try_smart_hosts,
        &Wizard::ask_authority,   &Wizard::try_with_authority, &Wizard::ask_mechanism,
        &Wizard::ask_credential,  &Wizard::ask_username,       &Wizard::ask_password,
        &Wizard::try_new_login,   &Wizard::ask_address_spaces, &Wizard::ask_senders,
        &Wizard::ask_tls,         &Wizard::ask_tls_domain,     &Wizard::review,
    };
    return all;
}

ExitCode Wizard::run() {
    m_dialogue.say("A new send connector, in a few questions. Enter takes what stands in brackets.\n"
                   "<  goes back a question     ?  explains it     q  leaves\n"
                   "Nothing is written before the last question is answered.\n");
    for (std::size_t at = 0;;) {
        switch ((this->*steps()[at])()) {
        case Turn::next:
            m_forward = true;
            ++at;
            break;
        case Turn::skipped:
            at = m_forward ? at + 1 : at - 1;
            break;
        case Turn::back:
            if (at == 0)
                m_dialogue.say("  This is the first question; q leaves.\n");
            else
                --at;
            m_forward = false;
            break;
        case Turn::quit:
            m_context.note("nothing was changed");
            return ExitCode::no;
        case Turn::done:
            return m_result;
        }
    }
}

Wizard::Turn Wizard::take(DialogueQuestion question, std::string& answer, const std::string& usual) {
    question.usual = answer.empty() ? usual : answer;
    DialogueReply reply = m_dialogue.ask(question);
    if (reply.kind == DialogueReply::Kind::answer) {
        answer = std::move(reply.text);
        return Turn::next;
    }
    return reply.kind == DialogueReply::Kind::back ? Turn::back : Turn::quit;
}

Wizard::Turn Wizard::goes_on(const std::string& question, const std::string& explains) {
    std::string answer;
    const Turn turn = take({.asks = question,
                            .explains = explains,
                            .help = "  yes goes on as it is; no goes back to change it.",
                            .usual = {},
                            .choices = {{"yes", "go on"}, {"no", "change it"}},
                            .is_confirmation = true},
                           answer, "");
    return turn == Turn::next && answer == "no" ? Turn::back : turn;
}

fs::path Wizard::credentials_directory() const {
    return m_context.configuration_file().parent_path() / "credentials.d";
}

std::string Wizard::new_credential() const {
    const std::string name = conf::slug(m_answers.name);
    std::string free = name;
    for (int number = 2; fs::exists(credentials_directory() / free); ++number)
        free = fmt::format("{}-{}", name, number);
    return free;
}

ExitCode new_connector(Context& context) {
    if (!context.can_ask())
        return context.fail({"new asks questions, and there is no terminal to ask them on",
                             "run it in a terminal, or say everything at once: " +
                                 to_run(context.invocation(), "New-SendConnector -?")});
    if (!context.usable_configuration())
        return ExitCode::could_not_tell;
    const fs::path folder = written_to(context.configuration_file());
    if (::access(folder.c_str(), W_OK) != 0)
        return context.fail({fmt::format("you may not write to {}", folder.string()),
                             "run it as root: " + to_run_as_root(context.invocation(), "new")});
    return Wizard(context).run();
}

} // namespace sendconnector::ctl
