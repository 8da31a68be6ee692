// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "conf/rules.hpp"

#include <algorithm>
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

// Authors and logins are mailboxes; only the envelope knows the null sender.
void check_null_sender(const ConnectorDraft& draft, Reporter& report) {
    const Written* written = draft.written.find("senders");
    if (written == nullptr || draft.connector.sender_identity == policy::SenderIdentity::envelope ||
        !draft.written.is_sound("sender_identity")) {
        return;
    }
    const auto& senders = draft.connector.senders;
    for (std::size_t i = 0; i < senders.size() && i < written->elements.size(); ++i) {
        if (senders[i].kind() == policy::SenderPattern::Kind::null_sender) {
            report.error(written->elements[i],
                         fmt::format("senders: \"<>\" contradicts sender_identity = \"{}\": only the "
                                     "envelope has a null sender",
                                     draft.connector.sender_identity == policy::SenderIdentity::login
                                         ? "login"
                                         : "header-from"),
                         "remove it, or set sender_identity = \"envelope\"");
        }
    }
}

// Only permanent failures can be downgraded, and only others upgraded.
void check_failure_codes(const ConnectorDraft& draft, Reporter& report) {
    using policy::ErrorPolicies;
    const Written* written = draft.written.find("custom_failure_codes");
    const ErrorPolicies policies = draft.connector.error_policies;
    const bool downgrade = policies == ErrorPolicies::downgrade_custom_failures;
    if (written == nullptr || (!downgrade && policies != ErrorPolicies::upgrade_custom_failures)) {
        return;
    }
    const auto& codes = draft.connector.custom_failure_codes;
    for (std::size_t i = 0; i < codes.size() && i < written->elements.size(); ++i) {
        if ((codes[i].front() == '5') != downgrade) {
            report.error(written->elements[i],
                         fmt::format("custom_failure_codes: {} is {} failure already", in_quotes(codes[i]),
                                     downgrade ? "a temporary" : "a permanent"),
                         fmt::format("list codes that begin with {} for error_policies = \"{}\"",
                                     downgrade ? 5 : 4,
                                     downgrade ? "DowngradeCustomFailures" : "UpgradeCustomFailures"));
        }
    }
}

bool names_nobody(const ConnectorDraft& draft) {
    const auto& senders = draft.connector.senders;
    return !senders.empty() && !draft.written.has("senders_file") &&
           std::all_of(senders.begin(), senders.end(),
                       [](const auto& sender) { return sender.kind() == policy::SenderPattern::Kind::any; });
}

} // namespace

void check_contents(const ConnectorDraft& draft, const SettingsDraft& settings,
                    std::vector<Finding>& findings) {
    Reporter report(findings, draft);
    const policy::SendConnector& connector = draft.connector;
    check_required(draft, report);
    if (!draft.written.has("senders_file") && !settings.written.has("files")) {
        check_not_empty(draft, "senders", "remove the key to mean every sender, or set enabled = false",
                        report);
    }
    check_not_empty(draft, "address_spaces", "write [\"*\"] for every recipient, or set enabled = false",
                    report);
    check_not_empty(draft, "source_ip_address", "remove the key to mean any address", report);
    check_not_empty(draft, "routes", "remove the key to mean [\"default\"], or set enabled = false", report);
    check_null_sender(draft, report);
    check_failure_codes(draft, report);

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

    check_distinct(
        draft, "custom_failure_codes", connector.custom_failure_codes, [](const auto& code) { return code; },
        [](const auto& code) { return code; }, report);

    if (draft.written.has("sender_identity") && draft.written.is_sound("sender_identity") &&
        draft.written.is_sound("senders") && names_nobody(draft)) {
        report.warning(draft.place_of({"sender_identity"}),
                       "sender_identity has no effect: the connector is for every sender",
                       "remove it, or name senders");
    }
    if (connector.max_message_size.octets() == 0 && draft.written.is_sound("max_message_size")) {
        report.warning(draft.place_of({"max_message_size"}), "max_message_size = 0 leaves no message to send",
                       "set the size of the largest message, or enabled = false");
    }
}

} // namespace sendconnector::conf
