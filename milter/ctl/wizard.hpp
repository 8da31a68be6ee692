// SPDX-License-Identifier: Apache-2.0
// Wizard: a connector made by questions, in the order in which the Exchange admin center asks them. Nothing
// is written before the last one.
#pragma once

#include "milter/ctl/dialogue.hpp"
#include "milter/ctl/smart_host_trial.hpp"
#include "milter/ctl/wizard_answers.hpp"

#include <optional>
#include <string>
#include <utility>

namespace sendconnector::ctl {

class Wizard {
public:
    explicit Wizard(Context& context) : m_context(context), m_dialogue(context) {}
    // `no` when it was left, or what came of writing.
    ExitCode run();

private:
    enum class Turn {
        next,
        skipped, // there was nothing to ask; whoever goes back goes further back
        back,
        quit,
        done,
    };
    using Step = Turn (Wizard::*)();
    static std::span<const Step> steps();

    // wizard_route_steps.cpp: which connector, and where it hands its mail to
    Turn ask_name();
    Turn ask_usage();
    Turn ask_routing();
    Turn ask_smart_hosts();
    Turn ask_port();
    Turn try_smart_hosts();
    Turn ask_authority();
    Turn try_with_authority();
    // wizard_login_steps.cpp
    Turn ask_mechanism();
    Turn ask_credential();
    Turn ask_username();
    Turn ask_password();
    Turn try_new_login();
    // wizard_rule_steps.cpp: whose mail, to whom, and over which TLS
    Turn ask_address_spaces();
    Turn ask_senders();
    Turn ask_tls();
    Turn ask_tls_domain();
    // wizard_review.cpp
    Turn review();
    bool show_preview();
    bool write();

    // Asks, and keeps the answer; what it was before is what Enter means, else `usual`.
    Turn take(DialogueQuestion question, std::string& answer, const std::string& usual);
    // Shows what comes of it; false when there could be no such connector.
    bool tries_smart_hosts();
    Turn goes_on_with_smart_hosts();
    // yes or no, in words: something does not work. no is `back`.
    Turn goes_on(const std::string& question, const std::string& explains);
    // The name of a file in credentials.d that is not there yet.
    std::string new_credential() const;
    std::filesystem::path credentials_directory() const;

    Context& m_context;
    Dialogue m_dialogue;
    WizardAnswers m_answers;
    std::optional<SmartHostTrial> m_trial; // of the smart hosts as they are, once they were tried
    std::string m_logged_in;               // the user name and password that a smart host took
    bool m_forward = true;                 // not on the way back
    ExitCode m_result = ExitCode::no;
};

} // namespace sendconnector::ctl
