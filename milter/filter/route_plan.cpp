// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/route_plan.hpp"

#include "milter/endpoint/log_text.hpp"
#include "policy/candidate.hpp"
#include "policy/decide.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::filter {

using endpoint::in_brackets;
using endpoint::in_quotes;
using policy::Outcome;
using policy::UnmatchedTreatment;

namespace {

// Values that the table of milter_header_checks knows (conf/postfix/tables.hpp).
constexpr std::string_view postfix_route = "default";
constexpr std::string_view mx_route = "mx";

Response refuse(std::string code, std::string dsn, std::string text, const MessageView& message,
                std::string_view reason) {
    Response response{Response::Action::reject, std::move(code), std::move(dsn), std::move(text)};
    response.note = fmt::format("action=reject from={} reply=\"{} {}\" reason={}",
                                in_brackets(message.sender), response.code, response.dsn, in_quotes(reason));
    return response;
}

Response put_off(const MessageView& message, std::string text, std::string_view reason) {
    return could_not_tell(
        "4.3.0", std::move(text),
        fmt::format("action=tempfail from={} reason={}", in_brackets(message.sender), in_quotes(reason)));
}

class Planning {
public:
    Planning(const MessageView& message, const Surroundings& around)
        : m_message(message), m_around(around), m_policy(around.snapshot.policy()) {}

    Plan run() {
        for (const auto& target : m_message.targets)
            decide(target);
        // What a client wrote is not who gets it where Postfix has tables of aliases: then the listener
        // decides.
        const bool is_sure = m_message.place == Place::listener || !m_around.facts.maps_recipients();
        if (!m_plan.refusal && m_all_refused && !m_message.has_others && !m_message.has_unknown && is_sure)
            m_plan.refusal = std::move(m_refusal);
        if (m_plan.refusal)
            return std::move(m_plan);
        if (m_message.place == Place::listener)
            return on_listener();
        return on_first_pass();
    }

private:
    // What one target asks for. A route that is empty: none of ours.
    struct Want {
        std::string route;
        const policy::SendConnector* connector = nullptr;
    };

    void decide(const Target& target) {
        const auto decision = policy::decide(m_policy, {.from = m_message.from,
                                                        .recipient_domain = target.domain,
                                                        .route = target.route,
                                                        .size = m_message.size});
        if (target.by_lookup) {
            m_all_refused = false;
            m_has_by_lookup = true;
            // On its own way nobody enforces it, and SMTP knows no way to refuse but one recipient any more.
            if (decision.outcome == Outcome::too_large && is_decided_later())
                m_must_split = true;
            else if (decision.outcome == Outcome::too_large)
                m_plan.refusal = refuse_size(m_message.sender, "", *m_message.size, *decision.connector);
            else if (decision.connector != nullptr)
                by_lookup(*decision.connector);
            return;
        }
        switch (decision.outcome) {
        case Outcome::uncertain:
            m_plan.refusal = refuse_uncertain(decision.missing);
            return;
        case Outcome::too_large:
            return refuse_target(target,
                                 refuse_size(m_message.sender, "", *m_message.size, *decision.connector));
        case Outcome::unmatched:
            return unmatched(target, decision);
        case Outcome::connector:
            break;
        }
        const auto& route = m_around.snapshot.route_of(*decision.connector);
        if (!route.applied)
            return refuse_target(
                target,
                put_off(m_message, "A send connector is not in service yet, try again",
                        fmt::format("connector {} is not applied", in_quotes(decision.connector->name))));
        if (route.relayed && loops(route))
            return refuse_target(target, refuse_loop());
        m_beyond_default = m_beyond_default || target.route != policy::RecipientRoute::by_default;
        want({conf::postfix::transport_of(route, m_around.seed, m_around.known_bad), decision.connector});
    }

    // Behind a content filter at first, where there is one, and on the listener.
    bool is_decided_later() const {
        return m_message.place != Place::listener && m_around.facts.maps_recipients() &&
               !m_around.snapshot.split_transport().empty();
    }

    // Not past the site's own filter.
    bool may_filter() const { return m_message.place != Place::first_pass || m_around.facts.filters.empty(); }

