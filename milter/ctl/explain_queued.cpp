// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/explain_queued.hpp"

#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/explanation.hpp"
#include "milter/ctl/queue_listing.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/queue_view.hpp"
#include "milter/ctl/table.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

Result<QueuedMessage> queued_message(const std::string& config_directory, const std::string& queue_id) {
    Result<QueuedMessage> message = find_queued(config_directory, queue_id);
    if (!message)
        return message;
    const Result<std::string> header = read_queued_header(config_directory, queue_id);
    if (header)
        message->header_from = header_fields(*header, "From");
    return message;
}

Explained explain_recipient(const QueuedMessage& message, const std::string& recipient,
                            const conf::postfix::Snapshot& snapshot, bool knows_applied) {
    Question question{message.sender, recipient, {}, message.size};
    const std::size_t at = recipient.rfind('@');
    if (at != std::string::npos)
        question.recipient_domain = policy::comparable_domain(std::string_view(recipient).substr(at + 1));
    return explain_message(snapshot, question, knows_applied);
}

NamedValues facts_of(const QueuedMessage& message) {
    NamedValues facts = {{"Queue ID", message.queue_id},
                         {"Queue", message.queue},
                         {"Age", age_text(message.arrival, now_seconds())}};
    for (const std::string& from : message.header_from)
        facts.emplace_back("Header From", from);
    if (!message.file)
        facts.emplace_back("FILTER", "unknown: its queue file could not be read");
    else if (!message.file->filter.empty())
        facts.emplace_back("FILTER",
                           message.file->filter +
                               " (where every attempt goes, whatever is decided below; see requeue)");
    return facts;
}

} // namespace

ExitCode explain_queued(Context& context) {
    const Invocation& invocation = context.invocation();
    for (const char* option : {"from", "to", "header-from", "login", "route", "size"})
        if (invocation.has(option))
            return context.fail(
                {fmt::format("--queue-id tells what --{} would", option), "give one of them"});
    if (const std::optional<Error> error = wants_root(context))
        return context.fail(*error);
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const auto instance = conf::postfix::Instance::open(configuration->postfix.config_directory);
    if (!instance)
        return context.fail(instance.error());
    const Result<QueuedMessage> message =
        queued_message(instance->config_directory(), invocation.value("queue-id"));
    if (!message)
        return context.fail(message.error());
    const auto classes = RecipientClasses::of(*instance, recipients_of({*message}));
    if (!classes)
        return context.fail(classes.error());
    const MaybeApplied applied = applied_of(context, *configuration);
    const conf::postfix::Snapshot snapshot(*configuration, applied.value_or(conf::postfix::Applied{}));

    Json recipients = Json::array();
    std::string text = format_list(facts_of(*message));
    bool all_leave = true;
    for (const QueuedMessage::Recipient& recipient : message->recipients) {
        const RecipientClass recipient_class = (*classes)[recipient.address];
        if (recipient_class != RecipientClass::by_default && recipient_class != RecipientClass::unknown) {
            recipients.push_back({{"to", recipient.address}, {"route", word(recipient_class)}});
            text += fmt::format("\n{}", format_list({{"To", recipient.address},
                                                     {"Outcome", fmt::format("keeps Postfix' own route ({})",
                                                                             word(recipient_class))}}));
            continue;
        }
        const Explained explained =
            explain_recipient(*message, recipient.address, snapshot, applied.has_value());
        all_leave = all_leave && explained.leaves();
        Json entry = json_of(explained);
        entry["route"] = word(recipient_class);
        entry["delay_reason"] = recipient.delay_reason;
        recipients.push_back(std::move(entry));
        text += "\n" + text_of(explained, context.paint());
    }
    if (context.json())
        context.print_json(
            Json{{"queue_id", message->queue_id},
                 {"queue", message->queue},
                 {"size", message->size},
                 {"from", message->sender},
                 {"header_from", message->header_from},
                 {"filter",
                  message->file && !message->file->filter.empty() ? Json(message->file->filter) : Json()},
                 {"recipients", std::move(recipients)}});
    else
        context.print(text);
    return all_leave ? ExitCode::fine : ExitCode::no;
}

} // namespace sendconnector::ctl
