// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/mail_header/compact.hpp"

#include "conf/plain_text.hpp"
#include "milter/mail_header/duration.hpp"

#include <fmt/format.h>

namespace sendconnector::mail_header::test {
namespace {

constexpr std::size_t longest = 160;

std::string shown(std::string_view text) {
    return conf::escaped(conf::shortened(text, longest));
}

// " LABEL text", or nothing.
std::string part(std::string_view label, std::string_view text) {
    return text.empty() ? std::string() : fmt::format(" {}{}", label, shown(text));
}

std::string line_of(const Hop& hop, std::size_t number) {
    const Received& received = hop.received;
    std::string line = fmt::format("{}", number);
    line += part("", received.note);
    line += part("from ", received.from);
    if (!received.from_name.empty())
        line += fmt::format(" ({})", shown(received.from_name));
    if (!received.from_address.empty())
        line += fmt::format(" [{}]", shown(received.from_address));
    line += part("login ", received.login);
    line += part("by ", received.by);
    if (!received.by_address.empty())
        line += fmt::format(" [{}]", shown(received.by_address));
    if (!received.software.empty())
        line += fmt::format(" ({})", shown(received.software));
    line += part("via ", received.via);
    line += part("with ", received.with);
    line += part("id ", received.id);
    line += part("for ", received.recipient);
    line += part("envelope-from ", received.envelope_from);
    if (received.tls.is_encrypted)
        line += " | TLS";
    line += part("", received.tls.protocol);
    line += part("", received.tls.cipher);
    if (received.tls.bits > 0)
        line += fmt::format(" {} bits", received.tls.bits);
    line += received.time ? fmt::format(" | {}", to_string(*received.time))
                          : fmt::format(" | cannot tell: {}",
                                        received.stamp.empty() ? "no date" : shown(received.stamp));
    if (hop.delay)
        line += fmt::format(" | {}{}", hop.delay->count() >= 0 ? "+" : "", duration_text(*hop.delay));
    return line + "\n";
}

std::string line_of(const Statement& statement) {
    std::string line = fmt::format("{}", statement.field);
    line += part("of ", statement.server);
    for (const MethodResult& result : statement.results) {
        line += fmt::format("; {}={}", shown(result.method), shown(result.result));
        if (!result.reason.empty())
            line += fmt::format(" reason=\"{}\"", shown(result.reason));
        for (const auto& [name, value] : result.properties)
            line += fmt::format(" {}={}", shown(name), shown(value));
        if (!result.comment.empty())
            line += fmt::format(" ({})", shown(result.comment));
    }
    return line + "\n";
}

std::string line_of(const ArcSet& set) {
    std::string line = fmt::format("arc {}", set.instance);
    if (set.seal)
        line += fmt::format(" seal {} cv={}", shown(set.seal->domain), shown(set.seal->chain));
    if (set.signature)
        line += fmt::format(" signature {}", shown(set.signature->domain));
    line += "\n";
    return set.results ? line + "  " + line_of(*set.results) : line;
}

std::string lines_of(const DecodedField& field) {
    std::string text =
        fmt::format("{} {}\n", field.family == DecodedField::Family::exchange ? "exchange" : "antispam",
                    shown(field.name));
    constexpr std::string_view marks[] = {" ", "+", "?", "-"};
    for (const Detail& detail : field.details)
        text +=
            fmt::format(" {} {}: {}{}\n", marks[static_cast<std::size_t>(detail.weight)], shown(detail.name),
                        shown(detail.value),
                        detail.meaning.empty() ? std::string() : fmt::format(" = {}", shown(detail.meaning)));
    return text;
}

} // namespace

std::string compact(const Analysis& analysis) {
    std::string text;
    for (const SummaryLine& line : analysis.summary)
        text += fmt::format("{}: {}\n", line.name, shown(line.value));
    if (analysis.sent)
        text += fmt::format("sent {}{}\n", to_string(*analysis.sent),
                            analysis.delivered_after ? fmt::format(", delivered after {}",
                                                                   duration_text(*analysis.delivered_after))
                                                     : std::string());
    for (std::size_t i = 0; i < analysis.way.hops.size(); ++i)
        text += line_of(analysis.way.hops[i], i + 1);
    if (analysis.way.total)
        text += fmt::format("total {}\n", duration_text(*analysis.way.total));
    for (const Statement& statement : analysis.authentication.statements)
        text += line_of(statement);
    for (const Signature& signature : analysis.authentication.signatures)
        text += fmt::format("dkim d={} s={} a={}{}\n", shown(signature.domain), shown(signature.selector),
                            shown(signature.algorithm),
                            signature.identity.empty() ? std::string() : " i=" + shown(signature.identity));
    for (const ArcSet& set : analysis.authentication.arc)
        text += line_of(set);
    if (!analysis.authentication.arc.empty())
        text += analysis.authentication.is_arc_whole ? "arc is whole\n" : "arc has holes\n";
    for (const DecodedField& field : analysis.decoded)
        text += lines_of(field);
    std::string others;
    for (const std::size_t index : analysis.others)
        others += fmt::format("{}{}", others.empty() ? "" : ", ", shown(analysis.header.fields[index].name));
    if (!others.empty())
        text += fmt::format("others: {}\n", others);
    for (const Remark& remark : analysis.remarks)
        text += fmt::format("! {}\n", shown(remark.text));
    return text;
}

} // namespace sendconnector::mail_header::test
