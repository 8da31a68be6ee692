// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/authentication.hpp"

#include "milter/mail_header/pieces.hpp"
#include "milter/mail_header/tag_list.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t most_results = 200;
constexpr std::size_t most_properties = 50;

std::string text_of(const Piece& piece) {
    return piece.kind == Piece::Kind::quoted ? unquoted(piece.text) : std::string(piece.text);
}

// "name=value", also with blanks around the equals sign or a quoted value.
struct Pair {
    std::string name;
    std::string value;
};

// The pairs and the first comment of one part, between two semicolons.
struct Part {
    std::vector<Pair> pairs;
    std::vector<std::string> words; // in front of the pairs
    std::string comment;
};

// Words that belong together, whatever blanks and comments stand between them: "dkim / 1 = fail", "policy .
// expired = 7", "reason = "text"", ""a"@b".
struct Word {
    std::string text;
    bool is_quoted; // from its beginning
};
std::vector<Word> joined(std::span<const Piece> tokens) {
    std::vector<Word> words;
    std::size_t end = 0;
    bool is_version = false;
    for (const Piece& token : tokens) {
        if (token.is_comment())
            continue;
        const std::string text = text_of(token);
        const bool is_quoted = !token.is_word();
        if (std::exchange(is_version, !is_quoted && text == "/") || is_version)
            continue;
        // What ends with its first equals sign still waits for a value.
        const std::string_view last =
            words.empty() ? std::string_view() : std::string_view(words.back().text);
        const bool waits = last.ends_with('.') || (!last.empty() && last.find('=') + 1 == last.size());
        const bool is_rest = !is_quoted && (text == "." || text.starts_with('='));
        const bool is_close =
            is_quoted ? token.begin == end : !words.empty() && token.begin == end && end > 0;
        if (!words.empty() && (waits || is_rest || is_close))
            words.back().text += text;
        else
            words.push_back({text, is_quoted});
        end = token.end;
    }
    return words;
}

Part part_of(std::span<const Piece> tokens) {
    Part part;
    const auto comment = std::ranges::find_if(tokens, &Piece::is_comment);
    if (comment != tokens.end())
        part.comment = unquoted(comment->text);
    for (Word& word : joined(tokens)) {
        const std::size_t equals = word.is_quoted ? std::string::npos : word.text.find('=');
        if (equals != std::string::npos && part.pairs.size() <= most_properties)
            part.pairs.push_back(
                {policy::fold_case(word.text.substr(0, equals)), word.text.substr(equals + 1)});
        else if (equals == std::string::npos && part.pairs.empty())
            part.words.push_back(std::move(word.text));
    }
    return part;
}

MethodResult result_of(Part part) {
    MethodResult result;
    // "dkim/1=pass"
    result.method = part.pairs.front().name.substr(0, part.pairs.front().name.find('/'));
    result.result = policy::fold_case(part.pairs.front().value);
    result.comment = std::move(part.comment);
    for (std::size_t i = 1; i < part.pairs.size(); ++i) {
        Pair& pair = part.pairs[i];
        if (pair.name == "reason" && result.reason.empty())
            result.reason = std::move(pair.value);
        else
            result.properties.emplace_back(std::move(pair.name), std::move(pair.value));
    }
    return result;
}

// Amazon puts the details of SPF behind semicolons of their own.
bool is_detail_of_spf(std::string_view name) {
    constexpr std::string_view names[] = {"client-ip", "envelope-from", "helo",
                                          "identity",  "mechanism",     "receiver"};
    return std::ranges::find(names, name) != std::end(names);
}

bool is_semicolon(const Piece& piece) {
    return piece.is_word() && piece.text == ";";
}

std::vector<Part> parts_of(std::span<const Piece> tokens) {
    std::vector<Part> parts;
    while (!tokens.empty() && parts.size() <= most_results) {
        const auto end = std::ranges::find_if(tokens, is_semicolon);
        const auto length = static_cast<std::size_t>(end - tokens.begin());
        parts.push_back(part_of(tokens.first(length)));
        tokens = tokens.subspan(std::min(length + 1, tokens.size()));
    }
    return parts;
}

} // namespace

Statement parse_authentication_results(std::string_view value) {
    const std::vector<Piece> tokens = pieces(value, ";");
    Statement statement;
    bool is_first = true;
    for (Part& part : parts_of(tokens)) {
        if (is_first && !part.pairs.empty() && part.pairs.front().name == "i") {
            // ARC-Authentication-Results: the server comes next.
            statement.instance = std::max(number_of(part.pairs.front().value), 0);
            continue;
        }
        // Exchange Online names no server, and writes the recipient's domain between results.
        if (is_first && !part.words.empty())
            statement.server = part.words.front();
        if (!part.pairs.empty()) {
            std::vector<MethodResult>& results = statement.results;
            if (!results.empty() && is_detail_of_spf(part.pairs.front().name))
                results.back().properties.emplace_back(part.pairs.front().name, part.pairs.front().value);
            else
                results.push_back(result_of(std::move(part)));
        }
        is_first = false;
    }
    return statement;
}

Statement parse_received_spf(std::string_view value) {
    const std::vector<Piece> tokens = pieces(value, ";");
    Statement statement;
    MethodResult result;
    result.method = "spf";
    for (const Part& part : parts_of(tokens)) {
        if (result.result.empty() && !part.words.empty()) {
            result.result = policy::fold_case(part.words.front());
            result.comment = part.comment;
        }
        for (const Pair& pair : part.pairs) {
            if (pair.name == "receiver" && statement.server.empty())
                statement.server = pair.value;
            if (result.properties.size() < most_properties)
                result.properties.emplace_back(pair.name, pair.value);
        }
    }
    if (!result.result.empty())
        statement.results.push_back(std::move(result));
    return statement;
}

} // namespace sendconnector::mail_header
