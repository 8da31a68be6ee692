// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/explanation.hpp"

#include "conf/postfix/answers.hpp"
#include "conf/postfix/login.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

std::string_view word(policy::Reason reason) {
    switch (reason) {
    case policy::Reason::chosen:
        return "chosen";
    case policy::Reason::chosen_as_default:
        return "chosen_as_default";
    case policy::Reason::disabled:
        return "disabled";
    case policy::Reason::sender_out_of_scope:
        return "sender_out_of_scope";
    case policy::Reason::sender_not_known:
        return "sender_not_known";
    case policy::Reason::route_out_of_scope:
        return "route_out_of_scope";
    case policy::Reason::address_space_out_of_scope:
        return "address_space_out_of_scope";
    case policy::Reason::too_small:
        return "too_small";
    case policy::Reason::less_specific_sender:
        return "less_specific_sender";
    case policy::Reason::less_specific_address_space:
        return "less_specific_address_space";
    case policy::Reason::higher_cost:
        return "higher_cost";
    case policy::Reason::later_name:
        return "later_name";
    }
    return "";
}

void set_unmatched(Explained& explained, policy::UnmatchedTreatment treatment, bool names_sender) {
    const std::string_view setting = names_sender ? "unmatched_recipients" : "unmatched_senders";
    switch (treatment) {
    case policy::UnmatchedTreatment::mx:
        explained.outcome = "mx";
        explained.outcome_text = "leaves by the MX of the recipient's domain: no connector is for it, and "
                                 "unmatched_recipients is \"mx\"";
        return;
    case policy::UnmatchedTreatment::defer:
        explained.outcome = "defer";
        explained.outcome_text = "waits: no connector is for it, and unmatched_recipients is \"defer\"";
        return;
    case policy::UnmatchedTreatment::reject_sender:
    case policy::UnmatchedTreatment::reject_recipient:
        explained.outcome = "reject";
        explained.outcome_text =
            fmt::format("refused with 5.7.1: no connector is for it, and {} is \"reject\"",
                        treatment == policy::UnmatchedTreatment::reject_sender ? "unmatched_senders"
                                                                               : "unmatched_recipients");
        return;
    case policy::UnmatchedTreatment::postfix:
        break;
    }
    explained.outcome = "postfix";
    explained.outcome_text =
        fmt::format("left to Postfix: no connector is for it, and {} is \"postfix\"", setting);
}

void set_outcome(Explained& explained, const policy::Decision& decision,
                 const policy::PolicySettings& settings) {
    switch (decision.outcome) {
    case policy::Outcome::connector:
        explained.outcome = "connector";
        explained.outcome_text = decision.is_default
                                     ? "leaves through the default connector: no connector is for it"
                                     : "leaves through a connector";
        return;
    case policy::Outcome::too_large:
        explained.outcome = "too_large";
        explained.outcome_text =
            decision.connector == nullptr
                ? "refused with 552 5.3.4: too large for every connector that is for it"
                : fmt::format("refused with 552 5.3.4: \"{}\" takes messages up to {}, and no other "
                              "connector is for it",
                              decision.connector->name, decision.connector->max_message_size.text());
        return;
    case policy::Outcome::uncertain:
        explained.outcome = "uncertain";
        explained.outcome_text = fmt::format("it depends on {}", to_string(decision.missing));
        return;
    case policy::Outcome::unmatched:
        break;
    }
    if (explained.question.route != policy::RecipientRoute::by_default) {
        explained.outcome = "postfix";
        explained.outcome_text = "left to Postfix: no connector is for recipients of this route";
        return;
    }
    set_unmatched(explained, policy::unmatched_treatment(settings, decision), decision.names_sender);
}

// As a socketmap server replies, without what a reply without a value ends in.
std::string reply_to(const conf::postfix::Snapshot& snapshot, const std::string& from) {
    // Several smart hosts take turns; any seed is as true as another, and this one makes the answer
    // repeatable.
    constexpr std::uint64_t seed = 0;
    std::string reply = conf::postfix::to_reply(conf::postfix::transport_answer(snapshot, from, seed));
    reply.erase(reply.find_last_not_of(' ') + 1);
    return reply;
}

// As the daemon takes them.
policy::Identities identities_of(const conf::postfix::Snapshot& snapshot, const Question& question) {
    const policy::Policy& policy = snapshot.policy();
    policy::Identities from{policy.parse_sender(question.from)};
    from.header_from = policy.parse_sender(question.header_from.value_or(question.from));
    from.login = conf::postfix::login_sender(policy, snapshot.applied().facts, question.login.value_or(""));
    return from;
}

