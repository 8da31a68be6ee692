// SPDX-License-Identifier: Apache-2.0
// Reads the queue of a Postfix instance, through postqueue(1) and postcat(1).
#pragma once

#include "milter/ctl/queued_message.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

// `postqueue -j`. A queue too big to be listed in `patience` is an error.
Result<QueueListing> list_queue(const std::string& config_directory,
                                std::chrono::milliseconds patience = std::chrono::minutes(2));

// Called with how many of how many are done.
using QueueProgress = std::function<void(std::size_t finished, std::size_t all)>;

// Fills in QueuedMessage::file, for which one must be root. Messages that have left the queue meanwhile are
// taken out. Those in maildrop are not read: pickup(8) has yet to make queue files of them. Stops, with what
// it has, when `patience` is over: false.
Result<bool> read_queue_files(const std::string& config_directory, std::vector<QueuedMessage>& messages,
                              const QueueProgress& progress = {},
                              std::chrono::milliseconds patience = std::chrono::minutes(10));

// The one message with this queue ID, its queue file read where that can be. Fails when there is none.
Result<QueuedMessage> find_queued(const std::string& config_directory, const std::string& queue_id);

// The header of a queued message, as it is; unfolded it is not.
Result<std::string> read_queued_header(const std::string& config_directory, const std::string& queue_id);

} // namespace sendconnector::ctl
