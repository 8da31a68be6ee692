// SPDX-License-Identifier: Apache-2.0
// Whatever a log file or a journal holds: the same lines however it is cut; a trace that is a tree; rows of a
// protocol log that can be read back, and no password in them.
#include "milter/mail_log/conversations.hpp"
#include "milter/mail_log/journal.hpp"
#include "milter/mail_log/line_splitter.hpp"
#include "milter/mail_log/tracer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector::mail_log;

namespace {

constexpr std::string_view password = "open sesame 41";
constexpr std::string_view response = "AHJlbGF5AG9wZW4gc2VzYW1lIDQx";

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

template <typename Reader>
std::vector<std::string> lines_of(std::string_view octets, std::size_t piece) {
    std::vector<std::string> lines;
    const LineSink sink = [&](std::string_view line) { lines.emplace_back(line); };
    Reader reader(sink);
    for (std::string_view rest = octets; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        reader.add(rest.substr(0, piece));
    }
    if constexpr (requires { reader.finish(); }) {
        reader.finish();
    }
    return lines;
}

template <typename Reader>
std::vector<std::string> same_however_cut(std::string_view octets) {
    auto lines = lines_of<Reader>(octets, octets.size() + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        require(lines_of<Reader>(octets, piece) == lines);
    }
    for (const auto& line : lines) {
        require(line.find('\n') == std::string::npos);
    }
    return lines;
}

void require_tree(const Trace& trace, std::size_t lines) {
    std::size_t steps = trace.refusals.size();
    std::size_t roots = 0;
    for (const Life& life : trace.lives) {
        steps += life.steps.size();
        roots += life.parent ? 0 : 1;
        std::size_t depth = 0;
        for (auto at = life.parent; at; at = trace.lives[*at].parent) {
            require(*at < trace.lives.size() && ++depth <= trace.lives.size());
        }
        for (const Step& step : life.steps) {
            require(!step.child || *step.child < trace.lives.size());
        }
    }
    require(steps <= lines && roots == trace.roots.size());
    for (const std::size_t root : trace.roots) {
        require(root < trace.lives.size() && !trace.lives[root].parent);
    }
}

void trace(const TraceQuery& query, const std::vector<std::string>& lines) {
    const Time now{std::chrono::seconds(1'795'000'000)};
    Tracer tracer(query);
    StampReader first(now);
    for (const auto& line : lines) {
        tracer.survey(line, first);
    }
    if (!tracer.follow()) {
        return;
    }
    StampReader second(now);
    for (const auto& line : lines) {
        tracer.collect(line, second);
    }
    require_tree(tracer.finish(), lines.size());
}

void require_no_secret(std::string_view text) {
    require(text.find(password) == std::string_view::npos && text.find(response) == std::string_view::npos);
}

// Of a process that has logged in, and then says anything.
void converse(const std::vector<std::string>& lines) {
    Time now{std::chrono::seconds(1'795'000'000)};
    bool is_ours = true;
    Conversations conversations(
        [&](const SendLogRow& row) {
            const std::string csv = to_csv(row);
            if (is_ours) {
                require_no_secret(csv);
            }
            require(csv.find_first_of("\r\n") == csv.size() - 2);
            const auto read = parse_csv(std::string_view(csv).substr(0, csv.size() - 1));
            require(read && to_csv(*read) == csv);
        },
        [](std::string_view slug) { return std::string(slug); });
    const auto say = [&](std::string_view text) {
        const LogLine line{.tag = "postfix/good/smtp", .pid = "7", .text = text};
        now += std::chrono::milliseconds(1);
        conversations.take(line, now);
        require_no_secret(conversations.without_secrets(line, text));
    };
    say("smtp_connect_addr: trying: mx[192.0.2.1] port 25...");
    say("smtp_sasl_passwd_lookup: host `mx' user `relay' pass `open sesame 41'");
    say("> mx[192.0.2.1]:25: AUTH PLAIN AHJlbGF5AG9wZW4gc2VzYW1lIDQx");
    for (const auto& line : lines) {
        static_cast<void>(parse_csv(line));
        // Others may say what they like: what is no secret of theirs.
        is_ours = false;
        if (const auto parts = parse_log_line(line); parts && parts->tag != "postfix/good/smtp") {
            conversations.take(*parts, now);
        }
        is_ours = true;
        if (smtp_said(line).kind != SmtpSaid::Kind::password) {
            say(line);
        }
    }
    is_ours = false;
    conversations.end_all(now);
    require(!conversations.is_open());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string octets(data, data + size);
    const auto lines = same_however_cut<LineSplitter>(octets);
    same_however_cut<ExportReader>(octets);
    trace({.id = "AAAAAA01"}, lines);
    trace({.id = "<m@x>"}, lines);
    trace({.from = "a@x", .to = "@y", .since = Time{}}, lines);
    trace({.from = ""}, lines);
    converse(lines);
    return 0;
}
