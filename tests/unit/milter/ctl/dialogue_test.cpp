// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/dialogue.hpp"
#include "tests/unit/catch.hpp"

#include <sstream>
#include <utility>

using namespace sendconnector;
using namespace sendconnector::ctl;

namespace {

// What has been typed; the program forgets it when it is told to, and then `later` is typed.
struct Typist {
    static std::istringstream typed;
    static std::string later;

    Typist(const std::string& now, const std::string& then) {
        typed = std::istringstream(now);
        later = then;
    }
    static void forget() { typed = std::istringstream(std::exchange(later, {})); }

    DialogueReply answer(const DialogueQuestion& question) {
        Environment environment{
            .out = shown, .err = shown, .in = &typed, .is_dumb = true, .forget_typed = forget};
        Context context(environment, {});
        return Dialogue(context).ask(question);
    }

    std::ostringstream shown;
};

std::istringstream Typist::typed;
std::string Typist::later;

DialogueQuestion question(bool is_confirmation, const std::string& usual) {
    return {.asks = "Go on?",
            .explains = {},
            .help = "  help",
            .usual = usual,
            .choices = {{"yes", "go on"}, {"no", "do not"}},
            .is_confirmation = is_confirmation};
}

} // namespace

TEST_CASE("a confirmation is not given by what was typed before it was asked") {
    Typist typist("\n\nyes\n", "no\n");
    const DialogueReply reply = typist.answer(question(true, ""));
    CHECK(reply.kind == DialogueReply::Kind::answer);
    CHECK(reply.text == "no");
    CHECK(typist.shown.str().find("No:") == std::string::npos);
}

TEST_CASE("nothing typed after a confirmation was asked leaves") {
    Typist typist("yes\nyes\n", "");
    CHECK(typist.answer(question(true, "")).kind == DialogueReply::Kind::quit);
}

TEST_CASE("another question may be answered ahead") {
    Typist typist("\n", "no\n");
    CHECK(typist.answer(question(false, "yes")).text == "yes");
}
