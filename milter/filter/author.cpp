// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/author.hpp"

#include "milter/filter/address_tokens.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sendconnector::filter {

namespace {

constexpr std::size_t longest_value = 10'000;

// Each function takes what it names from the front of the tokens, or says that it is not there.
class Parser {
public:
    explicit Parser(const std::vector<AddressToken>& tokens) : m_tokens(tokens) {}

    // mailbox = name-addr / addr-spec, and nothing behind it.
    std::optional<std::string> mailbox() {
        bool in_brackets = false;
        for (const auto& token : m_tokens) {
            in_brackets = in_brackets || token.is('<');
        }
        if (in_brackets) {
            skip_display_name();
            if (!take('<') || !route()) {
                return std::nullopt;
            }
        }
        auto address = addr_spec();
        if (in_brackets && !take('>')) {
            return std::nullopt;
        }
        return m_at == m_tokens.size() ? address : std::nullopt;
    }

private:
    bool take(char special) {
        if (m_at < m_tokens.size() && m_tokens[m_at].is(special)) {
            ++m_at;
            return true;
        }
        return false;
    }

    // obs-phrase, or nothing.
    void skip_display_name() {
        const std::size_t begin = m_at;
        while (m_at < m_tokens.size() &&
               (m_tokens[m_at].is_word() || (m_at > begin && m_tokens[m_at].is('.')))) {
            ++m_at;
        }
    }

    // obs-route = "@" domain *("," "@" domain) ":", or nothing.
    bool route() {
        if (m_at >= m_tokens.size() || !m_tokens[m_at].is('@')) {
            return true;
        }
        do {
            if (!take('@') || !domain()) {
                return false;
            }
        } while (take(','));
        return take(':');
    }

    std::optional<std::string> addr_spec() {
        const auto local = local_part();
        if (!local || !take('@')) {
            return std::nullopt;
        }
        const auto host = domain();
        if (!host) {
            return std::nullopt;
        }
        auto address = *local + "@" + *host;
        const auto encoded_word = address.find("=?");
        const bool is_encoded =
            encoded_word != std::string::npos && address.find("?=", encoded_word + 2) != std::string::npos;
        return is_encoded ? std::nullopt : std::optional(std::move(address));
    }

    // A dot that belongs to a local part or a domain stands close to both its neighbours: in "Dr.
    // alice@contoso", which the obsolete syntax would have as one address, people see another one.
    bool dot() {
        if (m_at + 1 < m_tokens.size() && m_tokens[m_at].is('.') && !m_tokens[m_at].is_apart &&
            !m_tokens[m_at + 1].is_apart) {
            ++m_at;
            return true;
        }
        return false;
    }

    std::optional<std::string> local_part() {
        std::string content;
        bool needs_quotes = false;
        do {
            if (m_at >= m_tokens.size() || !m_tokens[m_at].is_word()) {
                return std::nullopt;
            }
            const auto& word = m_tokens[m_at++];
            const bool was_quoted = word.kind == AddressToken::Kind::quoted;
            if (word.text.empty() ||
                (was_quoted && word.text.find_first_of("@<>\\\t") != std::string_view::npos)) {
                return std::nullopt;
            }
            content += content.empty() ? "" : ".";
            content += word.text;
            needs_quotes = needs_quotes || (was_quoted && !is_dot_atom(word.text));
        } while (dot());
        return needs_quotes ? '"' + content + '"' : content;
    }

    std::optional<std::string> domain() {
        if (m_at < m_tokens.size() && m_tokens[m_at].kind == AddressToken::Kind::literal) {
            return std::string(m_tokens[m_at++].text);
        }
        std::string name;
        do {
            if (m_at >= m_tokens.size() || m_tokens[m_at].kind != AddressToken::Kind::atom) {
                return std::nullopt;
            }
            name += name.empty() ? "" : ".";
            name += m_tokens[m_at++].text;
        } while (dot());
        return name;
    }

    static bool is_dot_atom(std::string_view text) {
        bool may_be_dot = false;
        for (const char c : text) {
            if (c == '.' ? !may_be_dot : !is_atext(c)) {
                return false;
            }
            may_be_dot = c != '.';
        }
        return may_be_dot;
    }

    const std::vector<AddressToken>& m_tokens;
    std::size_t m_at = 0;
};

} // namespace

Author author_of(std::span<const std::string> from_fields) {
    if (from_fields.size() != 1 || from_fields[0].size() > longest_value) {
        return {};
    }
    const auto line = unfolded(from_fields[0]);
    const auto tokens = line ? address_tokens(*line) : std::nullopt;
    auto address = tokens ? Parser(*tokens).mailbox() : std::nullopt;
    return address ? Author{Author::Kind::one, std::move(*address)} : Author{};
}

} // namespace sendconnector::filter
