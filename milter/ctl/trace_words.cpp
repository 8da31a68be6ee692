// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/trace_words.hpp"

#include "conf/postfix/split_services.hpp"
#include "milter/mail_log/client_line.hpp"
#include "milter/mail_log/log_line.hpp"
#include "milter/mail_log/pickup_line.hpp"
#include "milter/mail_log/trace_tree.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

using mail_log::Step;
using Kind = Step::Kind;

std::string name_of(std::string_view slug, const std::map<std::string, std::string>& names) {
    const auto found = names.find(std::string(slug));
    return found == names.end() ? std::string(slug) : found->second;
}

// "TLSv1.3" of "Verified TLSv1.3 with cipher ...", and how far it was trusted.
std::string short_tls(const std::string& tls) {
    return tls.substr(0, tls.find(" with cipher"));
}

std::string received(const Step& step) {
    const auto line = mail_log::parse_client_line(step.text);
    if (!line)
        return step.text;
    std::string text = fmt::format("from {} by {}", line->client, step.tag);
    if (!line->login.empty())
        text += fmt::format(", login {}", line->login);
    if (!step.tls.empty())
        text += ", " + step.tls;
    return text;
}

std::string submitted(const Step& step) {
    const auto line = mail_log::parse_pickup_line(step.text);
    if (!line)
        return step.text;
    if (!line->old_id.empty())
        return fmt::format("requeued, was {}", line->old_id);
    return fmt::format("by sendmail(1), user ID {}", line->user_id);
}

std::string decided(const Step& step) {
    const std::string_view said = step.text;
    if (step.kind == Kind::refused) {
        std::string reason = decision_value(said, "reason");
        const std::string reply = decision_value(said, "reply");
        if (reason.empty() && !decision_value(said, "limit").empty())
            reason = fmt::format("{} octets, connector \"{}\" takes {}", decision_value(said, "size"),
                                 decision_value(said, "connector"), decision_value(said, "limit"));
        return fmt::format("{}{}{}", reply, reply.empty() || reason.empty() ? "" : ": ", reason);
    }
    const std::string connector = decision_value(said, "connector");
    const std::string route = decision_value(said, "route");
    std::string text;
    if (!connector.empty())
        text = fmt::format("connector \"{}\"", connector);
    if (!route.empty())
        text += fmt::format("{}{}", text.empty() ? "" : ", ", route);
    if (connector.empty() && route.empty())
        text = "taken; the way of each recipient is found when it is delivered";
    return text + fmt::format(" ({} of {} recipients by connectors)", decision_value(said, "ours"),
                              decision_value(said, "recipients"));
}

std::string delivered(const Step& step, const std::map<std::string, std::string>& names) {
    const mail_log::Delivery& delivery = *step.delivery;
    std::string text = delivery.to;
    if (!delivery.orig_to.empty())
        text += fmt::format(" (was {})", delivery.orig_to);
    if (const std::string name = connector_of(step, names); !name.empty())
        text += fmt::format(" by connector \"{}\"", name);
    if (delivery.relay != "none")
        text += fmt::format(" to {}", delivery.relay);
    if (!step.tls.empty())
        text += fmt::format(", {}", short_tls(step.tls));
    else if (delivery.relay.find(']') != std::string::npos &&
             mail_log::LogLine{.tag = step.tag}.program() == "smtp" && !step.child)
        text += ", no TLS logged";
    return text + fmt::format(": {} {}", delivery.dsn, delivery.reply);
}

} // namespace

std::string decision_value(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::size_t sign = text.find_first_of("= ");
        const bool has_value = sign != std::string_view::npos && text[sign] == '=';
        const std::string_view name = text.substr(0, sign);
        text.remove_prefix(std::min(name.size() + (has_value ? 1 : 0), text.size()));
        const bool quoted = has_value && text.starts_with('"');
        text.remove_prefix(quoted ? 1 : 0);
        const std::string_view value = text.substr(0, text.find(quoted ? '"' : ' '));
        if (has_value && name == key)
            return std::string(value);
        text.remove_prefix(std::min(value.size() + 1, text.size()));
        text.remove_prefix(quoted && text.starts_with(' ') ? 1 : 0);
    }
    return {};
}

std::string connector_of(const Step& step, const std::map<std::string, std::string>& names) {
    if (step.tag == "sendconnectord")
        return decision_value(step.text, "connector");
    if (!step.delivery)
        return {};
    const std::string_view slug = mail_log::connector_slug(step.tag);
    // Other services may have a syslog_name of their own.
    if (slug.empty() || step.tag != fmt::format("postfix/{}/smtp", slug) ||
        slug == conf::postfix::split_service)
        return {};
    return name_of(slug, names);
}

std::string words_of(const Step& step, const std::map<std::string, std::string>& names) {
    switch (step.kind) {
    case Kind::received:
        return received(step);
    case Kind::submitted:
        return submitted(step);
    case Kind::decided:
        return decided(step);
    case Kind::refused:
        return step.tag == "sendconnectord" ? decided(step) : step.text;
    case Kind::routed:
        return fmt::format(
            "to {}",
            step.text.substr(step.text.rfind(": ") == std::string::npos ? 0 : step.text.rfind(": ") + 2));
    case Kind::delivered:
    case Kind::handed_over:
    case Kind::deferred:
    case Kind::bounced:
        return delivered(step, names);
    case Kind::expired:
        return "returned to the sender: it has been in the queue for too long";
    case Kind::notice:
        return step.text.substr(0, step.text.rfind(": "));
    case Kind::removed:
        return mail_log::LogLine{.tag = step.tag}.program() == "postsuper" ? "deleted by postsuper(1)" : "";
    case Kind::message_id:
    case Kind::queued:
    case Kind::other:
        break;
    }
    return fmt::format("{}: {}", step.tag, step.text);
}

std::vector<std::string> reasons_of(const Step& step) {
    std::vector<std::string> reasons;
    if (!step.verdict.empty())
        reasons.push_back(step.verdict);
    if (!step.trouble.empty() &&
        (!step.delivery || step.delivery->reply.find(step.trouble) == std::string::npos))
        reasons.push_back(step.trouble);
    return reasons;
}

} // namespace sendconnector::ctl
