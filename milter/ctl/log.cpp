// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/collect.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/log_view.hpp"
#include "milter/ctl/mail_log_sources.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/point_in_time.hpp"
#include "milter/ctl/protocol_log_tail.hpp"
#include "milter/mail_log/conversations.hpp"

#include <fmt/format.h>
#include <thread>

namespace sendconnector::ctl {
namespace {

using mail_log::SendLogRow;
using mail_log::Time;

constexpr std::chrono::milliseconds between_looks{250};
// Of the mail log's own time.
constexpr std::chrono::minutes between_sweeps{1};
constexpr std::chrono::hours longest_silence{1};

struct Wanted {
    std::string connector;
    std::optional<Time> since;

    bool has(const SendLogRow& row) const {
        return row.connector == connector && (!since || row.time >= *since);
    }
};

void from_mail_log(Context& context, MailLogSources& sources, const Wanted& wanted, LogView& view) {
    const std::string tag = fmt::format("postfix/{}/smtp", conf::slug(wanted.connector));
    Time last{};
    Time swept{};
    mail_log::Conversations conversations(
        [&](const SendLogRow& row) {
            if (wanted.has(row))
                view.add(row);
        },
        [&](std::string_view) { return wanted.connector; });
    sources.read(context, wanted.since, [&](std::string_view line, mail_log::StampReader& stamps) {
        const auto parts = mail_log::parse_log_line(line);
        if (!parts || parts->tag != tag)
            return;
        last = stamps.read(parts->stamp).value_or(last);
        if (last >= swept + between_sweeps) {
            swept = last;
            conversations.end_silent(last, longest_silence);
        }
        conversations.take(*parts, last);
    });
    conversations.end_all(last);
}

ExitCode show_mail_log(Context& context, const Wanted& wanted) {
    Result<MailLogSources> sources = MailLogSources::choose(context, wanted.since);
    if (!sources)
        return context.fail(sources.error());
    LogView view(context, false);
    from_mail_log(context, *sources, wanted, view);
    view.finish(sources->is_complete());
    if (!view.is_empty())
        return ExitCode::fine;
    context.note(fmt::format("{}{} tells of no session of connector \"{}\"",
                             sources->is_complete() ? "" : "what could be read of ", sources->text(),
                             wanted.connector));
    return sources->is_complete() ? ExitCode::no : ExitCode::could_not_tell;
}

// Until the process is ended, or nobody reads any more.
void follow(ProtocolLogTail& tail, const Wanted& wanted, LogView& view, Context& context) {
    do {
        std::this_thread::sleep_for(between_looks);
        // A file that is deleted meanwhile is none to complain of.
        static_cast<void>(tail.read([&](const SendLogRow& row) {
            if (wanted.has(row))
                view.add(row);
        }));
    } while (context.flush());
}

} // namespace

ExitCode log(Context& context) {
    const Invocation& invocation = context.invocation();
    if (invocation.has("collect"))
        return collect(context);
    if (invocation.arguments.empty())
        return context.fail({"log wants a connector's name",
                             fmt::format("usage: sendconnectorctl {}", usage(*invocation.command))});
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const auto connector = named_connector(*configuration->policy, invocation, invocation.arguments.front());
    if (!connector)
        return context.fail(connector.error());
    const auto since = point_in_time(context, "since");
    if (!since)
        return context.fail(since.error());
    const Wanted wanted{(*connector)->name, *since};
    if (invocation.has("log"))
        return show_mail_log(context, wanted);

    const bool follows = invocation.has("follow");
    const bool is_verbose = (*connector)->protocol_logging_level == policy::ProtocolLoggingLevel::verbose &&
                            (*connector)->enabled;
    if (is_verbose)
        context.obstacles(missing_collector(*configuration));
    LogView view(context, follows);
    ProtocolLogTail tail(configuration->daemon.protocol_log_directory);
    if (follows) {
        if (!is_verbose)
            context.note(fmt::format(
                "connector \"{}\" logs nothing: set protocol_logging_level = \"Verbose\", and apply",
                wanted.connector));
        if (!*since)
            tail.skip();
        follow(tail, wanted, view, context);
        return ExitCode::fine;
    }
    const Result<void> read = tail.read([&](const SendLogRow& row) {
        if (wanted.has(row))
            view.add(row);
    });
    if (!read)
        return context.fail(read.error());
    if (!view.is_empty()) {
        view.finish(true);
        return ExitCode::fine;
    }
    context.note(fmt::format("{} has no conversation of connector \"{}\"; the mail log tells this much:",
                             configuration->daemon.protocol_log_directory, wanted.connector));
    return show_mail_log(context, wanted);
}

} // namespace sendconnector::ctl
