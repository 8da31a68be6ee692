// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "conf/rules.hpp"

#include <fmt/format.h>
#include <unordered_map>

namespace sendconnector::conf {

namespace {

void check_required(const ConnectorDraft& draft, Reporter& report) {
    if (!draft.written.has("name")) {
        report.error(draft.at, "the connector has no name", "add name = \"...\" below [[connector]]");
    }
    if (!draft.written.has("address_spaces")) {
        report.error(draft.at, "the connector has no address_spaces",
                     "add address_spaces = [\"*\"] for every recipient");
    }
}

// An empty list of these would match nothing, which `enabled = false` says better.
void check_not_empty(const ConnectorDraft& draft, std::string_view key, std::string_view hint,
                     Reporter& report) {
    const Written* written = draft.written.find(key);
    if (written != nullptr && written->valid && written->elements.empty()) {
        report.error(written->at, fmt::format("{} is an empty list", key), std::string(hint));
    }
}

// `name_of(entry)` is equal exactly for entries that mean the same; `text_of(entry)` is for the message.
template <class Entry, class NameOf, class TextOf>
void check_distinct(const ConnectorDraft& draft, std::string_view key, const std::vector<Entry>& entries,
                    NameOf name_of, TextOf text_of, Reporter& report) {
    const Written* written = draft.written.find(key);
    if (written == nullptr) {
        return;
    }
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < entries.size() && i < written->elements.size(); ++i) {
        const auto [first, is_new] = seen.try_emplace(name_of(entries[i]), i);
        if (!is_new) {
            const Spot at = written->elements[first->second];
            report.error(written->elements[i],
                         fmt::format("{}: {} is listed twice, first at line {}, column {}", key,
                                     in_quotes(text_of(entries[i])), at.line, at.column),
                         "remove one of the two");
        }
    }
}

} // namespace

void check_contents(const ConnectorDraft& draft, std::vector<Finding>& findings) {
    Reporter report(findings, draft);
    const policy::SendConnector& connector = draft.connector;
    check_required(draft, report);
    check_not_empty(draft, "senders", "remove the key to mean every sender, or set enabled = false", report);
    check_not_empty(draft, "address_spaces", "write [\"*\"] for every recipient, or set enabled = false",
                    report);
    check_not_empty(draft, "source_ip_address", "remove the key to mean any address", report);

    const auto text_of = [](const auto& entry) { return entry.text(); };
    check_distinct(
        draft, "senders", connector.senders, [](const auto& sender) { return sender.key(); }, text_of,
        report);
    check_distinct(
        draft, "address_spaces", connector.address_spaces,
        [](const auto& space) {
            return fmt::format("{} {}", static_cast<int>(space.kind()), space.domain());
        },
        text_of, report);
    check_distinct(
        draft, "smart_hosts", connector.smart_hosts,
        [&](const auto& host) { return host.next_hop(connector.port); }, text_of, report);

    if (connector.max_message_size.octets() == 0 && draft.written.is_sound("max_message_size")) {
        report.warning(draft.place_of({"max_message_size"}), "max_message_size = 0 leaves no message to send",
                       "set the size of the largest message, or enabled = false");
    }
}

} // namespace sendconnector::conf
