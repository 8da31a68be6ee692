// SPDX-License-Identifier: Apache-2.0
// `validate --send-to`: a test message, from handing it in to what became of it.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/hop_result.hpp"
#include "milter/ctl/message_fate.hpp"

#include <string>

namespace sendconnector::ctl {

struct MessageTrial {
    TestMessage message;
    MessageFate fate;
    bool other_way = false; // delivered or held by another service than the connector's

    HopResult result() const;
};

// Fails when the message was not handed in.
Result<MessageTrial> try_message(Context& context, const conf::Configuration& configuration,
                                 const policy::SendConnector& connector, std::chrono::seconds patience);

std::string text_of(const MessageTrial& trial, const conf::Configuration& configuration, const Paint& paint);
Json json_of(const MessageTrial& trial);

} // namespace sendconnector::ctl