void set_mechanism(Explained& explained, const conf::postfix::Snapshot& snapshot) {
    const policy::Policy& policy = snapshot.policy();
    if (explained.question.route != policy::RecipientRoute::by_default) {
        if (explained.outcome == "connector") {
            explained.set_by = "milter";
            explained.set_by_text =
                "the milter: Postfix asks no lookup endpoint about recipients of this route";
        }
        return;
    }
    const auto verdict = policy::decide_by_sender(policy, policy.parse_sender(explained.question.from),
                                                  snapshot.most_octets());
    switch (verdict.alone) {
    case policy::SenderAlone::decides:
        if (explained.outcome == "mx") {
            explained.set_by = "milter";
            explained.set_by_text = "the milter: the lookup endpoint cannot name the recipient's MX";
        } else if (explained.outcome == "connector") {
            explained.set_by = "lookup";
            explained.set_by_text = "the lookup endpoint: the envelope sender alone decides";
        }
        return;
    case policy::SenderAlone::depends_on_recipient:
        explained.set_by_text = "the milter: this sender's connector depends on the recipient";
        break;
    case policy::SenderAlone::depends_on_size:
        explained.set_by_text = "the milter: this sender's connector depends on the message's size";
        break;
    case policy::SenderAlone::depends_on_identity:
        explained.set_by_text = "the milter: the connector depends on the header From or the login";
        break;
    }
    explained.set_by = "milter";
}

std::string next_hops_text(const Explained& explained) {
    if (explained.next_hops.empty())
        return "the recipient domain's MX hosts";
    const std::string listed = fmt::format("{}", fmt::join(explained.next_hops, ", "));
    return explained.next_hops.size() == 1
               ? listed
               : listed + " (they take turns; where one fails, the next is tried)";
}

// "[smtp.example]:587: verified 12 s ago; Postfix is told: fingerprint match=..."
std::string now_text(const VerifiedHop& hop) {
    std::string text = fmt::format("{}: {}", hop.next_hop, hop.state);
    if (hop.age_seconds)
        text += fmt::format(" {} ago", span_text(hop.age_seconds));
    if (!hop.reason.empty())
        text += fmt::format(": {}", hop.reason);
    if (!hop.policy.empty())
        text += fmt::format("; Postfix is told: {}", hop.policy);
    return text;
}

Json now_json(const Explained& explained) {
    if (!explained.tls_now)
        return {};
    Json array = Json::array();
    for (const VerifiedHop& hop : *explained.tls_now)
        array.push_back({{"next_hop", hop.next_hop},
                         {"state", hop.state},
                         {"reason", hop.reason},
                         {"policy", hop.policy},
                         {"age_seconds", hop.age_seconds ? Json(*hop.age_seconds) : Json()}});
    return array;
}

} // namespace

Explained explain_message(const conf::postfix::Snapshot& snapshot, const Question& question,
                          bool knows_applied) {
    const policy::Policy& policy = snapshot.policy();
    const policy::Identities from = identities_of(snapshot, question);
    const policy::Query query{.from = from,
                              .recipient_domain = question.recipient_domain,
                              .route = question.route,
                              .size = question.size};
    const policy::Explanation explanation = policy::explain(policy, query);

    Explained explained;
    explained.question = question;
    set_outcome(explained, explanation.decision, policy.settings());
    if (explained.outcome == "connector") {
        explained.connector = explanation.decision.connector;
        explained.is_default = explanation.decision.is_default;
        const conf::postfix::Route& route = snapshot.route_of(*explained.connector);
        explained.service = route.service;
        explained.next_hops = route.next_hops;
        explained.delivery = route.delivery;
        explained.relayed = route.relayed;
        explained.tls_policies = tls_policies(*route.delivery);
    }
    if (knows_applied && question.route == policy::RecipientRoute::by_default)
        explained.transport_answer = reply_to(snapshot, question.from);
    set_mechanism(explained, snapshot);
    for (const policy::Considered& considered : explanation.considered)
        explained.considered.push_back({considered.connector->name, std::string(word(considered.reason)),
                                        policy::describe(considered, explanation.decision, query),
                                        considered.reason == policy::Reason::chosen ||
                                            considered.reason == policy::Reason::chosen_as_default});
    if (explained.connector != nullptr && explanation.decision.sender)
        explained.listed_at = conf::find_listed_sender(snapshot.configuration(), *explained.connector,
                                                       *explanation.decision.sender);
    return explained;
}

