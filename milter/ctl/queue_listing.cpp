// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_listing.hpp"

#include "conf/postfix/command.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <span>
#include <unordered_map>

namespace sendconnector::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using conf::postfix::run_command;

// One postcat(1) costs more to start than to read many files; some hundred of them keep a progress bar
// moving.
constexpr std::size_t at_once = 500;

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::chrono::milliseconds left(Clock::time_point deadline) {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()),
                    std::chrono::milliseconds(0));
}

struct Batch {
    std::unordered_map<std::string, QueueFile> files;
    std::set<std::string> gone;
};

using Ids = std::span<const std::string>;

// The file that postcat(1) names when it gives up: "open queue file ID: No such file or directory".
std::string named_in(const std::string& complaint) {
    constexpr std::string_view before = "queue file ";
    const std::size_t at = complaint.find(before);
    if (at == std::string::npos)
        return {};
    const std::string_view rest = std::string_view(complaint).substr(at + before.size());
    return std::string(rest.substr(0, rest.find(':')));
}

// postcat(1) ends at the first file that it cannot open: mail leaves the queue all the time.
Result<void> read_batch(const std::string& config_directory, Ids ids, Clock::time_point deadline,
                        Batch& batch) {
    while (!ids.empty()) {
        std::vector<std::string> command{"postcat", "-c", config_directory, "-q", "-e"};
        command.insert(command.end(), ids.begin(), ids.end());
        const auto ran = run_command(command, left(deadline) + std::chrono::seconds(1));
        if (!ran) {
            // Too much at once, with very many recipients each.
            if (ids.size() == 1 || Clock::now() >= deadline)
                return tl::unexpected<Error>(ran.error());
            const Result<void> first =
                read_batch(config_directory, ids.first(ids.size() / 2), deadline, batch);
            if (!first)
                return first;
            ids = ids.subspan(ids.size() / 2);
            continue;
        }
        for (QueueFile& file : parse_queue_files(ran->out))
            batch.files.insert_or_assign(file.queue_id, std::move(file));
        if (ran->exit_status == 0)
            return {};
        const auto stopped_at = std::ranges::find(ids, named_in(ran->err));
        if (stopped_at == ids.end() || ran->err.find("ermission denied") != std::string::npos)
            return fail(fmt::format("cannot read the queue: {}", first_line(ran->err)));
        if (ran->err.find("No such file") != std::string::npos)
            batch.gone.insert(*stopped_at);
        ids = ids.subspan(static_cast<std::size_t>(stopped_at - ids.begin()) + 1);
    }
    return {};
}

} // namespace

Result<QueueListing> list_queue(const std::string& config_directory, std::chrono::milliseconds patience) {
    const auto listed = run_command({"postqueue", "-c", config_directory, "-j"}, patience);
    if (!listed)
        return fail(fmt::format("cannot list the queue: {}", listed.error().text), listed.error().hint);
    if (listed->exit_status != 0)
        return fail(fmt::format("cannot list the queue: {}", first_line(listed->err)));
    return parse_listing(listed->out);
}

Result<bool> read_queue_files(const std::string& config_directory, std::vector<QueuedMessage>& messages,
                              const QueueProgress& progress, std::chrono::milliseconds patience) {
    const Clock::time_point deadline = Clock::now() + patience;
    std::vector<std::string> ids;
    for (const QueuedMessage& message : messages)
        if (message.queue != "maildrop")
            ids.push_back(message.queue_id);
    Batch batch;
    bool complete = true;
    for (std::size_t begin = 0; begin < ids.size() && complete; begin += at_once) {
        if (progress)
            progress(begin, ids.size());
        const std::size_t end = std::min(begin + at_once, ids.size());
        if (const auto read =
                read_batch(config_directory, Ids(ids).subspan(begin, end - begin), deadline, batch);
            !read)
            return tl::unexpected<Error>(read.error());
        complete = end == ids.size() || Clock::now() < deadline;
    }
    std::erase_if(messages,
                  [&](const QueuedMessage& message) { return batch.gone.contains(message.queue_id); });
    for (QueuedMessage& message : messages)
        if (const auto found = batch.files.find(message.queue_id); found != batch.files.end())
            message.file = std::move(found->second);
    return complete;
}

Result<QueuedMessage> find_queued(const std::string& config_directory, const std::string& queue_id) {
    Result<QueueListing> listing = list_queue(config_directory);
    if (!listing)
        return tl::unexpected<Error>(listing.error());
    const auto found = std::ranges::find(listing->messages, queue_id, &QueuedMessage::queue_id);
    if (found == listing->messages.end())
        return fail(fmt::format("no queued message has the queue ID {}", queue_id),
                    "postqueue -p lists them all");
    std::vector<QueuedMessage> messages{*found};
    if (const Result<bool> read = read_queue_files(config_directory, messages); !read)
        return tl::unexpected<Error>(read.error());
    if (messages.empty())
        return fail(fmt::format("{} has just left the queue", queue_id));
    return std::move(messages.front());
}

Result<std::string> read_queued_header(const std::string& config_directory, const std::string& queue_id) {
    const auto ran = run_command({"postcat", "-c", config_directory, "-q", "-h", queue_id});
    if (!ran)
        return tl::unexpected<Error>(ran.error());
    if (ran->exit_status != 0)
        return fail(fmt::format("cannot read queue file {}: {}", queue_id, first_line(ran->err)));
    return ran->out;
}

} // namespace sendconnector::ctl
