// SPDX-License-Identifier: Apache-2.0
// Whatever a server sends: the parser ends within its limits, tells the same however the octets are cut, and
// what it says of them is printable.
#include "milter/starttls/smtp_reply.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using sendconnector::starttls::SmtpReply;
using sendconnector::starttls::SmtpReplyParser;
using Step = SmtpReplyParser::Step;

namespace {

constexpr SmtpReplyParser::Limits limits{64, 512, 12};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void require_printable(std::string_view text) {
    for (const char c : text) {
        require(c >= ' ' && c <= '~');
    }
}

struct Outcome {
    std::vector<SmtpReply> replies;
    bool is_broken = false;
    std::size_t taken = 0;
};

Outcome parse(std::string_view octets, std::size_t piece) {
    SmtpReplyParser parser(limits);
    Outcome outcome;
    while (!octets.empty() && !outcome.is_broken) {
        auto input = octets.substr(0, piece);
        const auto size = input.size();
        const auto step = parser.take(input);
        require(input.size() <= size);
        outcome.taken += size - input.size();
        octets.remove_prefix(size - input.size());
        switch (step) {
        case Step::more:
            require(input.empty());
            break;
        case Step::reply:
            outcome.replies.push_back(parser.reply());
            require(!parser.in_progress());
            break;
        case Step::broken:
            outcome.is_broken = true;
            require(!parser.problem().empty() && parser.problem().size() < 300);
            require_printable(parser.problem());
            break;
        }
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string octets(data, data + size);
    const auto whole = parse(octets, octets.size() + 1);
    std::size_t kept = 0;
    std::size_t lines = 0;
    for (const auto& reply : whole.replies) {
        require(reply.code >= 200 && reply.code <= 599 && !reply.lines.empty());
        require_printable(reply.text());
        require(reply.keywords().size() < reply.lines.size());
        lines += reply.lines.size();
        for (const auto& line : reply.lines) {
            require(line.find('\n') == std::string::npos && line.size() < limits.line_octets);
            kept += line.size();
        }
    }
    require(lines <= limits.lines && kept <= limits.octets && whole.taken <= limits.octets);
    require(whole.is_broken || whole.taken == size);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        const auto cut = parse(octets, piece);
        require(cut.is_broken == whole.is_broken && cut.taken == whole.taken &&
                cut.replies.size() == whole.replies.size());
        for (std::size_t i = 0; i < cut.replies.size(); ++i) {
            require(cut.replies[i].code == whole.replies[i].code &&
                    cut.replies[i].lines == whole.replies[i].lines);
        }
    }
    return 0;
}