    void by_lookup(const policy::SendConnector& connector) {
        const auto& route = m_around.snapshot.route_of(connector);
        if (route.relayed && loops(route))
            m_plan.refusal = refuse_loop();
        m_plan.connector = &connector;
    }

    Response refuse_loop() const {
        return refuse("554", "5.4.6", "Send connector hands mail in a circle between servers", m_message,
                      "relay loop");
    }

    void unmatched(const Target& target, const policy::Decision& decision) {
        // The site's own way is none of ours; routes say which recipients a connector takes, no more.
        if (target.route != policy::RecipientRoute::by_default)
            return want({});
        switch (policy::unmatched_treatment(m_policy.settings(), decision)) {
        case UnmatchedTreatment::postfix:
            return want({std::string(postfix_route)});
        case UnmatchedTreatment::mx:
            return want({std::string(mx_route)});
        case UnmatchedTreatment::defer:
            // In this queue, not in the client's.
            if (m_message.place != Place::listener) {
                m_all_refused = false;
                m_differ = true;
                return;
            }
            return refuse_target(target, put_off(m_message,
                                                 "No send connector serves this recipient, try again later",
                                                 "unmatched_recipients is \"defer\""));
        case UnmatchedTreatment::reject_sender:
            return refuse_target(target, refuse("550", "5.7.1", "No send connector serves this sender",
                                                m_message, "no connector matches the sender"));
        case UnmatchedTreatment::reject_recipient:
            break;
        }
        refuse_target(target, refuse("550", "5.7.1", "No send connector serves this recipient", m_message,
                                     "no connector matches the recipient"));
    }

    Response refuse_uncertain(policy::SenderIdentity missing) const {
        if (missing == policy::SenderIdentity::header_from)
            return refuse(
                "550", "5.7.1",
                "The From header field must name exactly one author, for the send connector depends on it",
                m_message, "the From header field does not name one author");
        return put_off(m_message, "Cannot tell whose login this message was sent with, try again",
                       "the identity header field is not valid");
    }

    // One server hands to the next, and that one must not hand it on.
    bool loops(const conf::postfix::Route& route) const {
        return std::any_of(m_message.relays.begin(), m_message.relays.end(), [&](const std::string& value) {
            const auto start = value.find_first_not_of(" \t");
            return start != std::string::npos && value.compare(start, route.slug.size(), route.slug) == 0 &&
                   (start + route.slug.size() == value.size() || value[start + route.slug.size()] == ' ');
        });
    }

    void refuse_target(const Target& target, Response refusal) {
        m_differ = true;
        m_beyond_default = m_beyond_default || target.route != policy::RecipientRoute::by_default;
        if (!m_refusal)
            m_refusal = std::move(refusal);
        // One that may be different later keeps the message from being refused for good.
        else if (refusal.action == Response::Action::tempfail)
            m_refusal = std::move(refusal);
    }

    void want(Want wanted) {
        m_all_refused = false;
        if (m_want && m_want->route != wanted.route)
            m_differ = true;
        if (!m_want)
            m_want = std::move(wanted);
    }

    Plan on_listener() {
        // A second recipient was refused: one target at most.
        if (m_want && !m_want->route.empty()) {
            m_plan.route = m_want->route;
            m_plan.connector = m_want->connector;
            m_plan.carries_identity = m_plan.connector != nullptr && m_message.has_login &&
                                      m_policy.uses(policy::SenderIdentity::login);
        }
        return std::move(m_plan);
    }

    // Whether a route would be right for every recipient that Postfix may yet make of these.
    bool is_final() const {
        return !m_message.has_others && !m_message.has_unknown && !m_message.has_rewritten &&
               !m_has_by_lookup && !m_differ && m_around.facts.known && m_around.facts.expansions.empty() &&
               m_around.facts.sender_rewriting.empty();
    }

    bool routes_beyond_default() const {
        return m_around.snapshot.serves(policy::RecipientRoute::relay) ||
               m_around.snapshot.serves(policy::RecipientRoute::transport);
    }

    // The lookup endpoint leads recipients of the default route to the listener by itself. Not so what
    // Postfix would relay elsewhere, or may come to; and the login gets lost on that way.
    bool finds_the_way(bool login_counts) const {
        const auto& facts = m_around.facts;
        const bool may_come = m_message.has_unknown || !facts.expansions.empty() ||
                              (m_message.has_others && !facts.sender_rewriting.empty());
        return !login_counts && !m_must_split && !m_beyond_default && !(may_come && routes_beyond_default());
    }

