// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/requeue_view.hpp"

#include "milter/ctl/queue_view.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using Fate = RequeueCase::Fate;

// Longer lists are what --json is for.
constexpr std::size_t most_rows = 50;

std::vector<std::string> addresses_of(const QueuedMessage& message) {
    std::vector<std::string> addresses;
    for (const QueuedMessage::Recipient& recipient : message.recipients)
        addresses.push_back(recipient.address);
    return addresses;
}

std::string cut(const std::vector<Row>& rows, const Row& headers, const Paint& paint, Colour colour) {
    const std::size_t shown = std::min(rows.size(), most_rows);
    std::string text =
        format_table(headers, {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown)},
                     [&](std::size_t, const std::string& line) { return paint(colour, line); });
    if (shown < rows.size())
        text += fmt::format("and {} more (--json has them all)\n", rows.size() - shown);
    return text;
}

std::string left_text(const std::vector<RequeueCase>& cases, const Paint& paint) {
    std::vector<Row> rows;
    for (const RequeueCase& one : cases)
        if (needs_attention(one.fate) || one.fate == Fate::on_hold)
            rows.push_back({one.message->queue_id, one.from, one.why});
    if (rows.empty())
        return {};
    return fmt::format("\n{}:\n", rows.size() == 1
                                      ? "1 message stays as it is"
                                      : fmt::format("{} messages stay as they are", rows.size())) +
           cut(rows, {"QueueID", "Connector", "Why"}, paint, Colour::doubtful);
}

std::string unchanged_text(const std::vector<RequeueCase>& cases) {
    const auto of = [&](Fate fate) {
        return static_cast<std::size_t>(std::ranges::count(cases, fate, &RequeueCase::fate));
    };
    std::string text;
    if (const std::size_t count = of(Fate::follows); count > 0)
        text += fmt::format("{} without it: Postfix asks at every attempt (postqueue -f has it try now)\n",
                            counted(count, "message") + (count == 1 ? " follows" : " follow") +
                                " the configuration");
    if (const std::size_t count = of(Fate::up_to_date); count > 0)
        text += fmt::format("{} the way that the configuration says already\n",
                            counted(count, "message") + (count == 1 ? " goes" : " go"));
    if (const std::size_t count = of(Fate::foreign_filter); count > 0)
        text += fmt::format("{} a FILTER that is not ours, and is not touched\n",
                            counted(count, "message") + (count == 1 ? " has" : " have"));
    return text;
}

} // namespace

std::string text_of_plan(const std::vector<RequeueCase>& cases, const Paint& paint) {
    std::vector<Row> rows;
    for (const RequeueCase& one : cases)
        if (one.fate == Fate::requeue)
            rows.push_back({one.message->queue_id, one.from, one.to, one.message->sender,
                            some_of(addresses_of(*one.message))});
    std::string text = fmt::format("{} would be requeued\n", counted(rows.size(), "message"));
    if (!rows.empty())
        text += cut(rows, {"QueueID", "From", "To", "Sender", "Recipients"}, paint, Colour::good);
    return text + unchanged_text(cases) + left_text(cases, paint);
}

std::string text_of_result(const std::vector<RequeueCase>& cases, const RequeueResult& result,
                           const Paint& paint) {
    std::map<std::string, std::size_t> ways;
    for (const RequeueCase& one : cases)
        if (one.fate == Fate::requeue && result.moved.contains(one.message->queue_id))
            ++ways[fmt::format("from {} to {}", one.from, one.to)];
    std::string text;
    for (const auto& [way, count] : ways)
        text += fmt::format("{}: {} {}\n", paint(Colour::good, "requeued"), counted(count, "message"), way);
    if (ways.empty())
        text += "nothing was requeued\n";
    return text + unchanged_text(cases) + left_text(cases, paint);
}

Json json_of(const std::vector<RequeueCase>& cases, const RequeueResult* result) {
    Json requeued = Json::array();
    Json left = Json::array();
    for (const RequeueCase& one : cases) {
        const std::string& id = one.message->queue_id;
        Json entry = {{"queue_id", id},
                      {"from", one.from},
                      {"to", one.to},
                      {"sender", one.message->sender},
                      {"recipients", addresses_of(*one.message)}};
        const bool moved = result != nullptr && result->moved.contains(id);
        if (one.fate == Fate::requeue && (result == nullptr || moved)) {
            if (moved)
                entry["new_queue_id"] = text_or_null(result->moved.at(id));
            requeued.push_back(std::move(entry));
            continue;
        }
        entry["fate"] = word(one.fate == Fate::requeue ? Fate::in_delivery : one.fate);
        entry["why"] = one.why;
        left.push_back(std::move(entry));
    }
    Json json = {{"requeued", std::move(requeued)}, {"left", std::move(left)}};
    json["dry_run"] = result == nullptr;
    if (result != nullptr) {
        json["waiting"] = result->waiting;
        json["missing"] = result->missing;
        json["failure"] = text_or_null(result->failure);
    }
    return json;
}

} // namespace sendconnector::ctl
