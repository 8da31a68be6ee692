// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/journal.hpp"
#include "tests/unit/catch.hpp"

#include <vector>

using namespace sendconnector::mail_log;

namespace {

std::vector<std::string> lines_of(std::string_view text, std::size_t block) {
    std::vector<std::string> lines;
    const LineSink sink = [&](std::string_view line) { lines.emplace_back(line); };
    ExportReader reader(sink);
    for (; !text.empty(); text.remove_prefix(std::min(block, text.size())))
        reader.add(text.substr(0, block));
    return lines;
}

std::string binary(std::string_view name, std::string_view value) {
    std::string text = std::string(name) + "\n";
    for (std::size_t i = 0, size = value.size(); i < 8; ++i, size >>= 8U)
        text += static_cast<char>(size & 0xffU);
    return text + std::string(value) + "\n";
}

} // namespace

TEST_CASE("the journal's export form: entries become lines, in blocks of any size") {
    const std::string text =
        "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795471956861658\n__MONOTONIC_TIMESTAMP=5\n_HOSTNAME=mx\n"
        "SYSLOG_IDENTIFIER=postfix/qmgr\n_PID=12\nMESSAGE=AAAAAA01: removed\n\n"
        // Passed on: it says whose it is.
        "__REALTIME_TIMESTAMP=1795471956000007\n_HOSTNAME=mx\nSYSLOG_IDENTIFIER=postfix/good/smtp\n_PID=99\n"
        "SYSLOG_PID=77\nMESSAGE=AAAAAA02: to=<a=b@c>\n\n" +
        std::string("__REALTIME_TIMESTAMP=1795471957000000\nSYSLOG_IDENTIFIER=x\n") +
        binary("MESSAGE", std::string_view("a\tb\x01\nsecond line", 17)) +
        "\n"
        "__REALTIME_TIMESTAMP=1\nMESSAGE=nobody said this\n\n"
        "__REALTIME_TIMESTAMP=nonsense\nSYSLOG_IDENTIFIER=x\nMESSAGE=y\n\n";
    for (const std::size_t block : {std::size_t{1}, std::size_t{7}, text.size()})
        CHECK(lines_of(text, block) ==
              std::vector<std::string>{
                  "2026-11-23T22:12:36.861658Z mx postfix/qmgr[12]: AAAAAA01: removed",
                  "2026-11-23T22:12:36.000007Z mx postfix/good/smtp[77]: AAAAAA02: to=<a=b@c>",
                  "2026-11-23T22:12:37.000000Z - x: a\tb\x01"});
}

TEST_CASE("the journal's export form: nonsense ends in nothing") {
    CHECK(lines_of("\n\n\n=\n\n", 1).empty());
    CHECK(lines_of(std::string("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n\n"), 3).empty());
}
