// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/session.hpp"

#include "conf/postfix/answers.hpp"
#include "milter/endpoint/log_text.hpp"
#include "policy/decide.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::filter {

using endpoint::in_brackets;
using endpoint::in_quotes;

namespace {

constexpr std::string_view refusal_prefix = "error:";
constexpr std::string_view refusal_dsn = "5.7.1";

// RFC 1870: SIZE=1*20DIGIT. What is no number says nothing.
std::optional<std::uint64_t> declared_size(std::span<const std::string_view> parameters) {
    for (const auto parameter : parameters) {
        if (policy::fold_case(parameter.substr(0, 5)) != "size=") {
            continue;
        }
        std::uint64_t size = 0;
        const auto* end = parameter.data() + parameter.size();
        const auto [stopped, error] = std::from_chars(parameter.data() + 5, end, size);
        if (error == std::errc::result_out_of_range) {
            return UINT64_MAX;
        }
        if (error == std::errc() && stopped == end) {
            return size;
        }
    }
    return std::nullopt;
}

// What Postfix shows as {rcpt_host} where the lookup endpoint answered that this sender is refused.
std::string refusal_for(const conf::postfix::Snapshot& snapshot, std::string_view sender) {
    if (snapshot.policy().settings().unmatched_senders != policy::UnmatchedSenders::reject) {
        return {};
    }
    const auto answer = conf::postfix::transport_answer(snapshot, sender, 0);
    const bool refused =
        answer.status == conf::postfix::Answer::Status::ok && answer.text.starts_with(refusal_prefix);
    return refused ? answer.text.substr(refusal_prefix.size()) : std::string();
}

// Whether Postfix may accept a message that this connector is too small for.
bool limits(const conf::postfix::Snapshot& snapshot, const policy::SendConnector& connector) {
    const auto postfix_limit = snapshot.applied().facts.message_size_limit; // 0: none
    const auto& size = connector.max_message_size;
    return !size.is_unlimited() && (postfix_limit == 0 || size.octets() < postfix_limit);
}

Response could_not_tell(std::string dsn, std::string text, std::string note) {
    return {Response::Action::tempfail, "451", std::move(dsn), std::move(text), std::move(note)};
}

} // namespace

bool needs_octets(const conf::postfix::Snapshot& snapshot) {
    const auto& connectors = snapshot.policy().connectors();
    return std::any_of(connectors.begin(), connectors.end(), [&](const auto& connector) {
        return connector.enabled && limits(snapshot, connector);
    });
}

Response Session::mail(std::shared_ptr<const Snapshot> snapshot, std::string_view path,
                       std::span<const std::string_view> parameters) {
    reset();
    m_from = address_of(path);
    m_sender = snapshot->policy().parse_sender(m_from);
    m_refusal = refusal_for(*snapshot, m_from);
    m_declared = declared_size(parameters);
    m_snapshot = std::move(snapshot);
    return {};
}

Response Session::rcpt(const Recipient& recipient) {
    const std::string to(address_of(recipient.path));
    if (!m_snapshot) {
        return could_not_tell(
            "4.3.0", "Recipient before sender",
            fmt::format("action=tempfail to={} reason=\"RCPT before MAIL\"", in_brackets(to)));
    }
    ++m_recipients;
    if (!is_ours(recipient, m_refusal)) {
        return {};
    }
    const auto domain = policy::comparable_domain(domain_of(to));
    const auto decision = policy::decide(m_snapshot->policy(), {*m_sender, domain, m_declared});
    switch (decision.outcome) {
    case policy::Outcome::too_large:
        return refuse_size(to, *m_declared, decision.connector->max_message_size.octets(),
                           decision.connector->name);
    case policy::Outcome::unmatched:
        if (m_snapshot->policy().settings().unmatched_senders == policy::UnmatchedSenders::reject) {
            return refuse_sender(to);
        }
        return {};
    case policy::Outcome::connector:
        break;
    }
    // The limit came with a reload after this connection had said that it need not see the message.
    if (!m_counts && limits(*m_snapshot, *decision.connector)) {
        return could_not_tell(
            "4.3.2", "Message size limits have changed during this session, try again",
            fmt::format("action=tempfail from={} to={} connector={} reason=\"limit is newer than "
                        "the connection\"",
                        in_brackets(m_from), in_brackets(to), in_quotes(decision.connector->name)));
    }
    ++m_ours;
    m_domains.insert(domain);
    m_connector = decision.connector->name;
    return {};
}

