// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_state.hpp"

#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/watched_validation.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace sendconnector::ctl {

QueueProgress progress_line(Context& context, std::string step) {
    return [&context, step = std::move(step)](std::size_t finished, std::size_t all) {
        context.transient(bar(finished, all, step));
    };
}

std::int64_t now_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Result<QueueState> queue_state(Context& context, const conf::Configuration& configuration,
                               const conf::postfix::Instance& instance) {
    context.transient("listing the queue");
    Result<QueueListing> listing = list_queue(instance.config_directory());
    if (!listing) {
        context.transient("");
        return tl::unexpected<Error>(listing.error());
    }
    const Result<bool> read = read_queue_files(instance.config_directory(), listing->messages,
                                               progress_line(context, "reading the queue"));
    context.transient("");
    if (!read)
        return tl::unexpected<Error>(read.error());
    if (listing->unreadable > 0)
        context.warn(
            fmt::format("postqueue(1) printed {} that cannot be read", counted(listing->unreadable, "line")));
    const auto unread = std::ranges::count_if(listing->messages, [](const QueuedMessage& message) {
        return !message.file && message.queue != "maildrop";
    });
    if (unread > 0)
        context.warn(fmt::format("{} could not be read: whether a FILTER routes them is not known",
                                 counted(static_cast<std::size_t>(unread), "queue file")));
    Result<RecipientClasses> classes = RecipientClasses::of(instance, recipients_of(listing->messages));
    if (!classes)
        return tl::unexpected<Error>(classes.error());
    if (!classes->complaint().empty())
        context.warn(
            fmt::format("how Postfix routes some recipients is not known: {}", classes->complaint()));
    std::ranges::stable_sort(listing->messages, {}, &QueuedMessage::arrival);

    const MaybeApplied applied = applied_of(context, configuration);
    auto snapshot = std::make_unique<const conf::postfix::Snapshot>(
        configuration, applied.value_or(conf::postfix::Applied{}));
    QueueRouting routing(*snapshot, std::move(*classes));
    return QueueState{std::move(snapshot), std::move(listing->messages), std::move(routing)};
}

} // namespace sendconnector::ctl
