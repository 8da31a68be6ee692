// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/old_way.hpp"

#include "milter/ctl/advice.hpp"
#include "milter/ctl/queue_listing.hpp"
#include "milter/ctl/queue_routing.hpp"
#include "milter/ctl/table.hpp"

#include <fmt/format.h>
#include <map>

namespace sendconnector::ctl {
namespace {

constexpr std::chrono::seconds patience{3};
constexpr std::size_t most_lines_shown = 5;

void note_one(Context& context, const std::string& name, std::size_t count) {
    const bool is_connector = !name.starts_with("(");
    const std::string argument = is_connector ? name : name.substr(1, name.size() - 2);
    context.note(fmt::format("{} still {} the old way{}: {}", counted(count, "queued message"),
                             count == 1 ? "goes" : "go", is_connector ? "" : " " + name,
                             to_run_as_root(context.invocation(), "requeue " + shell_word(argument))));
}

} // namespace

void note_old_way(Context& context, const conf::Configuration& configuration,
                  const conf::postfix::Instance& instance) {
    const auto applied = conf::postfix::read_applied(configuration.daemon.state_directory);
    Result<QueueListing> listing = list_queue(instance.config_directory(), patience);
    if (!applied || (listing && listing->messages.empty()))
        return;
    const Result<bool> read =
        listing ? read_queue_files(instance.config_directory(), listing->messages, {}, patience) : false;
    if (!read)
        return;
    const conf::postfix::Snapshot snapshot(configuration, *applied);
    // How Postfix routes their recipients is looked at when they are requeued.
    const QueueRouting routing(snapshot, RecipientClasses());
    std::map<std::string, std::size_t> counts;
    if (listing)
        for (const QueuedMessage& message : listing->messages)
            if (!message.recipients.empty() && routing.has_old_filter(message))
                ++counts[routing.route(message, message.recipients.front().address).name];
    std::size_t all = 0;
    for (const auto& [name, count] : counts)
        all += count;
    if (counts.size() > most_lines_shown)
        context.note(fmt::format("{} still go the old way: {}", counted(all, "queued message"),
                                 to_run_as_root(context.invocation(), "requeue --all")));
    else
        for (const auto& [name, count] : counts)
            note_one(context, name, count);
    if (!*read)
        context.note(fmt::format("the queue is too big to be looked through now: {} tells what else goes the "
                                 "old way",
                                 to_run_as_root(context.invocation(), "queue")));
}

} // namespace sendconnector::ctl