void Session::header(std::string_view name, std::string_view value, bool space_kept) {
    // "Name:value" CRLF, and a CR for each LF within.
    const auto inner_lines = static_cast<std::uint64_t>(std::count(value.begin(), value.end(), '\n'));
    m_octets += name.size() + 1 + (space_kept ? 0 : 1) + value.size() + inner_lines + 2;
}

Response Session::end_of_headers() {
    m_octets += 2;
    if (m_snapshot && m_ours == 0 && !m_spoilt) {
        reset();
        return {Response::Action::accept};
    }
    return {};
}

void Session::body(std::uint64_t octets) {
    m_octets += octets;
}

Response Session::end_of_message() {
    Response response;
    if (!m_snapshot || m_spoilt) {
        response = could_not_tell(
            "4.3.0", "Internal error, try again",
            fmt::format("action=tempfail from={} reason={}", in_brackets(m_from),
                        in_quotes(m_spoilt ? "internal error" : "end of message before MAIL")));
    } else if (m_ours > 0) {
        for (const auto& domain : m_domains) {
            if (!m_counts) {
                break;
            }
            const auto decision = policy::decide(m_snapshot->policy(), {*m_sender, domain, m_octets});
            if (decision.outcome == policy::Outcome::too_large) {
                response = refuse_size("", m_octets, decision.connector->max_message_size.octets(),
                                       decision.connector->name);
                reset();
                return response;
            }
        }
        response.note = fmt::format("action=accept from={} connector={} recipients={} ours={}",
                                    in_brackets(m_from), in_quotes(m_connector), m_recipients, m_ours);
        if (m_counts) {
            response.note += fmt::format(" size={}", m_octets);
        }
    }
    reset();
    return response;
}

void Session::reset() {
    m_snapshot.reset();
    m_from.clear();
    m_sender.reset();
    m_refusal.clear();
    m_declared.reset();
    m_octets = 0;
    m_recipients = 0;
    m_ours = 0;
    m_domains.clear();
    m_connector.clear();
    m_spoilt = false;
}

Response Session::refuse_sender(const std::string& recipient) const {
    Response response{Response::Action::reject, "550", std::string(refusal_dsn),
                      "No send connector serves this sender"};
    // The same words as the lookup endpoint's, wherever the administrator or the sender meets the refusal.
    const std::string_view refusal = m_refusal;
    if (refusal.starts_with(refusal_dsn) && refusal.size() > refusal_dsn.size() + 1) {
        response.text = refusal.substr(refusal_dsn.size() + 1);
    }
    response.note =
        fmt::format("action=reject from={} to={} reply=\"550 5.7.1\" reason=\"no connector matches the "
                    "sender\"",
                    in_brackets(m_from), in_brackets(recipient));
    return response;
}

// `recipient` is empty at end of message.
Response Session::refuse_size(const std::string& recipient, std::uint64_t size, std::uint64_t limit,
                              const std::string& connector) const {
    Response response{
        Response::Action::reject, "552", "5.3.4",
        fmt::format("Message size exceeds fixed maximum message size: {} octets, at most {}", size, limit)};
    response.note = fmt::format("action=reject from={}{} connector={} size={} limit={} reply=\"552 5.3.4\"",
                                in_brackets(m_from), recipient.empty() ? "" : " to=" + in_brackets(recipient),
                                in_quotes(connector), size, limit);
    return response;
}

} // namespace sendconnector::filter
