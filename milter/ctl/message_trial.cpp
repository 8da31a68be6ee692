// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/message_trial.hpp"

#include "conf/plain_text.hpp"
#include "conf/postfix/instance.hpp"
#include "conf/slug.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using Kind = MessageFate::Kind;

// "it left through ..." in words, and where it went.
std::string sentence(const MessageTrial& trial) {
    switch (trial.fate.kind) {
    case Kind::delivered:
        return fmt::format("delivered to {}", trial.fate.relay);
    case Kind::deferred:
        return "waits in the queue, and Postfix goes on trying";
    case Kind::bounced:
        return "refused for good";
    case Kind::left_queue:
        return "left the queue";
    case Kind::unknown:
        break;
    }
    return "not known";
}

Colour colour_of(const MessageTrial& trial) {
    switch (trial.result()) {
    case HopResult::passes:
        return Colour::good;
    case HopResult::fails:
        return Colour::bad;
    case HopResult::unknown:
        break;
    }
    return Colour::doubtful;
}

} // namespace

HopResult MessageTrial::result() const {
    switch (fate.kind) {
    case Kind::delivered:
        return other_way ? HopResult::fails : HopResult::passes;
    case Kind::deferred:
    case Kind::bounced:
        return HopResult::fails;
    case Kind::left_queue:
    case Kind::unknown:
        break;
    }
    return HopResult::unknown;
}

Result<MessageTrial> try_message(Context& context, const conf::Configuration& configuration,
                                 const policy::SendConnector& connector, std::chrono::seconds patience) {
    const Invocation& invocation = context.invocation();
    Result<TestMessage> message =
        test_message(configuration, connector, invocation.value("from"), invocation.value("send-to"));
    if (!message)
        return tl::unexpected<Error>(message.error());
    // Opened first: what is in it already is passed over.
    MailLog log = open_mail_log(configuration);
    if (const Result<void> taken = submit(configuration, *message, text_of(*message, connector.name)); !taken)
        return tl::unexpected<Error>(taken.error());
    const auto since = std::chrono::steady_clock::now();
    MessageTrial trial{std::move(*message), {}, false};
    trial.fate = await_fate(configuration, trial.message, log, patience, [&] {
        const auto waited =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - since);
        context.transient(
            fmt::format("waiting for the test message: {} s of {} s", waited.count(), patience.count()));
    });
    context.transient("");
    const std::string own = fmt::format("postfix/{}/", conf::slug(connector.name));
    trial.other_way = !trial.fate.service.empty() && !trial.fate.service.starts_with(own);
    return trial;
}

std::string text_of(const MessageTrial& trial, const conf::Configuration& configuration, const Paint& paint) {
    const MessageFate& fate = trial.fate;
    std::string text = paint(Colour::strong, "Test message") + "\n";
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            text += fmt::format("  {:<10} : {}\n", name, conf::escaped(value));
    };
    add("From", trial.message.from);
    add("To", trial.message.to);
    add("Message-ID", trial.message.message_id);
    add("Queue ID", fate.queue_id);
    add("Service", fate.service);
    text += fmt::format("  {:<10} : {}\n", "Fate", paint(colour_of(trial), conf::escaped(sentence(trial))));
    add("Said", fate.text);
    if (trial.other_way)
        add("But", "it did not take this connector: Postfix routes this recipient in another way");
    if (fate.kind == Kind::deferred && !fate.queue_id.empty())
        add("To do", fmt::format("sudo postsuper -c {} -d {} takes it out of the queue",
                                 shell_word(configuration.postfix.config_directory), fate.queue_id));
    return text;
}

Json json_of(const MessageTrial& trial) {
    return {{"from", trial.message.from},
            {"to", trial.message.to},
            {"message_id", trial.message.message_id},
            {"result", word(trial.result())},
            {"fate", word(trial.fate.kind)},
            {"queue_id", text_or_null(trial.fate.queue_id)},
            {"service", text_or_null(trial.fate.service)},
            {"relay", text_or_null(trial.fate.relay)},
            {"other_way", trial.other_way},
            {"text", text_or_null(trial.fate.text)}};
}

} // namespace sendconnector::ctl