SplitView split_of(const conf::postfix::Snapshot& snapshot, const std::vector<Explained>& recipients) {
    const auto& facts = snapshot.applied().facts;
    const auto by_milter = [](const Explained& one) { return one.set_by == "milter"; };
    if (std::ranges::none_of(recipients, by_milter))
        return {false, "no: the lookup endpoint alone decides"};
    if (!facts.filters.empty())
        return {true, fmt::format("yes: {} comes first, and the milter must not lead past it",
                                  facts.filters.front())};
    const auto leaves_alike = [&](const Explained& one) {
        return by_milter(one) && one.outcome == recipients.front().outcome &&
               one.connector == recipients.front().connector && one.leaves();
    };
    if (!std::ranges::all_of(recipients, leaves_alike))
        return {true, "yes: they do not all leave the same way"};
    for (const auto* list : {&facts.expansions, &facts.sender_rewriting})
        if (!list->empty())
            return {true, fmt::format("yes: Postfix may change or add recipients or the sender ({})",
                                      list->front())};
    return {false, "no: the milter sets one route for all of them"};
}

Json json_of(const Explained& explained) {
    const bool chosen = explained.connector != nullptr;
    Json json = {
        {"outcome", explained.outcome},
        {"connector", chosen ? Json(explained.connector->name) : Json()},
        {"is_default", explained.is_default},
        {"relayed", explained.relayed},
        {"service", chosen ? Json(explained.service) : Json()},
        {"next_hops", explained.next_hops},
        {"transport_answer", explained.transport_answer ? Json(*explained.transport_answer) : Json()},
        {"tls", chosen ? tls_policy_json(explained.tls_policies.front().policy) : Json()},
        {"tls_policies", json_of(explained.tls_policies)},
        {"tls_now", now_json(explained)},
        {"from", explained.question.from},
        {"to", explained.question.to},
        {"size", explained.question.size ? Json(*explained.question.size) : Json()},
        {"header_from", explained.question.header_from ? Json(*explained.question.header_from) : Json()},
        {"login", explained.question.login ? Json(*explained.question.login) : Json()},
        {"route", std::string(to_string(explained.question.route))},
        {"listed_at", explained.listed_at
                          ? Json{{"file", explained.listed_at->file}, {"line", explained.listed_at->at.line}}
                          : Json()},
        {"set_by", text_or_null(explained.set_by)},
        {"considered", Json::array()},
    };
    for (const Explained::Candidate& candidate : explained.considered)
        json["considered"].push_back(
            {{"connector", candidate.connector}, {"result", candidate.result}, {"why", candidate.why}});
    return json;
}

std::string text_of(const Explained& explained, const Paint& paint) {
    NamedValues facts = {{"From", explained.question.from}, {"To", explained.question.to}};
    if (explained.question.header_from)
        facts.emplace_back("Header From", *explained.question.header_from);
    if (explained.question.login)
        facts.emplace_back("Login", *explained.question.login);
    if (explained.question.route != policy::RecipientRoute::by_default)
        facts.emplace_back("Route", std::string(to_string(explained.question.route)));
    if (explained.question.size)
        facts.emplace_back("Size", policy::MessageSize::octets(*explained.question.size).text());
    facts.emplace_back("Outcome", explained.outcome_text);
    if (!explained.set_by_text.empty())
        facts.emplace_back("Set by", explained.set_by_text);
    if (explained.connector != nullptr) {
        facts.emplace_back("Connector", explained.connector->name);
        if (explained.listed_at)
            facts.emplace_back("Listed in", fmt::format("{}, line {}", explained.listed_at->file,
                                                        explained.listed_at->at.line));
        facts.emplace_back("Service", explained.service);
        facts.emplace_back("Next-hops", next_hops_text(explained));
        if (explained.relayed)
            facts.emplace_back("Handed on", "those hosts use the connector: it is theirs by "
                                            "source_transport_servers, and not this host's");
    }
    if (explained.question.route == policy::RecipientRoute::by_default)
        facts.emplace_back("Transport", explained.transport_answer
                                            ? *explained.transport_answer
                                            : "unknown: it depends on what is applied");
    if (explained.connector != nullptr) {
        facts.emplace_back("TLS", tls_rule(*explained.delivery));
        for (const std::string& line : texts_of(*explained.delivery, explained.tls_policies))
            facts.emplace_back("TLS policy", line);
        for (const VerifiedHop& hop : explained.tls_now.value_or(std::vector<VerifiedHop>{}))
            facts.emplace_back("TLS now", now_text(hop));
    }
    std::vector<Row> rows;
    for (const Explained::Candidate& candidate : explained.considered)
        rows.push_back({std::to_string(rows.size() + 1), candidate.connector, candidate.why});
    const auto decorate = [&](std::size_t row, const std::string& line) {
        return paint(explained.considered[row].chosen ? Colour::good : Colour::faint, line);
    };
    std::string text = format_list(facts);
    if (!rows.empty())
        text += "\n" + format_table({"Rank", "Connector", "Why"}, rows, decorate);
    return text;
}

} // namespace sendconnector::ctl