    // sendmail(1)'s recipients show no route, and those that are local must get what others may not; neither
    // does the milter see whom Postfix adds, what becomes of an alias, and who the sender becomes.
    void limit_unseen() {
        if (!may_exceed_unseen())
            return;
        m_plan.waits_for_size = !m_message.size;
        m_must_split = m_must_split || m_message.size;
    }

    bool may_exceed_unseen() const {
        const auto may_exceed = [&](const policy::SendConnector& connector) {
            return connector.enabled && limits(m_around.facts, connector) &&
                   !(m_message.size && connector.max_message_size.admits(*m_message.size));
        };
        const auto& connectors = m_policy.connectors();
        if (!m_around.facts.sender_rewriting.empty())
            return std::any_of(connectors.begin(), connectors.end(), may_exceed);
        if (!m_message.has_unknown && m_around.facts.expansions.empty())
            return false;
        const auto verdict =
            policy::decide_by_sender(m_policy, m_message.from.envelope, m_around.snapshot.most_octets());
        // Else the lookup endpoint leads to the listener, or to no connector.
        return verdict.alone == policy::SenderAlone::decides && verdict.decision.connector != nullptr &&
               may_exceed(*verdict.decision.connector);
    }

    Plan on_first_pass() {
        limit_unseen();
        const bool login_counts = m_message.has_login && m_policy.uses(policy::SenderIdentity::login);
        if (!may_filter()) {
            m_plan.carries_identity = login_counts;
            return std::move(m_plan);
        }
        if (!m_around.facts.known && !finds_the_way(login_counts)) {
            m_plan.refusal = put_off(m_message, "Settings of this server are being read, try again",
                                     "what main.cf says is not known");
            return std::move(m_plan);
        }
        if (m_want && is_final()) {
            m_plan.route = m_want->route;
            m_plan.connector = m_want->connector;
            m_plan.carries_identity = login_counts && m_plan.connector != nullptr;
            return std::move(m_plan);
        }
        if (finds_the_way(login_counts))
            return std::move(m_plan);
        const auto& split = m_around.snapshot.split_transport();
        if (split.empty()) {
            m_plan.refusal = put_off(m_message, "Send connectors are not in service yet, try again",
                                     "the services that split messages are not applied");
            return std::move(m_plan);
        }
        m_plan.route = split;
        m_plan.connector = nullptr;
        m_plan.carries_identity = login_counts;
        return std::move(m_plan);
    }

    const MessageView& m_message;
    const Surroundings& m_around;
    const policy::Policy& m_policy;
    Plan m_plan;
    std::optional<Want> m_want;
    std::optional<Response> m_refusal;
    bool m_all_refused = true;
    bool m_differ = false;
    bool m_has_by_lookup = false;
    bool m_must_split = false;     // a limit is to be enforced recipient by recipient
    bool m_beyond_default = false; // a connector takes a recipient that Postfix would relay elsewhere
};

} // namespace

Plan make_plan(const MessageView& message, const Surroundings& surroundings) {
    return Planning(message, surroundings).run();
}

bool limits(const conf::postfix::Facts& facts, const policy::SendConnector& connector) {
    return !connector.max_message_size.admits(conf::postfix::most_octets(facts));
}

Response refuse_size(const std::string& sender, const std::string& recipient, std::uint64_t size,
                     const policy::SendConnector& connector) {
    const auto limit = connector.max_message_size.octets();
    Response response{
        Response::Action::reject, "552", "5.3.4",
        fmt::format("Message size exceeds fixed maximum message size: {} octets, at most {}", size, limit)};
    response.note = fmt::format("action=reject from={}{} connector={} size={} limit={} reply=\"552 5.3.4\"",
                                in_brackets(sender), recipient.empty() ? "" : " to=" + in_brackets(recipient),
                                in_quotes(connector.name), size, limit);
    return response;
}

Response could_not_tell(std::string dsn, std::string text, std::string note) {
    return {Response::Action::tempfail, "451", std::move(dsn), std::move(text), std::move(note)};
}

} // namespace sendconnector::filter
