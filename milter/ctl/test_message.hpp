// SPDX-License-Identifier: Apache-2.0
// A test message: handed to a Postfix instance by sendmail(1), with a sender that picks one connector.
#pragma once

#include "conf/configuration.hpp"
#include "policy/result.hpp"
#include "policy/send_connector.hpp"

#include <string>

namespace sendconnector::ctl {

struct TestMessage {
    std::string from; // envelope sender; "<>" for the null sender
    std::string to;
    std::string message_id; // with angle brackets, unlike any other
};

// `from` empty: a sender that the connector is for. Fails where Postfix would not send the message through
// this connector: it is not applied, not attached, or another one is for that sender.
Result<TestMessage> test_message(const conf::Configuration& configuration,
                                 const policy::SendConnector& connector, const std::string& from,
                                 const std::string& to);

// The message itself, with LF line ends.
std::string text_of(const TestMessage& message, const std::string& connector);

// Returns when Postfix has taken it. Asks for no notification, whatever becomes of it.
Result<void> submit(const conf::Configuration& configuration, const TestMessage& message,
                    const std::string& text);

} // namespace sendconnector::ctl
