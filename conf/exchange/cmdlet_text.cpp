// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/cmdlet_text.hpp"

#include "conf/exchange/powershell_scanner.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

// A statement is at most so long, and no more than so many may be broken before reading ends: each is read
// once to its own end and once more from its second line. Of what is read in vain there is a bound of its
// own.
constexpr std::size_t longest_statement = 65'536;
constexpr int most_broken = 500;
constexpr std::size_t most_in_vain = 16 * longest_statement;

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// A path of Windows has 260 characters.
constexpr std::size_t longest_prompt = 300;

// `[PS] C:\>` and `PS C:\Scripts> `: what is pasted from a console or an article.
std::size_t prompt_length(std::string_view text) {
    if (!text.starts_with("[PS]") && !text.starts_with("PS ")) {
        return 0;
    }
    // Not to the end of the line: that may be the whole script, at every prompt in it.
    text = text.substr(0, longest_prompt);
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    const auto end = line.find('>');
    const bool is_place =
        end != std::string_view::npos && line.substr(0, end).find(":\\") != std::string_view::npos;
    return is_place ? end + 1 : 0;
}

class ScriptReader {
public:
    explicit ScriptReader(std::string_view script) : m_scanner(script) {}

    std::vector<Statement> run() {
        while (true) {
            skip_between();
            if (m_scanner.at_end()) {
                return std::move(m_statements);
            }
            read_one();
        }
    }

private:
    // Blanks, line ends, semicolons, comments and prompts.
    void skip_between() {
        while (!m_scanner.at_end()) {
            const std::size_t before = m_scanner.offset();
            m_scanner.skip_blanks_and_comments();
            if (const char c = m_scanner.peek(); c == '\n' || c == ';') {
                m_scanner.advance(1);
            }
            m_scanner.advance(prompt_length(m_scanner.rest()));
            if (m_scanner.offset() == before) {
                return;
            }
        }
    }

    void read_one() {
        Statement statement;
        const std::size_t begin = m_scanner.offset();
        statement.line = m_scanner.line();
        m_scanner.set_limit(begin + longest_statement);
        Result<std::vector<Stage>> stages = read_stages();
        if (stages) {
            statement.stages = std::move(*stages);
        } else {
            statement.error = stages.error();
            m_in_vain += m_scanner.offset() - begin;
            m_scanner.back_to(begin, statement.line);
            // The rest of a hopeless text is not tried line by line.
            if (++m_broken > most_broken || m_in_vain > most_in_vain) {
                m_scanner.to_end();
            } else {
                m_scanner.to_line_end();
            }
        }
        statement.text =
            without_blanks(m_scanner.between(begin, std::min(m_scanner.offset(), begin + longest_statement)));
        m_statements.push_back(std::move(statement));
    }

    Result<std::vector<Stage>> read_stages() {
        std::vector<Stage> stages;
        while (true) {
            m_scanner.skip_blanks_and_comments();
            Stage& stage = stages.emplace_back();
            stage.command = m_scanner.bare_word();
            if (stage.command.empty()) {
                return fail(fmt::format("{} stands where a command should", m_scanner.shown_next()),
                            "write one statement a line");
            }
            Result<std::vector<Element>> elements = m_scanner.elements();
            if (!elements) {
                return tl::unexpected(elements.error());
            }
            stage.elements = std::move(*elements);
            if (m_scanner.peek() != '|') {
                return stages;
            }
            m_scanner.advance(1);
            m_scanner.skip_blanks_and_lines();
        }
    }

    PowershellScanner m_scanner;
    std::vector<Statement> m_statements;
    int m_broken = 0;
    std::size_t m_in_vain = 0; // octets
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '*' ||
           c == ':' || c == '/' || c == '\\';
}

} // namespace

std::vector<Statement> read_statements(std::string_view script) {
    return ScriptReader(script).run();
}

std::vector<Element> read_arguments(std::span<const std::string> arguments) {
    std::vector<Element> elements;
    for (const std::string& argument : arguments) {
        const std::size_t dash = dash_length(argument);
        if (dash == 0 || dash >= argument.size() || !is_letter(argument[dash])) {
            elements.push_back({.kind = Element::Kind::raw, .text = argument});
            continue;
        }
        const auto colon = argument.find(':');
        Element& parameter = elements.emplace_back(
            Element{.kind = Element::Kind::parameter,
                    .text = argument.substr(dash, colon == std::string::npos ? colon : colon - dash)});
        parameter.has_colon = colon != std::string::npos;
        if (parameter.has_colon && colon + 1 < argument.size()) {
            elements.push_back({.kind = Element::Kind::raw, .text = argument.substr(colon + 1)});
        }
    }
    return elements;
}

Result<Element> read_value(std::string_view text) {
    PowershellScanner scanner(text);
    scanner.set_limit(text.size());
    scanner.skip_blanks_and_lines();
    Result<Element> value = scanner.value();
    if (!value) {
        return value;
    }
    scanner.skip_blanks_and_lines();
    if (!scanner.at_end()) {
        return fail(fmt::format("{} stands behind the value", scanner.shown_next()), "remove it");
    }
    return value;
}

std::string quoted_text(std::string_view text, Quotes quotes) {
    const bool plain =
        text == "*" || (!text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_plain));
    if (plain && quotes == Quotes::where_needed) {
        return std::string(text);
    }
    // Only between double marks can a line end be written in one line.
    const bool two = text.find_first_of("\r\n\t") != std::string_view::npos;
    std::string quoted(1, two ? '"' : '\'');
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        const std::size_t mark = two ? double_quote_length(rest) : single_quote_length(rest);
        const std::size_t length = std::max<std::size_t>(mark, 1);
        const char c = text[i];
        if (two && (c == '\n' || c == '\r' || c == '\t')) {
            quoted += c == '\n' ? "`n" : c == '\r' ? "`r" : "`t";
        } else {
            if (mark > 0 || (two && (c == '`' || c == '$'))) {
                quoted += two ? std::string_view("`") : rest.substr(0, mark);
            }
            quoted += rest.substr(0, length);
        }
        i += length;
    }
    return quoted + (two ? '"' : '\'');
}

} // namespace sendconnector::conf::exchange
