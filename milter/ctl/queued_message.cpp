// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queued_message.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using nlohmann::json;

// showq(8) replaces such octets by itself since it knows JSON; a message must not vanish from sight where it
// does not.
std::string as_utf8(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto point = conf::code_point_at(text, at);
        const std::size_t length = point ? point->length : 1;
        clean += point ? text.substr(at, length) : "?";
        at += length;
    }
    return clean;
}

const std::string* text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

template <class Number>
Number number_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_unsigned() ? found->get<Number>() : Number{};
}

bool is_queue_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

} // namespace

std::optional<QueuedMessage> parse_listed(std::string_view line) {
    json entry = json::parse(line, nullptr, false);
    if (entry.is_discarded())
        entry = json::parse(as_utf8(line), nullptr, false);
    if (!entry.is_object())
        return std::nullopt;
    const std::string* queue = text_at(entry, "queue_name");
    const std::string* id = text_at(entry, "queue_id");
    // It becomes an argument of Postfix' commands.
    if (queue == nullptr || id == nullptr || !is_queue_id(*id))
        return std::nullopt;
    QueuedMessage message{.queue = *queue,
                          .queue_id = *id,
                          .arrival = number_at<std::int64_t>(entry, "arrival_time"),
                          .size = number_at<std::uint64_t>(entry, "message_size"),
                          .sender = {},
                          .recipients = {},
                          .file = {},
                          .header_from = {}};
    const std::string* sender = text_at(entry, "sender");
    // How showq(8) writes the null sender; every other address has a domain by the time it is queued.
    message.sender = sender == nullptr || sender->empty() || *sender == "MAILER-DAEMON" ? "<>" : *sender;
    if (const auto listed = entry.find("recipients"); listed != entry.end() && listed->is_array())
        for (const json& recipient : *listed) {
            const std::string* address = recipient.is_object() ? text_at(recipient, "address") : nullptr;
            if (address == nullptr)
                continue;
            const std::string* reason = text_at(recipient, "delay_reason");
            message.recipients.push_back({*address, reason == nullptr ? std::string() : *reason});
        }
    return message;
}

QueueListing parse_listing(std::string_view text) {
    QueueListing listing;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty())
            continue;
        if (auto message = parse_listed(line))
            listing.messages.push_back(std::move(*message));
        else
            ++listing.unreadable;
    }
    return listing;
}

std::vector<std::string> header_fields(std::string_view header, std::string_view name) {
    std::vector<std::string> bodies;
    bool inside = false;
    while (!header.empty()) {
        const std::size_t end = std::min(header.find('\n'), header.size());
        std::string_view line = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            break;
        if (line.front() == ' ' || line.front() == '\t') {
            if (inside)
                bodies.back() += line;
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        std::string_view written = line.substr(0, colon);
        written = written.substr(0, written.find_last_not_of(" \t") + 1);
        inside = colon < line.size() && policy::fold_case(written) == policy::fold_case(name);
        if (inside) {
            const std::string_view body = line.substr(colon + 1);
            bodies.emplace_back(body.substr(std::min(body.find_first_not_of(" \t"), body.size())));
        }
    }
    return bodies;
}

} // namespace sendconnector::ctl
