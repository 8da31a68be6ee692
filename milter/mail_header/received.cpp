// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/received.hpp"

#include "milter/mail_header/ip_address.hpp"
#include "milter/mail_header/pieces.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sendconnector::mail_header {
namespace {

enum class Clause { none, from, by, via, with, id, recipient, cipher, envelope_from };

Clause clause_of(std::string_view word) {
    constexpr std::pair<std::string_view, Clause> names[] = {
        {"from", Clause::from},  {"by", Clause::by},
        {"via", Clause::via},    {"with", Clause::with},
        {"id", Clause::id},      {"for", Clause::recipient},
        {"tls", Clause::cipher}, {"envelope-from", Clause::envelope_from},
    };
    if (word.size() > 13)
        return Clause::none;
    const std::string name = policy::fold_case(word);
    const auto* const found = std::ranges::find(names, name, &std::pair<std::string_view, Clause>::first);
    return found == std::end(names) ? Clause::none : found->second;
}

std::string_view without_brackets(std::string_view word) {
    return word.size() >= 2 && word.front() == '<' && word.back() == '>' ? word.substr(1, word.size() - 2)
                                                                         : word;
}

// What follows `prefix`, in any case, in a comment; nothing when it begins with something else.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (policy::fold_case(text.substr(0, prefix.size())) != prefix)
        return std::nullopt;
    text.remove_prefix(prefix.size());
    return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find_first_of(" \t,;"));
}

// A host's name, as opposed to the rest that stands in comments.
bool is_host(std::string_view word) {
    return !word.empty() && word.find('.') != std::string_view::npos &&
           word.find_first_of("()<>@=,:/") == std::string_view::npos;
}

bool is_semicolon(const Piece& piece) {
    return piece.is_word() && piece.text == ";";
}

class Reader {
public:
    explicit Reader(std::string_view value) : m_value(value), m_pieces(pieces(value, ";")) {}

    Received run() {
        const std::size_t end = take_date();
        for (std::size_t i = 0; i < end; ++i) {
            const Piece& piece = m_pieces[i];
            if (piece.is_comment())
                take_comment(piece.text);
            else if (!is_semicolon(piece))
                take_word(piece.text);
        }
        conclude();
        return std::move(m_received);
    }

private:
    // The date stands behind the last semicolon that has something behind it. Returns where the rest ends.
    std::size_t take_date() {
        for (std::size_t i = m_pieces.size() - std::min<std::size_t>(m_pieces.size(), 1); i-- > 0;) {
            if (!is_semicolon(m_pieces[i]) || is_semicolon(m_pieces[i + 1]))
                continue;
            std::string_view stamp = m_value.substr(m_pieces[i].end);
            stamp.remove_prefix(std::min(stamp.find_first_not_of(" \t"), stamp.size()));
            m_received.stamp = stamp.substr(0, 200);
            m_received.time = parse_date_time(stamp);
            return i;
        }
        return take_date_without_semicolon();
    }

    // As some senders of bulk mail write it: what is a date up to the end.
    std::size_t take_date_without_semicolon() {
        constexpr std::size_t most_words = 12;
        const std::size_t count = m_pieces.size();
        for (std::size_t i = count - std::min(count, most_words); i < count; ++i)
            if (auto time = parse_date_time(m_value.substr(m_pieces[i].begin))) {
                m_received.stamp = m_value.substr(m_pieces[i].begin, 200);
                m_received.time = time;
                return i;
            }
        return count;
    }

    void take_word(std::string_view word) {
        const Clause clause = clause_of(word);
        // Nobody's name is a keyword; but "tls" may also be what comes behind `with`.
        if (clause != Clause::none && (clause != Clause::cipher || m_has_value)) {
            m_clause = clause;
            m_has_value = false;
            return;
        }
        take_value(word);
        m_has_value = true;
    }

    void take_value(std::string_view word) {
        switch (m_clause) {
        case Clause::from:
            // "mail pickup service"
            append(m_received.from, word);
            break;
        case Clause::by:
            if (!m_has_value && m_received.by.empty())
                m_received.by = word;
            break;
        case Clause::via:
            append(m_received.via, word);
            break;
        case Clause::with:
            append(m_received.with, word);
            break;
        case Clause::id:
            if (m_received.id.empty())
                m_received.id = without_brackets(word);
            break;
        case Clause::recipient:
            if (m_received.recipient.empty())
                m_received.recipient = without_brackets(word);
            break;
        case Clause::cipher:
            if (m_received.tls.cipher.empty())
                m_received.tls.cipher = word;
            m_received.tls.is_encrypted = true;
            break;
        case Clause::envelope_from:
            m_received.envelope_from = without_brackets(word);
            break;
        case Clause::none:
            break;
        }
    }

