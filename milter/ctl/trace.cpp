// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/mail_log_sources.hpp"
#include "milter/ctl/point_in_time.hpp"
#include "milter/ctl/queue_reasons.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/trace_view.hpp"
#include "milter/mail_log/tracer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace sendconnector::ctl {
namespace {

using mail_log::Step;
using mail_log::TraceQuery;

// What one reads; a narrower question finds the rest.
constexpr std::size_t most_messages = 200;

std::string without_brackets(std::string text) {
    return text.size() >= 2 && text.front() == '<' && text.back() == '>' ? text.substr(1, text.size() - 2)
                                                                         : text;
}

Result<TraceQuery> query_of(const Context& context) {
    const Invocation& invocation = context.invocation();
    TraceQuery query;
    if (!invocation.arguments.empty())
        query.id = invocation.arguments.front();
    if (invocation.has("from"))
        query.from = without_brackets(invocation.value("from"));
    if (invocation.has("to"))
        query.to = without_brackets(invocation.value("to"));
    if (query.id.empty() && !query.from && !query.to)
        return fail("trace wants a message-id, a queue ID, --from or --to",
                    fmt::format("usage: sendconnectorctl {}", usage(*invocation.command)));
    if (!query.id.empty() && query.from)
        return fail("a message-id or queue ID says which message is meant, --from asks for others",
                    "leave one of them out");
    const auto since = point_in_time(context, "since");
    const auto until = point_in_time(context, "until");
    if (!since || !until)
        return tl::unexpected<Error>(since ? until.error() : since.error());
    query.since = *since;
    query.until = *until;
    return query;
}

// The newest, with all that belongs to them.
std::size_t leave_out_the_oldest(mail_log::Trace& trace) {
    if (trace.roots.size() <= most_messages)
        return 0;
    const std::size_t left_out = trace.roots.size() - most_messages;
    trace.roots.erase(trace.roots.begin(), trace.roots.begin() + static_cast<std::ptrdiff_t>(left_out));
    return left_out;
}

// Why those that are still queued wait, as `queue` tells. Nothing where that cannot be told.
std::map<std::string, std::string> waiting_reasons(Context& context, const mail_log::Trace& trace) {
    std::map<std::string, std::string> reasons;
    std::set<std::string> ids;
    for (const mail_log::Life& life : trace.lives)
        if (!life.ended && std::ranges::any_of(life.steps, [](const Step& step) {
                return step.kind == Step::Kind::deferred;
            }))
            ids.insert(life.id);
    const conf::Loaded loaded = context.load();
    if (ids.empty() || !context.is_root() || !loaded.configuration || context.invocation().has("log"))
        return reasons;
    const auto instance = conf::postfix::Instance::open(loaded.configuration->postfix.config_directory);
    Result<QueueListing> listing =
        instance ? list_queue(instance->config_directory()) : fail("there is no such instance");
    const auto applied = conf::postfix::read_applied(loaded.configuration->daemon.state_directory);
    if (!listing || !applied)
        return reasons;
    std::erase_if(listing->messages,
                  [&](const QueuedMessage& message) { return !ids.contains(message.queue_id); });
    Result<RecipientClasses> classes = RecipientClasses::of(*instance, recipients_of(listing->messages));
    if (listing->messages.empty() || !classes ||
        !read_queue_files(instance->config_directory(), listing->messages))
        return reasons;
    const conf::postfix::Snapshot snapshot(*loaded.configuration, *applied);
    const QueueRouting routing(snapshot, std::move(*classes));
    const QueueReasons real(routing, ask_verified_hops(loaded.configuration->daemon.control_socket));
    for (const QueuedMessage& message : listing->messages)
        for (const QueuedMessage::Recipient& recipient : message.recipients)
            if (const std::string reason = real.of(message, recipient);
                !reason.empty() && reason != recipient.delay_reason)
                reasons.emplace(fmt::format("{} {}", message.queue_id, recipient.address), reason);
    return reasons;
}

std::map<std::string, std::string> connector_names(const Context& context) {
    std::map<std::string, std::string> names;
    if (const conf::Loaded loaded = context.load(); loaded.configuration)
        for (const policy::SendConnector& connector : loaded.configuration->policy->connectors())
            names.emplace(conf::slug(connector.name), connector.name);
    return names;
}

} // namespace

ExitCode trace(Context& context) {
    const Result<TraceQuery> query = query_of(context);
    if (!query)
        return context.fail(query.error());
    Result<MailLogSources> sources = MailLogSources::choose(context, query->since);
    if (!sources)
        return context.fail(sources.error());
    mail_log::Tracer tracer(*query);
    sources->read(context, query->since,
                  [&](std::string_view line, mail_log::StampReader& stamps) { tracer.survey(line, stamps); });
    mail_log::Trace found;
    if (tracer.follow()) {
        sources->read(context, query->since, [&](std::string_view line, mail_log::StampReader& stamps) {
            tracer.collect(line, stamps);
        });
        found = tracer.finish();
    }
    const bool nothing = found.roots.empty() && found.refusals.empty();
    const std::size_t left_out = leave_out_the_oldest(found);
    const TraceView view{found, connector_names(context), waiting_reasons(context, found),
                         sources->is_complete()};
    if (context.json())
        context.print_json(json_of(view));
    else
        context.print(text_of(view, context.paint()));
    if (nothing && !context.json())
        context.note(fmt::format("{}{} tells of no such message",
                                 sources->is_complete() ? "" : "what could be read of ", sources->text()));
    if (left_out > 0)
        context.note(fmt::format("{} left out; --since, --until and --to ask for fewer",
                                 counted(left_out, "older message")));
    if (found.cut)
        context.warn("more lines belong to it than can be shown; --since and --until ask for fewer");
    if (nothing)
        return sources->is_complete() ? ExitCode::no : ExitCode::could_not_tell;
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
