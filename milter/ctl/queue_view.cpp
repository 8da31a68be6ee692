// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_view.hpp"

#include "milter/ctl/table.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace sendconnector::ctl {
namespace {

// Reasons of one connector that a table names; the rest are counted.
constexpr std::size_t most_reasons = 5;

using Counted = std::pair<std::string, std::size_t>;

// Most frequent first.
std::vector<Counted> ranked(const std::map<std::string, std::size_t>& reasons) {
    std::vector<Counted> list(reasons.begin(), reasons.end());
    std::ranges::stable_sort(list, std::ranges::greater{}, &Counted::second);
    return list;
}

void add_to(QueueCounts& counts, const QueuedMessage& message) {
    ++(message.queue == "active"     ? counts.active
       : message.queue == "deferred" ? counts.deferred
       : message.queue == "hold"     ? counts.hold
                                     : counts.incoming);
    counts.oldest = counts.oldest == 0 ? message.arrival : std::min(counts.oldest, message.arrival);
}

std::vector<QueuedMessage::Recipient> with_name(const QueuedMessage& message, const std::string& name,
                                                const QueueRouting& routing) {
    std::vector<QueuedMessage::Recipient> recipients;
    for (const QueuedMessage::Recipient& recipient : message.recipients)
        if (routing.route(message, recipient.address).name == name)
            recipients.push_back(recipient);
    return recipients;
}

Json seconds_ago(std::int64_t then, std::int64_t now) {
    return std::max<std::int64_t>(now - then, 0);
}

} // namespace

std::string age_text(std::int64_t then, std::int64_t now) {
    return span_text(static_cast<double>(std::max<std::int64_t>(now - then, 0)));
}

std::string size_text(std::uint64_t octets) {
    constexpr std::uint64_t kilobyte = 1024;
    if (octets < kilobyte)
        return fmt::format("{} B", octets);
    if (octets < kilobyte * kilobyte)
        return fmt::format("{} KB", (octets + kilobyte / 2) / kilobyte);
    return fmt::format("{:.1f} MB", static_cast<double>(octets) / static_cast<double>(kilobyte * kilobyte));
}

std::string some_of(const std::vector<std::string>& texts, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, texts.size()); ++i)
        text += (i == 0 ? "" : ", ") + texts[i];
    return texts.size() <= most ? text : fmt::format("{} and {} more", text, texts.size() - most);
}

std::vector<QueueCounts> count_queue(const std::vector<QueuedMessage>& messages, const QueueRouting& routing,
                                     const QueueReasons& reasons) {
    std::map<std::string, QueueCounts> by_name;
    for (const QueuedMessage& message : messages) {
        std::set<std::string> counted;
        const bool is_old = routing.has_old_filter(message);
        // pickup(8) tells showq(8) of no recipient before it has looked at the message.
        if (message.recipients.empty())
            add_to(by_name["(not picked up yet)"], message);
        for (const QueuedMessage::Recipient& recipient : message.recipients) {
            const QueuedRoute route = routing.route(message, recipient.address);
            QueueCounts& counts = by_name[route.name];
            counts.service = route.service;
            counts.is_connector = route.connector != nullptr;
            if (counted.insert(route.name).second) {
                add_to(counts, message);
                counts.old_filter += is_old ? 1 : 0;
            }
            if (const std::string reason = reasons.of(message, recipient); !reason.empty())
                ++counts.reasons[reason];
        }
    }
    std::vector<QueueCounts> all;
    for (auto& [name, counts] : by_name) {
        counts.name = name;
        all.push_back(std::move(counts));
    }
    std::ranges::stable_sort(all, [](const QueueCounts& left, const QueueCounts& right) {
        if (left.is_connector != right.is_connector)
            return left.is_connector;
        return policy::fold_case(left.name) < policy::fold_case(right.name);
    });
    return all;
}

