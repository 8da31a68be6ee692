// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/requeue_run.hpp"

#include "conf/postfix/command.hpp"
#include "milter/mail_log/pickup_line.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <thread>

namespace sendconnector::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using conf::postfix::run_command;

// What is cut off between two batches is all in its place.
constexpr std::size_t batch_size = 100;
constexpr std::chrono::milliseconds between_looks{250};
constexpr int most_calls = 3;
constexpr std::chrono::seconds least_patience{60};
// pickup(8) is one process; it was seen to take some 300 a second.
constexpr std::chrono::milliseconds patience_per_message{50};
// A log line may be written a little after the file is where it says.
constexpr std::chrono::seconds grace{5};

class Run {
public:
    Run(const conf::postfix::Instance& instance, MailLog& log) : m_instance(instance), m_log(log) {}

    void requeue(const std::vector<const QueuedMessage*>& messages, const QueueProgress& progress) {
        for (std::size_t begin = 0; begin < messages.size() && m_result.failure.empty();
             begin += batch_size) {
            progress(begin, messages.size());
            requeue_batch(messages, begin, std::min(begin + batch_size, messages.size()));
        }
    }

    RequeueResult follow(const std::vector<const QueuedMessage*>& messages, const QueueProgress& progress) {
        for (const QueuedMessage* message : messages)
            m_first_ids[message->queue_id] = message->file && !message->file->first_id.empty()
                                                 ? message->file->first_id
                                                 : message->queue_id;
        const Clock::time_point deadline =
            Clock::now() + least_patience + patience_per_message * static_cast<int>(m_result.moved.size());
        std::optional<Clock::time_point> out_of_maildrop;
        for (;;) {
            read_log();
            const std::size_t open = count_open();
            progress(m_result.moved.size() - open, m_result.moved.size());
            if (open == 0 || Clock::now() > deadline)
                break;
            if (!may_be_in_maildrop()) {
                if (!out_of_maildrop)
                    out_of_maildrop = Clock::now();
                if (Clock::now() > *out_of_maildrop + grace || m_log.sources().empty())
                    break;
            }
            std::this_thread::sleep_for(between_looks);
        }
        if (count_open() > 0)
            look_at_queue();
        return std::move(m_result);
    }

private:
    void requeue_batch(const std::vector<const QueuedMessage*>& messages, std::size_t begin,
                       std::size_t end) {
        std::string ids;
        for (std::size_t i = begin; i < end; ++i)
            ids += messages[i]->queue_id + "\n";
        const std::string& directory = m_instance.config_directory();
        const auto ran =
            run_command({"postsuper", "-c", directory, "-r", "-", "deferred"}, std::chrono::minutes(2), ids);
        std::set<std::string> moved;
        if (ran)
            for (std::string& id : requeued_ids(ran->err))
                moved.insert(std::move(id));
        if (!ran || ran->exit_status != 0)
            m_result.failure = ran ? fmt::format("postsuper(1) failed: {}", ran->err) : ran.error().text;
        for (std::size_t i = begin; i < end; ++i)
            if (moved.contains(messages[i]->queue_id))
                m_result.moved.emplace(messages[i]->queue_id, "");
            else
                m_result.stayed.push_back(messages[i]->queue_id);
        call_pickup();
    }

    // It looks by itself once a minute. A busy one takes the call when it is done; at times it hangs up on
    // the caller, who then ends by SIGPIPE.
    void call_pickup() const {
        for (int calls = 0; calls < most_calls; ++calls)
            if (const auto called =
                    run_command({"postkick", "-c", m_instance.config_directory(), "public", "pickup", "W"},
                                std::chrono::minutes(1));
                called && called->exit_status == 0)
                return;
    }

    void read_log() {
        for (const std::string& line : m_log.new_lines()) {
            const auto told = mail_log::picked_up(line);
            const auto found = told ? m_result.moved.find(told->old_id) : m_result.moved.end();
            if (found == m_result.moved.end())
                continue;
            found->second = told->new_id;
            m_result.log_tells = true;
        }
    }

    std::size_t count_open() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(m_result.moved, [](const auto& entry) { return entry.second.empty(); }));
    }

    bool may_be_in_maildrop() const {
        const Result<QueueListing> listing = list_queue(m_instance.config_directory());
        return !listing || std::ranges::any_of(listing->messages, [&](const QueuedMessage& message) {
            return message.queue == "maildrop" && m_result.moved.contains(message.queue_id);
        });
    }

    // Without a log line: a queue file remembers the queue ID that it had first.
    void look_at_queue() {
        Result<QueueListing> listing = list_queue(m_instance.config_directory());
        const Result<bool> read = listing ? read_queue_files(m_instance.config_directory(), listing->messages)
                                          : Result<bool>(tl::unexpected<Error>(listing.error()));
        if (!read) {
            m_result.failure = to_string(read.error());
            m_result.log_tells = false;
        }
        std::set<std::string> in_maildrop;
        std::map<std::string, std::string> by_first_id;
        for (const QueuedMessage& message : read ? listing->messages : std::vector<QueuedMessage>{}) {
            if (message.queue == "maildrop")
                in_maildrop.insert(message.queue_id);
            else if (message.file && !message.file->first_id.empty())
                by_first_id.emplace(message.file->first_id, message.queue_id);
        }
        read_log();
        for (auto& [old_id, new_id] : m_result.moved) {
            if (!new_id.empty())
                continue;
            if (const auto found = by_first_id.find(m_first_ids[old_id]); found != by_first_id.end())
                new_id = found->second;
            else if (in_maildrop.contains(old_id))
                m_result.waiting.push_back(old_id);
            else
                m_result.missing.push_back(old_id);
        }
    }

    const conf::postfix::Instance& m_instance;
    MailLog& m_log;
    RequeueResult m_result;
    std::map<std::string, std::string> m_first_ids;
};

} // namespace

RequeueResult requeue_messages(const conf::postfix::Instance& instance,
                               const std::vector<const QueuedMessage*>& messages, MailLog& log,
                               const QueueProgress& requeuing, const QueueProgress& picking_up) {
    Run run(instance, log);
    run.requeue(messages, requeuing);
    return run.follow(messages, picking_up);
}

std::vector<std::string> requeued_ids(std::string_view text) {
    constexpr std::string_view begin = "postsuper: ";
    constexpr std::string_view mark = ": requeued";
    std::vector<std::string> ids;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (line.starts_with(begin) && line.ends_with(mark) && line.size() > begin.size() + mark.size())
            ids.emplace_back(line.substr(begin.size(), line.size() - begin.size() - mark.size()));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return ids;
}

} // namespace sendconnector::ctl
