// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/advice.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/given_text.hpp"
#include "milter/ctl/headers_report.hpp"
#include "milter/ctl/queue_listing.hpp"
#include "milter/ctl/queue_routing.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

// What Outlook saves a message as, unless it is asked for text.
constexpr std::string_view compound_file = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

// Connectors make the report better; without a configuration there is still one.
std::optional<conf::Configuration> known_connectors(Context& context) {
    conf::Loaded loaded = context.load();
    if (!loaded.configuration && context.invocation().has("config"))
        context.note(fmt::format("connectors cannot be named: the configuration cannot be used; {} says why",
                                 to_run(context.invocation(), "check")));
    return std::move(loaded.configuration);
}

OurHost our_host(const conf::Configuration& configuration) {
    OurHost host{conf::this_host(), {}};
    // Who is not root may not be able to read it; names are then fewer.
    if (const auto applied = conf::postfix::read_applied(configuration.daemon.state_directory)) {
        host.names.insert(host.names.end(), applied->host_names.begin(), applied->host_names.end());
        host.helo_name = applied->helo_name;
    }
    return host;
}

Result<std::string> read_source(Context& context, const std::string& path) {
    if (is_typed(path))
        context.note("paste the headers, then Ctrl-D on a line of its own");
    // One more, so that what is cut is seen to be.
    Result<std::string> text = given_text(path, mail_header::most_octets + 1);
    if (text && text->starts_with(compound_file))
        return fail(fmt::format("{} is a message in Outlook's own format", path),
                    "save it as text, or copy its Internet headers into a file");
    return text;
}

// Its header, and which way it goes.
Result<std::string> read_queued(Context& context, const conf::Configuration& configuration,
                                const std::string& queue_id, QueuedWay& way) {
    const auto instance = conf::postfix::Instance::open(configuration.postfix.config_directory);
    if (!instance)
        return tl::unexpected<Error>(instance.error());
    const Result<QueuedMessage> message = find_queued(instance->config_directory(), queue_id);
    if (!message)
        return tl::unexpected<Error>(message.error());
    Result<std::string> header = read_queued_header(instance->config_directory(), queue_id);
    if (!header)
        return header;
    Result<RecipientClasses> classes = RecipientClasses::of(*instance, recipients_of({*message}));
    if (!classes)
        return tl::unexpected<Error>(classes.error());
    const MaybeApplied applied = applied_of(context, configuration);
    const conf::postfix::Snapshot snapshot(configuration, applied.value_or(conf::postfix::Applied{}));
    const QueueRouting routing(snapshot, std::move(*classes));
    way = {message->queue_id, message->queue, message->file ? message->file->filter : std::string(), {}};
    for (const QueuedMessage::Recipient& recipient : message->recipients) {
        const QueuedRoute route = routing.route(*message, recipient.address);
        way.recipients.push_back({recipient.address, route.name, route.service});
    }
    return header;
}

ExitCode write_page(Context& context, const std::string& file, const std::string& page) {
    if (file.empty() || file == "-") {
        context.print(page);
        return ExitCode::fine;
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << page;
    out.close();
    if (!out)
        return context.fail({fmt::format("{} cannot be written: {}", file, std::strerror(errno)),
                             "name a file in a folder that you may write to"});
    return ExitCode::fine;
}

ExitCode show(Context& context, const HeadersReport& report) {
    if (context.invocation().has("html"))
        return write_page(context, context.invocation().value("html"), html_of(report));
    if (context.json())
        context.print_json(json_of(report));
    else
        context.print(text_of(report, context.paint(), context.width()));
    return ExitCode::fine;
}

} // namespace

ExitCode headers(Context& context) {
    const Invocation& invocation = context.invocation();
    const bool is_queued = invocation.has("queue-id");
    if (is_queued != invocation.arguments.empty())
        return context.fail({is_queued ? "headers takes FILE or --queue-id ID, not both"
                                       : "headers wants FILE, '-' for standard input, or --queue-id ID",
                             "see sendconnectorctl help headers"});
    if (context.json() && invocation.has("html"))
        return context.fail({"--json and --html are two forms of the same", "give one of them"});

    HeadersReport report;
    std::optional<conf::Configuration> configuration;
    Result<std::string> text;
    if (is_queued) {
        if (const std::optional<Error> error = wants_root(context))
            return context.fail(*error);
        configuration = context.usable_configuration();
        if (!configuration)
            return ExitCode::could_not_tell;
        report.source = "queue ID " + invocation.value("queue-id");
        text = read_queued(context, *configuration, invocation.value("queue-id"), report.queued.emplace());
    } else {
        const std::string& path = invocation.arguments.front();
        report.source = path == "-" ? "standard input" : path;
        text = read_source(context, path);
        configuration = known_connectors(context);
    }
    if (!text)
        return context.fail(text.error());
    report.analysis = mail_header::analyse(*text);
    if (report.analysis.header.fields.empty())
        return context.fail({fmt::format("there is no header field in {}", report.source),
                             "give a whole message, or its header as the mail program shows it"});
    if (configuration && configuration->policy)
        report.left = left_through(report.analysis.way, report.analysis.summary_of("Return-Path"),
                                   *configuration->policy, our_host(*configuration));
    return show(context, report);
}

} // namespace sendconnector::ctl