std::string text_of(const std::vector<QueueCounts>& counts, std::int64_t now, const Paint& paint) {
    std::vector<Row> rows;
    std::vector<Colour> colours;
    for (const QueueCounts& one : counts) {
        const Colour colour = one.service.empty()   ? Colour::faint
                              : one.reasons.empty() ? Colour::good
                                                    : Colour::doubtful;
        const auto add = [&](Row row) {
            rows.push_back(std::move(row));
            colours.push_back(colour);
        };
        const std::vector<Counted> reasons = ranked(one.reasons);
        const auto reason_text = [&](std::size_t i) {
            if (i >= reasons.size())
                return std::string();
            return reasons.size() == 1 ? reasons[i].first
                                       : fmt::format("{} x {}", reasons[i].second, reasons[i].first);
        };
        add({one.name, std::to_string(one.active), std::to_string(one.deferred), std::to_string(one.hold),
             std::to_string(one.incoming), age_text(one.oldest, now), reason_text(0)});
        for (std::size_t i = 1; i < std::min(reasons.size(), most_reasons); ++i)
            add({"", "", "", "", "", "", reason_text(i)});
        if (reasons.size() > most_reasons)
            add({"", "", "", "", "", "", fmt::format("and {} other reasons", reasons.size() - most_reasons)});
    }
    return format_table({"Identity", "Active", "Deferred", "Hold", "Incoming", "Oldest", "Reason"}, rows,
                        [&](std::size_t row, const std::string& line) { return paint(colours[row], line); });
}

Json json_of(const std::vector<QueueCounts>& counts, std::int64_t now) {
    Json list = Json::array();
    for (const QueueCounts& one : counts) {
        Json reasons = Json::array();
        for (const auto& [reason, count] : ranked(one.reasons))
            reasons.push_back({{"reason", reason}, {"recipients", count}});
        list.push_back({{"name", one.name},
                        {"connector", one.is_connector ? Json(one.name) : Json()},
                        {"service", text_or_null(one.service)},
                        {"active", one.active},
                        {"deferred", one.deferred},
                        {"hold", one.hold},
                        {"incoming", one.incoming},
                        {"old_filter", one.old_filter},
                        {"oldest_seconds", seconds_ago(one.oldest, now)},
                        {"reasons", std::move(reasons)}});
    }
    return list;
}

std::string text_of(const std::vector<QueuedMessage>& messages, const std::string& name,
                    const QueueRouting& routing, const QueueReasons& reasons, std::int64_t now,
                    const Paint& paint) {
    std::vector<Row> rows;
    std::vector<Colour> colours;
    for (const QueuedMessage& message : messages) {
        const auto recipients = with_name(message, name, routing);
        if (recipients.empty())
            continue;
        std::vector<std::string> addresses;
        std::vector<std::string> why;
        for (const QueuedMessage::Recipient& recipient : recipients) {
            addresses.push_back(recipient.address);
            const std::string reason = reasons.of(message, recipient);
            if (!reason.empty() && std::ranges::find(why, reason) == why.end())
                why.push_back(reason);
        }
        const std::string old = routing.has_old_filter(message) ? "goes the old way" : "";
        rows.push_back({message.queue_id, message.queue, age_text(message.arrival, now),
                        size_text(message.size), message.sender, some_of(addresses),
                        old + (old.empty() || why.empty() ? "" : "; ") + some_of(why, 3)});
        colours.push_back(why.empty() ? Colour::good : Colour::doubtful);
    }
    return format_table({"QueueID", "Queue", "Age", "Size", "Sender", "Recipients", "Reason"}, rows,
                        [&](std::size_t row, const std::string& line) { return paint(colours[row], line); });
}

Json json_of(const std::vector<QueuedMessage>& messages, const std::string& name, const QueueRouting& routing,
             const QueueReasons& reasons, std::int64_t now) {
    Json list = Json::array();
    for (const QueuedMessage& message : messages) {
        const auto own = with_name(message, name, routing);
        if (own.empty())
            continue;
        Json recipients = Json::array();
        for (const QueuedMessage::Recipient& recipient : own)
            recipients.push_back({{"address", recipient.address},
                                  {"reason", reasons.of(message, recipient)},
                                  {"delay_reason", recipient.delay_reason}});
        const bool has_filter = message.file && !message.file->filter.empty();
        list.push_back({{"queue_id", message.queue_id},
                        {"queue", message.queue},
                        {"age_seconds", seconds_ago(message.arrival, now)},
                        {"size", message.size},
                        {"sender", message.sender},
                        {"filter", has_filter ? Json(message.file->filter) : Json()},
                        {"old_filter", routing.has_old_filter(message)},
                        {"recipients", std::move(recipients)}});
    }
    return list;
}

} // namespace sendconnector::ctl
