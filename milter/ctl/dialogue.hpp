// SPDX-License-Identifier: Apache-2.0
// Dialogue: questions to somebody at a terminal, a line each; no more of the terminal is needed than that it
// takes lines.
#pragma once

#include "milter/ctl/context.hpp"
#include "policy/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct DialogueChoice {
    std::string word; // what stands for it, beside its number
    std::string meaning;
};

struct DialogueQuestion {
    std::string asks;     // "Address spaces"
    std::string explains; // one line
    std::string help;     // what "?" prints; lines as they are printed
    std::string usual;    // what Enter means; empty: an answer is needed
    std::vector<DialogueChoice> choices = {};
    // What was typed before it is asked, blindly, is no answer to it.
    bool is_confirmation = false;
    // Of an answer that is no choice. The error's text and hint are told, and the question stands.
    std::function<Result<void>(const std::string&)> check = {};
};

struct DialogueReply {
    enum class Kind { answer, back, quit };
    Kind kind = Kind::quit;
    std::string text = {}; // of an answer: without blanks at its ends; of a choice its word
};

class Dialogue {
public:
    explicit Dialogue(Context& context) : m_context(context) {}

    // Lines, each ending in a line feed.
    void say(std::string_view lines) { m_context.talk(lines); }
    void complain(const Error& error);
    // Until there is an answer that will do. "<" and "back" go back; "q", "quit" and the end of what is typed
    // leave; "?" prints the help.
    DialogueReply ask(const DialogueQuestion& question);
    // What is typed is not shown; Enter alone is an empty answer. No word of it is anything but the answer,
    // except "<" alone; Ctrl-C and Ctrl-D leave.
    DialogueReply ask_hidden(const DialogueQuestion& question);

private:
    void put(const DialogueQuestion& question);
    std::string prompt(const DialogueQuestion& question) const;

    Context& m_context;
};

} // namespace sendconnector::ctl
