// SPDX-License-Identifier: Apache-2.0
#include "conf/credential_file.hpp"
#include "conf/exchange/property_value.hpp"
#include "conf/plain_text.hpp"
#include "milter/ctl/wizard.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view new_one = "new";
constexpr std::size_t most_listed = 8;

std::vector<std::string> credential_files(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator file(directory, error), end; !error && file != end; file.increment(error))
        if (conf::exchange::is_credential_file(file->path().filename().string()))
            names.push_back(file->path().filename().string());
    std::ranges::sort(names);
    return names;
}

// What read_credential() says of the file that it becomes, before there is one.
Result<void> check_secret(std::string_view what, const std::string& text) {
    if (text.empty())
        return fail(fmt::format("a {} is needed", what), "< goes back");
    if (const std::string_view flaw = conf::flaw_of_credential(text); !flaw.empty())
        return fail(fmt::format("the {} {}", what, flaw),
                    "type it again, in a terminal that sends UTF-8, or ask for another one");
    return {};
}

} // namespace

Wizard::Turn Wizard::ask_mechanism() {
    if (!m_answers.has_smart_hosts)
        return Turn::skipped;
    std::string answer = m_answers.mechanism;
    // Nobody has said anything else yet.
    if (answer == "None" && m_answers.username.empty() && m_trial && m_trial->offers_login())
        answer = "BasicAuthRequireTLS";
    const Turn turn =
        take({.asks = "Smart host authentication",
              .explains = "Whether the smart hosts want a user name and a password.",
              .help = "  BasicAuthRequireTLS sends the password under TLS only, and no mail without it.\n"
                      "  BasicAuth would also send it where anybody on the way can read it.",
              .usual = {},
              .choices = {{"None", "they know this server by its address or certificate"},
                          {"BasicAuthRequireTLS", "user name and password, under TLS only"},
                          {"BasicAuth", "user name and password, in the clear where there is no TLS"}}},
             answer, "");
    if (turn == Turn::next)
        m_answers.mechanism = answer;
    return turn;
}

Wizard::Turn Wizard::ask_credential() {
    if (!m_answers.logs_in())
        return Turn::skipped;
    const std::vector<std::string> names = credential_files(credentials_directory());
    if (names.empty()) {
        m_answers.credential.clear();
        return Turn::skipped;
    }
    std::vector<std::string> listed(names.begin(),
                                    names.begin() + static_cast<long>(std::min(names.size(), most_listed)));
    const auto check = [&](const std::string& name) -> Result<void> {
        if (name == new_one || std::ranges::find(names, name) != names.end())
            return {};
        return fail(fmt::format("there is no {} in credentials.d", conf::in_quotes(name)),
                    "name one that is there, or type new for another user name and password");
    };
    std::string answer = m_answers.credential;
    const Turn turn = take(
        {.asks = "Credential",
         .explains = fmt::format("A file of credentials.d ({}{}), or new for another one.",
                                 fmt::join(listed, ", "), names.size() > most_listed ? ", ..." : ""),
         .help = "  User name and password stand in a file of credentials.d that only root can read; the\n"
                 "  connector names the file. Several connectors may share one.",
         .usual = {},
         .choices = {},
         .check = check},
        answer, std::string(new_one));
    if (turn == Turn::next)
        m_answers.credential = answer == new_one ? "" : answer;
    return turn;
}

Wizard::Turn Wizard::ask_username() {
    if (!m_answers.has_new_credential())
        return Turn::skipped;
    const auto check = [](const std::string& name) -> Result<void> {
        if (name.find(':') != std::string::npos)
            return fail("a user name with a colon is none that Postfix can carry",
                        "ask the operator for another one");
        return check_secret("user name", name);
    };
    return take({.asks = "User name",
                 .explains = "As the operator of the smart host gave it.",
                 .help =
                     "  It is written, with the password, into a new file of credentials.d that only root\n"
                     "  can read.",
                 .usual = {},
                 .choices = {},
                 .check = check},
                m_answers.username, "");
}

Wizard::Turn Wizard::ask_password() {
    if (!m_answers.has_new_credential())
        return Turn::skipped;
    const bool has_one = !m_answers.password.empty();
    const DialogueReply reply = m_dialogue.ask_hidden(
        {.asks = "Password",
         .explains = has_one ? "It is not shown; Enter keeps the one typed before." : "It is not shown.",
         .help = "  It is written into a new file of credentials.d that only root can read, at the end.",
         .usual = {},
         .choices = {},
         .check = [&](const std::string& password) {
             return password.empty() && has_one ? Result<void>() : check_secret("password", password);
         }});
    if (reply.kind != DialogueReply::Kind::answer)
        return reply.kind == DialogueReply::Kind::back ? Turn::back : Turn::quit;
    if (!reply.text.empty())
        m_answers.password = reply.text;
    return Turn::next;
}

Wizard::Turn Wizard::try_new_login() {
    if (!m_answers.has_new_credential() || !m_forward || !m_trial || m_trial->result() != HopResult::passes ||
        m_logged_in == m_answers.username + "\n" + m_answers.password)
        return Turn::skipped;
    m_context.transient("logging in");
    const AuthTrial login = m_trial->log_in({m_answers.username, m_answers.password});
    m_context.transient("");
    m_context.forget_typed();
    const bool fine = login.result == AuthTrial::Result::accepted;
    m_dialogue.say(fmt::format("\nLogin: {}{}\n",
                               m_context.paint_talk()(fine ? Colour::good : Colour::bad, word(login.result)),
                               login.text.empty() ? "" : ": " + conf::escaped(login.text)));
    if (!fine)
        return goes_on("Go on with this user name and password?", "Mail would wait until the login works.");
    m_logged_in = m_answers.username + "\n" + m_answers.password;
    return Turn::skipped;
}

} // namespace sendconnector::ctl
