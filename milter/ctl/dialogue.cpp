// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/dialogue.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

namespace sendconnector::ctl {
namespace {

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r");
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// By number, by word, or by the beginning of one word only.
const DialogueChoice* chosen(const std::vector<DialogueChoice>& choices, const std::string& answer) {
    const std::string wanted = policy::fold_case(answer);
    const DialogueChoice* begun = nullptr;
    bool is_one = true;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const std::string word = policy::fold_case(choices[i].word);
        if (answer == std::to_string(i + 1) || word == wanted)
            return &choices[i];
        if (word.starts_with(wanted)) {
            is_one = begun == nullptr;
            begun = &choices[i];
        }
    }
    return is_one ? begun : nullptr;
}

Error none_of(const DialogueQuestion& question, const std::string& answer) {
    std::vector<std::string> words;
    for (const DialogueChoice& choice : question.choices)
        words.push_back(choice.word);
    return {fmt::format("{} is none of the choices", conf::in_quotes(answer)),
            fmt::format("type a number from 1 to {}, or one of {}", words.size(), fmt::join(words, ", "))};
}

std::optional<DialogueReply> way_out(const std::string& answer) {
    if (answer == "<" || answer == "back")
        return DialogueReply{DialogueReply::Kind::back};
    if (answer == "q" || answer == "quit")
        return DialogueReply{DialogueReply::Kind::quit};
    return std::nullopt;
}

} // namespace

void Dialogue::complain(const Error& error) {
    say(fmt::format("  {} {}\n", m_context.paint_talk()(Colour::bad, "No:"),
                    conf::escaped(to_string(error))));
}

void Dialogue::put(const DialogueQuestion& question) {
    std::string lines = fmt::format("\n{}\n", m_context.paint_talk()(Colour::strong, question.asks));
    if (!question.explains.empty())
        lines += fmt::format("  {}\n", question.explains);
    std::size_t width = 0;
    for (const DialogueChoice& choice : question.choices)
        width = std::max(width, choice.word.size());
    for (std::size_t i = 0; i < question.choices.size(); ++i)
        lines += fmt::format("  {}) {:<{}}  {}\n", i + 1, question.choices[i].word, width,
                             question.choices[i].meaning);
    say(lines);
}

std::string Dialogue::prompt(const DialogueQuestion& question) const {
    return question.usual.empty() ? "> " : fmt::format("[{}] > ", conf::escaped(question.usual));
}

DialogueReply Dialogue::ask(const DialogueQuestion& question) {
    put(question);
    for (;;) {
        if (question.is_confirmation)
            m_context.forget_typed();
        say(prompt(question));
        const std::optional<std::string> line = m_context.typed();
        if (!line) {
            say("\n");
            return {DialogueReply::Kind::quit};
        }
        std::string answer = trimmed(*line);
        if (std::optional<DialogueReply> out = way_out(answer))
            return std::move(*out);
        if (answer == "?") {
            say(question.help + "\n");
            continue;
        }
        if (answer.empty())
            answer = question.usual;
        if (answer.empty()) {
            complain({"an answer is needed", "? explains"});
        } else if (!question.choices.empty()) {
            if (const DialogueChoice* choice = chosen(question.choices, answer))
                return {DialogueReply::Kind::answer, choice->word};
            complain(none_of(question, answer));
        } else if (const Result<void> fine = question.check ? question.check(answer) : Result<void>(); fine) {
            return {DialogueReply::Kind::answer, answer};
        } else {
            complain(fine.error());
        }
    }
}

DialogueReply Dialogue::ask_hidden(const DialogueQuestion& question) {
    put(question);
    for (;;) {
        const std::optional<std::string> line = m_context.typed(Context::Typing::hidden);
        if (!line) {
            say("\n");
            return {DialogueReply::Kind::quit};
        }
        if (*line == "<")
            return {DialogueReply::Kind::back};
        if (*line == "?") {
            say(question.help + "\n");
            continue;
        }
        if (const Result<void> fine = question.check ? question.check(*line) : Result<void>(); fine)
            return {DialogueReply::Kind::answer, *line};
        else
            complain(fine.error());
    }
}

} // namespace sendconnector::ctl
