// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "milter/ctl/headers_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {

using namespace mail_header;

namespace {

void add_result(const MethodResult& result, TextLines& lines) {
    std::string text = fmt::format("{}={}", shown(result.method, 60), shown(result.result, 60));
    for (const auto& [name, value] : result.properties)
        text += fmt::format(" {}={}", shown(name, 60), shown(value, 300));
    if (!result.reason.empty())
        text += fmt::format(" reason={}", shown(result.reason, 300));
    if (!result.comment.empty())
        text += fmt::format(" ({})", shown(result.comment, 300));
    std::optional<Colour> colour;
    if (weight_of(result.result) != Weight::neutral)
        colour = colour_of(weight_of(result.result));
    lines.add("    ", 6, text, colour);
}

void add_statement(const Statement& statement, TextLines& lines) {
    lines.add(
        "  ", 4,
        fmt::format("{}{}", field_title(statement.field),
                    statement.server.empty() ? "" : fmt::format(" of {}", shown(statement.server, 200))));
    for (const MethodResult& result : statement.results)
        add_result(result, lines);
}

std::string value_and_meaning(const Detail& detail) {
    return shown(detail.value, 300) + (detail.meaning.empty() ? "" : "  " + shown(detail.meaning, 300));
}

std::optional<Colour> colour_of_detail(const Detail& detail) {
    return detail.weight == Weight::neutral ? std::nullopt : std::optional(colour_of(detail.weight));
}

} // namespace

Colour colour_of(Weight weight) {
    switch (weight) {
    case Weight::good:
        return Colour::good;
    case Weight::doubtful:
        return Colour::doubtful;
    case Weight::bad:
        return Colour::bad;
    case Weight::neutral:
        break;
    }
    return Colour::faint;
}

std::string shown(std::string_view text, std::size_t longest) {
    return conf::escaped(conf::shortened(text, longest));
}

void add_authentication(const Authentication& authentication, TextLines& lines) {
    constexpr std::size_t most = 30;
    if (authentication.statements.empty() && authentication.signatures.empty() && authentication.arc.empty())
        return;
    lines.title("Authentication, as stated; nothing is verified here");
    for (std::size_t i = 0; i < std::min(authentication.statements.size(), most); ++i)
        add_statement(authentication.statements[i], lines);
    for (std::size_t i = 0; i < std::min(authentication.signatures.size(), most); ++i) {
        const Signature& signature = authentication.signatures[i];
        lines.add("  ", 4,
                  fmt::format("DKIM-Signature of {}, selector {}, {}", shown(signature.domain, 200),
                              shown(signature.selector, 100), shown(signature.algorithm, 60)));
    }
    for (const ArcSet& set : authentication.arc) {
        lines.add("  ", 4,
                  fmt::format("ARC set {}{}", set.instance,
                              set.seal ? fmt::format(", sealed by {}, chain {}", shown(set.seal->domain, 200),
                                                     shown(set.seal->chain, 20))
                                       : ", without a seal"));
        if (set.results)
            for (const MethodResult& result : set.results->results)
                add_result(result, lines);
    }
    if (authentication.statements.size() > most || authentication.signatures.size() > most)
        lines.add("  ", 2, "the rest is not shown; --json has all");
}

void add_decoded(const Analysis& analysis, DecodedField::Family family, std::string_view title,
                 TextLines& lines) {
    constexpr std::size_t most_fields_in_text = 100;
    std::size_t count = 0;
    for (const DecodedField& field : analysis.decoded) {
        if (field.family != family || ++count > most_fields_in_text)
            continue;
        if (count == 1)
            lines.title(title);
        if (field.details.size() == 1) {
            const Detail& detail = field.details.front();
            lines.add("  ", 6, fmt::format("{}: {}", shown(field.name, 100), value_and_meaning(detail)),
                      colour_of_detail(detail));
            continue;
        }
        lines.add("  ", 4, shown(field.name, 100));
        std::size_t width = 0;
        for (const Detail& detail : field.details)
            width = std::max(width, conf::length_of(shown(detail.name, 40)));
        for (const Detail& detail : field.details) {
            const std::string name = shown(detail.name, 40);
            lines.add(fmt::format("    {}{} ", name, std::string(width - conf::length_of(name), ' ')),
                      width + 5, value_and_meaning(detail), colour_of_detail(detail));
        }
    }
}

} // namespace sendconnector::ctl