    // Some values are several words: "Microsoft SMTP Server", "Mailbox Transport".
    static void append(std::string& value, std::string_view word) {
        if (value.size() + word.size() > 200)
            return;
        value += value.empty() ? "" : " ";
        value += word;
    }

    void take_comment(std::string_view text) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        if (m_clause == Clause::none && m_received.note.empty())
            m_received.note = text.substr(0, 200);
        if (take_tls(text) || take_login(text))
            return;
        if (const auto sender = after(text, "envelope-from")) {
            m_received.envelope_from = without_brackets(first_word(*sender));
            return;
        }
        if (m_clause == Clause::from)
            take_client(text);
        else if (m_clause == Clause::by)
            take_server(text);
        else if (m_clause == Clause::with && m_received.software.empty() && after(text, "exim"))
            m_received.software = text.substr(0, 100);
    }

    bool take_tls(std::string_view text) {
        TlsStatement tls = tls_of_comment(text);
        if (!tls.is_encrypted)
            return false;
        TlsStatement& known = m_received.tls;
        known.is_encrypted = true;
        if (known.protocol.empty())
            known.protocol = std::move(tls.protocol);
        if (known.cipher.empty()) {
            known.cipher = std::move(tls.cipher);
            known.bits = tls.bits;
        }
        return true;
    }

    bool take_login(std::string_view text) {
        const auto name = after(text, "authenticated sender:");
        if (name)
            m_received.login = name->substr(0, 200);
        return name.has_value();
    }

    // "(name [192.0.2.1])", "(192.0.2.1)", "([192.0.2.1] helo=name)", "(HELO name)", "(name. [192.0.2.1])".
    void take_client(std::string_view text) {
        for (const std::string_view verb : {"helo ", "ehlo "})
            if (const auto helo = after(text, verb)) {
                // qmail and Yahoo: what stands behind `from` is the name that was looked up.
                rename_client(first_word(*helo));
                return;
            }
        if (const std::size_t at = text.find("helo=");
            at != std::string_view::npos && (at == 0 || text[at - 1] == ' '))
            rename_client(first_word(text.substr(at + 5)));
        if (m_received.from_address.empty()) {
            auto address = ip_address_within(text);
            // qmail: "(user@host@192.0.2.1)", or what ident(1) said in front of the address.
            if (!address && text.find('@') != std::string_view::npos)
                address = ip_address(text.substr(text.rfind('@') + 1));
            if (address)
                m_received.from_address = *address;
        }
        std::string_view name = first_word(text);
        name = name.substr(std::min(name.find('@') + 1, name.size()));
        if (m_received.from_name.empty() && !ip_address(name) && is_host(name))
            m_received.from_name = name.substr(0, name.find_last_not_of('.') + 1);
    }

    void rename_client(std::string_view helo) {
        if (m_looked_up.empty())
            m_looked_up = std::exchange(m_received.from, std::string(helo));
    }

    void take_server(std::string_view text) {
        if (const auto address = ip_address_within(text)) {
            if (m_received.by_address.empty())
                m_received.by_address = *address;
        } else if (m_received.software.empty()) {
            m_received.software = text.substr(0, 100);
        }
    }

    void conclude() {
        Received& received = m_received;
        if (received.from_name.empty() && m_looked_up != "unknown" && !ip_address(m_looked_up))
            received.from_name = m_looked_up;
        for (const std::string& name : {received.from, m_looked_up})
            if (received.from_address.empty())
                received.from_address = ip_address(name).value_or("");
        if (received.from_name == received.from_address)
            received.from_name.clear();
        if (received.by_address.empty())
            received.by_address = ip_address(received.by).value_or("");
        if (is_tls_protocol(received.with) || after(received.with, "esmtp starttls"))
            received.tls.is_encrypted = true;
    }

    std::string_view m_value;
    std::vector<Piece> m_pieces;
    Clause m_clause = Clause::none;
    bool m_has_value = false;
    std::string m_looked_up; // what stands behind `from`, where a comment has the HELO
    Received m_received;
};

} // namespace

Received parse_received(std::string_view value) {
    return Reader(value).run();
}

} // namespace sendconnector::mail_header
