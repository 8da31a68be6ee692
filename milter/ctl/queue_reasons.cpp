// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_reasons.hpp"

#include "conf/postfix/answers.hpp"
#include "conf/postfix/split_services.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

// What smtp(8) says of a TLS policy that it cannot get, whatever the policy table said.
constexpr std::string_view no_tls_policy = "TLS configuration problem";

// What the queue manager says when trivial-rewrite(8) got no answer from a table, ours perhaps,
constexpr std::string_view no_transport = "address resolver failure";
// and when master.cf has no such service.
constexpr std::string_view no_such_service = "mail transport unavailable";

bool is_about_tls(const std::string& reason) {
    const std::string folded = policy::fold_case(reason);
    return folded.find("tls") != std::string::npos || folded.find("certificate") != std::string::npos;
}

// The queue manager puts it before the reason of the attempt that made it give up on a destination.
std::string without_suspension(const std::string& reason) {
    constexpr std::string_view suspended = "delivery temporarily suspended: ";
    return reason.starts_with(suspended) ? reason.substr(suspended.size()) : reason;
}

std::vector<std::string> next_hops_of(const QueuedMessage& message, const QueuedMessage::Recipient& recipient,
                                      const conf::postfix::Route& route) {
    if (!route.next_hops.empty()) {
        if (!has_our_filter(message))
            return route.next_hops;
        const FilterTarget target = parse_filter(message.file->filter);
        return target.service == conf::postfix::split_service ? route.next_hops : target.next_hops;
    }
    const std::size_t at = recipient.address.rfind('@');
    return {policy::comparable_domain(at == std::string::npos ? "" : recipient.address.substr(at + 1))};
}

std::string state_text(const VerifiedHop& hop) {
    if (hop.state == "verified")
        return fmt::format("{} was verified {} ago", hop.next_hop, span_text(hop.age_seconds));
    return fmt::format("{} {}{}{}", hop.next_hop, hop.state == "refused" ? "refused" : "not known yet",
                       hop.reason.empty() ? "" : ": ", hop.reason);
}

} // namespace

QueueReasons::QueueReasons(const QueueRouting& routing,
                           tl::expected<std::vector<VerifiedHop>, ControlFailure> hops)
    : m_routing(routing), m_has_daemon(hops.has_value()) {
    if (hops)
        for (VerifiedHop& hop : *hops)
            m_hops[hop.connector].push_back(std::move(hop));
}

std::string QueueReasons::of(const QueuedMessage& message, const QueuedMessage::Recipient& recipient) const {
    const std::string reason = without_suspension(recipient.delay_reason);
    if (reason.empty())
        return reason;
    const QueuedRoute route = m_routing.route(message, recipient.address);
    if (is_about_tls(reason) && route.connector != nullptr)
        if (std::string real = tls_reason(message, recipient, route); !real.empty())
            return real;
    if (reason.find(no_such_service) != std::string::npos && route.connector == nullptr &&
        !route.service.empty())
        return fmt::format("no enabled connector has the service {}", route.service);
    if (message.file && !message.file->filter.empty())
        return reason;
    if (m_routing.class_of(recipient.address) != RecipientClass::by_default)
        return reason;
    if (std::string real = lookup_reason(message); !real.empty())
        return real;
    if (reason.find(no_transport) == std::string::npos)
        return reason;
    return fmt::format("{}: Postfix could not be told the connector; the daemon {}", reason,
                       m_has_daemon ? "answers now" : "does not answer");
}

std::string QueueReasons::tls_reason(const QueuedMessage& message, const QueuedMessage::Recipient& recipient,
                                     const QueuedRoute& queued) const {
    const conf::postfix::Snapshot& snapshot = m_routing.snapshot();
    const conf::postfix::Route& route = snapshot.route_of(*queued.connector);
    const auto held = m_hops.find(queued.connector->name);
    std::vector<std::string> texts;
    bool all_verified = true;
    for (const std::string& next_hop : next_hops_of(message, recipient, route)) {
        const conf::postfix::TlsQuestion question =
            conf::postfix::tls_question(snapshot, route.slug, next_hop);
        if (question.answer) {
            if (question.answer->status == conf::postfix::Answer::Status::temporary)
                texts.push_back(question.answer->text);
            continue;
        }
        if (!m_has_daemon) {
            m_misses_daemon = true;
            continue;
        }
        if (held == m_hops.end())
            continue;
        const auto hop = std::ranges::find(held->second, question.next_hop, &VerifiedHop::next_hop);
        if (hop == held->second.end())
            continue;
        all_verified = all_verified && hop->state == "verified";
        texts.push_back(state_text(*hop));
    }
    const bool had_no_policy = recipient.delay_reason.find(no_tls_policy) != std::string::npos;
    if (texts.empty()) {
        // Where no verdict is needed, the daemon has nothing to wait for.
        if (!had_no_policy || conf::postfix::needs_verification(*route.delivery))
            return {};
        return fmt::format("TLS: Postfix could not be told the policy; the daemon {}",
                           m_has_daemon ? "answers now" : "does not answer");
    }
    // What smtp(8) found by itself after the daemon had nothing against it is the reason.
    if (all_verified && held != m_hops.end() && !had_no_policy)
        return {};
    return fmt::format("TLS: {}", fmt::join(texts, "; "));
}

std::string QueueReasons::lookup_reason(const QueuedMessage& message) const {
    const auto [entry, is_new] = m_lookups.try_emplace(message.sender);
    if (is_new) {
        const conf::postfix::Answer answer =
            conf::postfix::transport_answer(m_routing.snapshot(), message.sender, 0);
        if (answer.status == conf::postfix::Answer::Status::temporary)
            entry->second = answer.text;
    }
    return entry->second;
}

} // namespace sendconnector::ctl
