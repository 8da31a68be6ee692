// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/command.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/conf/postfix/private_instance.hpp"

#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <thread>

using namespace sendconnector;
using namespace sendconnector::conf::postfix;
using namespace std::chrono_literals;

TEST_CASE("a program's output and exit status come back", "[command]") {
    const auto result = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"});
    REQUIRE(result);
    CHECK(result->exit_status == 3);
    CHECK(result->out == "out\n");
    CHECK(result->err == "err\n");
}

TEST_CASE("arguments are not read by a shell", "[command]") {
    const auto result = run_command({"printf", "%s|", "$HOME; `id`", "a b", ""});
    REQUIRE(result);
    CHECK(result->out == "$HOME; `id`|a b||");
}

TEST_CASE("a program that is not there", "[command]") {
    const auto result = run_command({"no-such-program-of-sendconnector"});
    REQUIRE(!result);
    CHECK(result.error().text == "cannot find the program no-such-program-of-sendconnector");
    CHECK(!run_command({"/nowhere/at/all"}));
}

TEST_CASE("a program that does not end is killed, with its children, and leaves no zombie", "[command]") {
    const test::TemporaryFolder folder;
    const std::string pid_file = folder.path() / "pid";
    const auto started = std::chrono::steady_clock::now();
    const auto result = run_command({"sh", "-c", "sleep 300 & echo $! > " + pid_file + "; wait"}, 500ms);
    REQUIRE(!result);
    CHECK(result.error().text == "sh did not end within 500 ms and was killed");
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    const pid_t grandchild = std::stoi(test::slurp(pid_file));
    // It belongs to init now, which reaps it when it gets round to it; a zombie's cmdline is empty.
    const std::string command = "/proc/" + std::to_string(grandchild) + "/cmdline";
    for (int i = 0; i < 250 && !test::slurp(command).empty(); ++i) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK(test::slurp(command).empty());
}

TEST_CASE("a program that ignores SIGTERM is killed all the same", "[command]") {
    CHECK(!run_command({"sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"}, 300ms));
}

TEST_CASE("a program ended by a signal", "[command]") {
    const auto result = run_command({"sh", "-c", "kill -9 $$"});
    REQUIRE(!result);
    CHECK(result.error().text == "sh was ended by signal 9");
}

TEST_CASE("output without end is cut off", "[command]") {
    const auto result = run_command({"sh", "-c", "exec cat /dev/zero"}, 60s);
    REQUIRE(!result);
    CHECK(result.error().text == "sh printed more than 64 MiB and was killed");
}

TEST_CASE("what a program leaves in the background is neither waited for nor harmed", "[command]") {
    const test::TemporaryFolder folder;
    const std::string done = folder.path() / "done";
    const auto started = std::chrono::steady_clock::now();
    REQUIRE(run_command({"sh", "-c", "(sleep 1; echo late; echo late >&2; : > " + done + ") & exit 0"}));
    CHECK(std::chrono::steady_clock::now() - started < 900ms);
    for (int i = 0; i < 250 && !std::filesystem::exists(done); ++i) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK(std::filesystem::exists(done));
}

TEST_CASE("a program runs in the C locale, without MAIL_CONFIG, without our signals and standard input",
          "[command]") {
    setenv("MAIL_CONFIG", "/nowhere", 1);
    sigset_t interrupt;
    sigset_t before;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, &before);
    const auto result =
        run_command({"sh", "-c", "echo $LC_ALL:$MAIL_CONFIG; cat; grep SigBlk /proc/self/status"});
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    unsetenv("MAIL_CONFIG");
    REQUIRE(result);
    CHECK(result->out == "C:\nSigBlk:\t0000000000000000\n");
}

TEST_CASE("a program reads what it is given, whole", "[command]") {
    const std::string input = std::string(300'000, 'x') + "\n" + std::string(1, '\0') + "end";
    const auto result = run_command({"cat"}, 10s, input);
    REQUIRE(result);
    CHECK(result->out == input);
}
