// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/test_message.hpp"

#include "conf/postfix/answers.hpp"
#include "conf/postfix/attach.hpp"
#include "conf/postfix/command.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/rand.h>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;
using policy::SenderPattern;

Result<std::string> host_name(const postfix::Instance& instance) {
    return instance.parameters({"myhostname"}).map([](const postfix::Values& values) {
        const auto found = values.find("myhostname");
        return found == values.end() ? std::string("localhost") : found->second;
    });
}

// Of a connector that some of are other connectors', too.
constexpr int most_senders_tried = 1000;

std::string sender_of(policy::SenderKey key, const std::string& host) {
    switch (key.kind) {
    case SenderPattern::Kind::mailbox:
        return std::string(key.text);
    case SenderPattern::Kind::null_sender:
        return "<>";
    case SenderPattern::Kind::domain:
    case SenderPattern::Kind::domain_and_below:
        return fmt::format("postmaster@{}", key.text);
    case SenderPattern::Kind::any:
        break;
    }
    return "postmaster@" + host;
}

Result<void> leads_to(const postfix::Snapshot& snapshot, const policy::SendConnector& connector,
                      const std::string& from) {
    const postfix::Answer answer = postfix::transport_answer(snapshot, from, 0);
    if (answer.connector != nullptr && answer.connector->name != connector.name)
        return fail(fmt::format("mail from {} leaves through connector \"{}\"", from, answer.connector->name),
                    "name a sender of this connector with --from");
    if (answer.status == postfix::Answer::Status::temporary)
        return fail(answer.text);
    if (answer.connector == nullptr)
        return fail(fmt::format("connector \"{}\" is not for mail from {}", connector.name, from),
                    "name one of its senders with --from");
    return {};
}

// Of several patterns the first that picks this connector is as good as any.
Result<std::string> pick_sender(const postfix::Snapshot& snapshot, const policy::SendConnector& connector,
                                const std::string& host) {
    Result<std::string> sender = fail(fmt::format("connector \"{}\" is for no sender", connector.name));
    const policy::Policy& policy = snapshot.policy();
    int left = most_senders_tried;
    policy.senders().any_of([&](const policy::ListedSender& listed) {
        if (listed.connector != policy.index_of(connector))
            return false;
        sender = sender_of(listed.key, host);
        if (const Result<void> leads = leads_to(snapshot, connector, *sender); !leads)
            sender = tl::unexpected<Error>(leads.error());
        return sender.has_value() || --left == 0;
    });
    return sender;
}

std::string random_hex() {
    std::array<unsigned char, 12> octets{};
    RAND_bytes(octets.data(), static_cast<int>(octets.size()));
    std::string text;
    for (const unsigned char octet : octets)
        text += fmt::format("{:02x}", octet);
    return text;
}

Result<void> wants_attachment(const conf::Configuration& configuration, const postfix::Instance& instance) {
    const Result<postfix::Attachment> attachment = postfix::attachment(configuration, instance);
    if (!attachment)
        return tl::unexpected<Error>(attachment.error());
    if (*attachment != postfix::Attachment::attached)
        return fail("Postfix does not ask sendconnector where mail goes", "see sendconnectorctl enable");
    return {};
}

} // namespace

Result<TestMessage> test_message(const conf::Configuration& configuration,
                                 const policy::SendConnector& connector, const std::string& from,
                                 const std::string& to) {
    if (!connector.enabled)
        return fail(fmt::format("connector \"{}\" is disabled: no mail leaves through it", connector.name));
    const Result<postfix::Instance> instance =
        postfix::Instance::open(configuration.postfix.config_directory);
    if (!instance)
        return tl::unexpected<Error>(instance.error());
    if (const Result<void> attached = wants_attachment(configuration, *instance); !attached)
        return tl::unexpected<Error>(attached.error());
    Result<postfix::Applied> applied = postfix::read_applied(configuration.daemon.state_directory);
    if (!applied)
        return tl::unexpected<Error>(applied.error());
    const Result<std::string> host = host_name(*instance);
    if (!host)
        return tl::unexpected<Error>(host.error());
    const postfix::Snapshot snapshot(configuration, std::move(*applied));
    Result<std::string> sender = from.empty() ? pick_sender(snapshot, connector, *host)
                                              : leads_to(snapshot, connector, from).map([&] { return from; });
    if (!sender)
        return tl::unexpected<Error>(sender.error());
    return TestMessage{std::move(*sender), to, fmt::format("<{}.sendconnectorctl@{}>", random_hex(), *host)};
}

std::string text_of(const TestMessage& message, const std::string& connector) {
    // RFC 5322 3.3, and English names in any locale.
    const std::tm now = fmt::gmtime(std::time(nullptr));
    return fmt::format("From: {}\n"
                       "To: <{}>\n"
                       "Subject: Test of a send connector\n"
                       "Date: {:%a, %d %b %Y %H:%M:%S} +0000\n"
                       "Message-ID: {}\n"
                       "Auto-Submitted: auto-generated\n"
                       "MIME-Version: 1.0\n"
                       "Content-Type: text/plain; charset=utf-8\n"
                       "Content-Transfer-Encoding: 8bit\n"
                       "\n"
                       "This message tests the send connector \"{}\".\n"
                       "It was sent by sendconnectorctl validate --send-to.\n",
                       message.from == "<>" ? "<postmaster>" : fmt::format("<{}>", message.from), message.to,
                       now, message.message_id, connector);
}

Result<void> submit(const conf::Configuration& configuration, const TestMessage& message,
                    const std::string& text) {
    const auto result = postfix::run_command({"sendmail", "-C", configuration.postfix.config_directory, "-i",
                                              "-N", "never", "-f", message.from, "--", message.to},
                                             std::chrono::seconds(60), text);
    if (!result)
        return tl::unexpected<Error>(result.error());
    if (result->exit_status != 0)
        return fail(fmt::format("sendmail ended with {}: {}", result->exit_status,
                                result->err.substr(0, result->err.find('\n'))));
    return {};
}

} // namespace sendconnector::ctl
