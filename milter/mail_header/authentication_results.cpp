// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/authentication.hpp"

#include "milter/mail_header/pieces.hpp"
#include "milter/mail_header/tag_list.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <span>

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
    std::vector<std::string> words; // without an equals sign
    std::string comment;
};

Part part_of(std::span<const Piece> tokens) {
    Part part;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Piece& token = tokens[i];
        if (token.is_comment()) {
            if (part.comment.empty())
                part.comment = unquoted(token.text);
            continue;
        }
        std::string text = text_of(token);
        const auto next = [&] { return i + 1 < tokens.size() && !tokens[i + 1].is_comment(); };
        if (token.is_word() && text.find('=') == std::string::npos && next() &&
            tokens[i + 1].text.starts_with('='))
            text += text_of(tokens[++i]);
        const std::size_t equals = token.is_word() ? text.find('=') : std::string::npos;
        if (equals == std::string::npos) {
            part.words.push_back(std::move(text));
            continue;
        }
        // The value follows, or the quoted string that goes on with it ("a"@b).
        if ((equals + 1 == text.size() && next()) || (next() && tokens[i + 1].begin == token.end))
            text += text_of(tokens[++i]);
        if (part.pairs.size() <= most_properties)
            part.pairs.push_back({policy::fold_case(text.substr(0, equals)), text.substr(equals + 1)});
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
        if (!part.pairs.empty())
            statement.results.push_back(result_of(std::move(part)));
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
