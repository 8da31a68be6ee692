// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "conf/served.hpp"
#include "policy/sender.hpp"

#include <fmt/format.h>
#include <map>
#include <string>
#include <unordered_map>

namespace sendconnector::conf {

namespace {

using policy::SenderPattern;

// The first enabled connector that names a sender key. Views into the draft.
using Owners = std::unordered_map<std::string_view, const ConnectorDraft*>;

// Where entry `index` of senders stands; the connector itself where it takes every sender without saying so.
Spot place_of_sender(const ConnectorDraft& draft, std::size_t index) {
    const Written* written = draft.written.find("senders");
    return written != nullptr && index < written->elements.size() ? written->elements[index] : draft.at;
}

std::string described(const ConnectorDraft& draft) {
    return fmt::format("{} at {}:{}:{}",
                       draft.shown.empty() ? "the connector" : fmt::format("connector \"{}\"", draft.shown),
                       draft.file, draft.at.line, draft.at.column);
}

std::string in_words(const SenderPattern& pattern) {
    return pattern.kind() == SenderPattern::Kind::any ? "every sender" : in_quotes(pattern.text());
}

// Takes possession of the connector's senders; reports those that belong to another one, once for each other
// one.
void claim(const ConnectorDraft& draft, Owners& owners, std::vector<Finding>& findings) {
    struct Shared {
        std::size_t first;
        std::size_t count;
    };
    std::map<const ConnectorDraft*, Shared> shared;
    const auto& senders = draft.connector.senders;
    for (std::size_t i = 0; i < senders.size(); ++i) {
        const ConnectorDraft* owner = owners.try_emplace(senders[i].key(), &draft).first->second;
        if (owner != &draft) {
            ++shared.try_emplace(owner, Shared{i, 0}).first->second.count;
        }
    }
    for (const auto& [owner, what] : shared) {
        Reporter(findings, draft)
            .not_served(place_of_sender(draft, what.first),
                        fmt::format("senders: several connectors for {}{}, this one and {}",
                                    in_words(senders[what.first]),
                                    what.count > 1 ? fmt::format(" and {} more", what.count - 1) : "",
                                    described(*owner)),
                        "keep each sender in one of them, or set enabled = false in the other");
    }
}

// Calls `visit` with the keys of all patterns that match some sender `pattern` matches and are less specific,
// nearest first, until it returns true.
template <class Visit>
void visit_broader(const SenderPattern& pattern, std::string_view delimiters, Visit visit) {
    using Kind = SenderPattern::Kind;
    const Kind kind = pattern.kind();
    if (kind == Kind::any) {
        return;
    }
    if (kind != Kind::null_sender) {
        std::string domain = pattern.key();
        if (kind == Kind::mailbox) {
            const auto sender = policy::Sender::parse(pattern.key(), delimiters);
            domain = sender.domain();
            if (sender.has_subaddress() && visit(fmt::format("{}@{}", sender.base_local(), domain))) {
                return;
            }
            if (visit(std::string_view(domain))) {
                return;
            }
        }
        // ".domain" and its parents; a `*.domain` pattern is its own first.
        const std::string dotted = kind == Kind::domain_and_below ? domain : "." + domain;
        std::size_t dot = kind == Kind::domain_and_below ? dotted.find('.', 1) : 0;
        for (; dot != std::string::npos; dot = dotted.find('.', dot + 1)) {
            if (visit(std::string_view(dotted).substr(dot))) {
                return;
            }
        }
    }
    visit(std::string_view("*"));
}

// By Exchange's rule a message that is too large for a connector falls through to a broader one. The lookup
// endpoint does not know sizes.
void check_sizes(const ConnectorDraft& draft, const Owners& owners, std::string_view delimiters,
                 std::vector<Finding>& findings) {
    const policy::MessageSize limit = draft.connector.max_message_size;
    const auto& senders = draft.connector.senders;
    for (std::size_t i = 0; i < senders.size(); ++i) {
        const ConnectorDraft* broader = nullptr;
        visit_broader(senders[i], delimiters, [&](std::string_view key) {
            const auto owner = owners.find(key);
            if (owner != owners.end() && owner->second->connector.max_message_size > limit) {
                broader = owner->second;
            }
            return broader != nullptr;
        });
        if (broader != nullptr) {
            Reporter(findings, draft)
                .not_served(
                    draft.written.has("max_message_size") ? draft.place_of({"max_message_size"})
                                                          : place_of_sender(draft, i),
                    fmt::format(
                        "max_message_size is {}, so larger messages of {} would have to use {}, whose "
                        "limit is {}",
                        limit.text(), in_words(senders[i]), described(*broader),
                        broader->connector.max_message_size.text()),
                    "set the same max_message_size in both");
            return;
        }
    }
}

} // namespace

void check_served_together(const Draft& draft, std::vector<Finding>& findings) {
    Owners owners;
    for (const ConnectorDraft& connector : draft.connectors) {
        if (connector.connector.enabled) {
            claim(connector, owners, findings);
        }
    }
    for (const ConnectorDraft& connector : draft.connectors) {
        if (connector.connector.enabled) {
            check_sizes(connector, owners, draft.settings.policy.recipient_delimiter, findings);
        }
    }
}

} // namespace sendconnector::conf
