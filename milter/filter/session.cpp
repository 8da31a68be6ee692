// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/session.hpp"

#include "conf/postfix/login.hpp"
#include "milter/endpoint/log_text.hpp"
#include "milter/filter/author.hpp"
#include "milter/filter/left_to_lookup.hpp"
#include "policy/decide.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::filter {

using endpoint::in_brackets;
using endpoint::in_quotes;
using policy::Outcome;
using policy::RecipientRoute;
using policy::SenderIdentity;
using policy::UnmatchedTreatment;

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

std::optional<RecipientRoute> route_of(RecipientKind kind) {
    switch (kind) {
    case RecipientKind::by_lookup:
    case RecipientKind::split:
        return RecipientRoute::by_default;
    case RecipientKind::relay:
        return RecipientRoute::relay;
    case RecipientKind::transport:
        return RecipientRoute::transport;
    case RecipientKind::refused:
    case RecipientKind::elsewhere:
    case RecipientKind::unknown:
        break;
    }
    return std::nullopt;
}

// sc-split bounces for what is worded so, and for no other failure.
void mark_verdict(Place place, Response& response) {
    if (place == Place::listener && response.action == Response::Action::reject) {
        response.text.insert(0, conf::postfix::split_verdict_prefix);
    }
}

} // namespace

LookupView Session::Message::lookup() const {
    if (!answer) {
        answer = conf::postfix::transport_answer(snapshot(), sender, 0);
    }
    const std::string_view text = answer->text;
    if (answer->status != conf::postfix::Answer::Status::ok) {
        return {.is_temporary = answer->status == conf::postfix::Answer::Status::temporary};
    }
    return text.starts_with(refusal_prefix) ? LookupView{text.substr(refusal_prefix.size()), false}
                                            : LookupView{"", true};
}

Response Session::mail(Basis basis, std::string_view path, std::span<const std::string_view> parameters,
                       Submission submission) {
    reset();
    if (submission.place == Place::listener && !submission.stranger.empty()) {
        Response response{Response::Action::reject, "554", std::string(refusal_dsn),
                          "This service takes mail from this server's own Postfix only"};
        response.note =
            fmt::format("action=reject from={} reply=\"554 5.7.1\" reason={}", in_brackets(address_of(path)),
                        in_quotes("split listener: " + submission.stranger, 256));
        return response;
    }
    Message& message = m_message.emplace(Message{});
    message.basis = std::move(basis);
    message.submission = std::move(submission);
    message.sender = address_of(path);
    message.from.envelope = message.policy().parse_sender(message.sender);
    if (message.is_first_pass()) {
        message.from.login =
            conf::postfix::login_sender(message.policy(), *message.basis.facts, message.submission.login);
    }
    // What sc-split announces to the listener has in it what the first pass added.
    if (message.submission.place != Place::listener) {
        message.declared = declared_size(parameters);
    }
    // Without the place, which smtpd(8) it is could matter and not be known.
    const bool place_is_known = m_shown.place || !wanted(message.snapshot(), *message.basis.facts).place;
    if (message.is_first_pass() && place_is_known &&
        is_left_to_lookup(message.snapshot(), *message.basis.facts, message.from.envelope,
                          message.declared)) {
        return {Response::Action::accept};
    }
    return {};
}

Response Session::rcpt(const Recipient& recipient) {
    const std::string to(address_of(recipient.path));
    if (!m_message) {
        return could_not_tell(
            "4.3.0", "Recipient before sender",
            fmt::format("action=tempfail to={} reason=\"RCPT before MAIL\"", in_brackets(to)));
    }
    auto& message = *m_message;
    // sc-split hands over one at a time. Others that came with it would have to share its route.
    if (message.submission.place == Place::listener && message.recipients > 0) {
        return {Response::Action::tempfail, "452", "4.5.3", "One recipient at a time"};
    }
    // What this policy reads there came with a reload.
    if (!m_shown.headers && reads_headers(message.snapshot())) {
        return refuse_unshown(to);
    }
    const auto kind = kind_of(
        recipient, [&] { return message.lookup(); }, *message.basis.facts);
    if (kind == RecipientKind::refused && message.is_sure()) {
        ++message.recipients;
        auto response = refuse_unmatched(to, UnmatchedTreatment::reject_sender);
        mark_verdict(message.submission.place, response);
        return response;
    }
    const auto route = route_of(kind);
    if (!route || (*route != RecipientRoute::by_default && !message.snapshot().serves(*route))) {
        ++message.recipients;
        (kind == RecipientKind::unknown ? message.has_unknown : message.has_others) = true;
        return {};
    }
    if (*route != RecipientRoute::by_default && message.lookup().is_temporary) {
        return could_not_tell("4.3.0", "Cannot tell the way to this recipient yet, try again",
                              fmt::format("action=tempfail from={} to={} reason={}",
                                          in_brackets(message.sender), in_brackets(to),
                                          in_quotes(message.answer->text)));
    }
    const auto address = recipient.address.value_or(to);
    if (policy::fold_case(address) != policy::fold_case(to)) {
        message.has_rewritten = true;
        message.exchange = {to, std::string(address), recipient.parameters};
    }
    auto response = rcpt_of_sender(
        to, {policy::comparable_domain(domain_of(address)), *route, kind == RecipientKind::by_lookup});
    mark_verdict(message.submission.place, response);
    return response;
}

// What can be known at RCPT is said there.
Response Session::rcpt_of_sender(const std::string& to, const Target& target) {
    auto& message = *m_message;
    ++message.recipients;
    const auto decision = policy::decide(message.policy(), {.from = message.from,
                                                            .recipient_domain = target.domain,
                                                            .route = target.route,
                                                            .size = message.declared});
    switch (decision.outcome) {
    case Outcome::too_large:
        if (message.is_sure()) {
            return refuse_size(message.sender, to, *message.declared, *decision.connector);
        }
        break;
    case Outcome::unmatched: {
        if (target.route != RecipientRoute::by_default) {
            message.has_others = true;
            return {};
        }
        const auto treatment = policy::unmatched_treatment(message.policy().settings(), decision);
        const bool rejects = treatment == UnmatchedTreatment::reject_sender ||
                             treatment == UnmatchedTreatment::reject_recipient;
        if (rejects && message.is_sure()) {
            return refuse_unmatched(to, treatment);
        }
        break;
    }
    case Outcome::connector:
        // The limit came with a reload after this connection had said that it need not see the message.
        if (!m_shown.octets && limits(*message.basis.facts, *decision.connector)) {
            return refuse_unshown(to);
        }
        break;
    case Outcome::uncertain:
        break;
    }
    if (!target.by_lookup && !m_shown.place) {
        return refuse_unshown(to);
    }
    ++message.ours;
    message.targets.insert(target);
    return {};
}

void Session::header(std::string_view name, std::string_view value, bool space_kept) {
    if (!m_message) {
        return;
    }
    auto& message = *m_message;
    message.headers.add(name, value);
    // On the listener the first one is what Postfix put there on the first pass: no part of what was sent.
    const bool is_trace = message.header_fields++ == 0 && message.submission.place == Place::listener &&
                          policy::fold_case(name) == "received";
    if (is_trace || policy::fold_case(name.substr(0, our_prefix.size())) == policy::fold_case(our_prefix)) {
        return;
    }
    // "Name:value" CRLF, and a CR for each LF within.
    const auto inner_lines = static_cast<std::uint64_t>(std::count(value.begin(), value.end(), '\n'));
    message.octets += name.size() + 1 + (space_kept ? 0 : 1) + value.size() + inner_lines + 2;
}

Response Session::end_of_headers() {
    if (!m_message || m_spoilt) {
        return {};
    }
    m_message->octets += 2;
    // Nothing is ours, and nothing will be done at its end.
    if (m_message->is_first_pass() && m_message->ours == 0 && m_message->headers.ours().empty()) {
        auto message = view();
        message.size.reset();
        const auto made = plan(message, {});
        if (!made.refusal && made.route.empty() && !made.carries_identity && !made.waits_for_size) {
            reset();
            return {Response::Action::accept};
        }
    }
    return {};
}

void Session::body(std::uint64_t octets) {
    if (m_message) {
        m_message->octets += octets;
    }
}

Response Session::end_of_message(const Means& means) {
    Response response;
    if (!m_message || m_spoilt) {
        response = could_not_tell(
            "4.3.0", "Internal error, try again",
            fmt::format("action=tempfail from={} reason={}",
                        in_brackets(m_message ? m_message->sender : std::string()),
                        in_quotes(m_spoilt ? "internal error" : "end of message before MAIL")));
    } else if (m_message->headers.has_too_many()) {
        response = {
            Response::Action::reject, "554", "5.6.0", "Too many X-Sendconnector header fields",
            fmt::format("action=reject from={} reply=\"554 5.6.0\" reason=\"too many header fields of ours\"",
                        in_brackets(m_message->sender))};
    } else {
        auto message = view();
        const bool has_token = learn_login(message, means);
        learn_author(message);
        auto made = plan(message, means);
        response = made.refusal ? std::move(*made.refusal) : act(made, message, means, has_token);
        mark_verdict(message.place, response);
    }
    reset();
    return response;
}

void Session::reset() {
    m_message.reset();
    m_spoilt = false;
}

MessageView Session::view() const {
    const auto& message = *m_message;
    MessageView view{.place = message.submission.place,
                     .from = message.from,
                     .sender = message.sender,
                     .has_login = !message.submission.login.empty(),
                     .targets = message.targets,
                     .has_others = message.has_others,
                     .has_rewritten = message.has_rewritten,
                     .has_unknown = message.has_unknown,
                     .relays = message.headers.relays()};
    if (m_shown.octets) {
        view.size = message.octets;
    }
    return view;
}

bool Session::learn_login(MessageView& view, const Means& means) const {
    const auto& message = *m_message;
    if (message.is_first_pass() || !message.policy().uses(SenderIdentity::login)) {
        return false;
    }
    const auto& tokens = message.headers.identities();
    if (tokens.empty()) {
        // Postfix made it itself, or it came where nobody logs in.
        view.from.login = policy::Sender::nobody();
        return false;
    }
    view.from.login.reset();
    if (means.seal == nullptr || tokens.size() != 1) {
        return false;
    }
    for (const bool with_sender : {true, false}) {
        const auto opened =
            means.seal->open_token(tokens.front(), binding_of(message, with_sender), means.now);
        if (opened.kind == IdentitySeal::Opened::Kind::valid) {
            view.from.login =
                conf::postfix::login_sender(message.policy(), *message.basis.facts, opened.identity.login);
            view.has_login = true;
            return true;
        }
    }
    return false;
}

void Session::learn_author(MessageView& view) const {
    const auto& message = *m_message;
    if (!message.policy().uses(SenderIdentity::header_from)) {
        view.from.header_from = policy::Sender::nobody();
        return;
    }
    const auto author = author_of(message.headers.from());
    if (author.kind == Author::Kind::one) {
        view.from.header_from = message.policy().parse_sender(author.address);
    }
}

Plan Session::plan(const MessageView& view, const Means& means) const {
    return make_plan(view, {m_message->snapshot(), *m_message->basis.facts, means.seed, means.known_bad});
}

Response Session::act(const Plan& plan, const MessageView& view, const Means& means, bool has_token) const {
    const auto& message = *m_message;
    Response response;
    // From the last to the first, so that the numbers of those that are left stay right.
    for (const auto& [name, count] : message.headers.ours()) {
        const bool stays = has_token && plan.carries_identity && name == policy::fold_case(identity_field);
        for (int index = count; index > 0 && !stays; --index) {
            response.edits.push_back({Edit::Kind::remove, name, "", index});
        }
    }
    if (plan.carries_identity && !has_token) {
        const auto lifetime =
            std::chrono::seconds(message.basis.facts->maximal_queue_lifetime) + std::chrono::hours(24);
        const auto token =
            means.seal == nullptr
                ? Result<std::string>(fail("there is no identity key"))
                : means.seal->seal({message.submission.login},
                                   binding_of(message, message.basis.facts->sender_rewriting.empty()),
                                   means.now + lifetime);
        if (!token) {
            return could_not_tell("4.3.0", "Cannot keep the login of this message, try again",
                                  fmt::format("action=tempfail from={} reason={}",
                                              in_brackets(message.sender), in_quotes(token.error().text)));
        }
        response.edits.push_back({Edit::Kind::insert, std::string(identity_field), *token});
    }
    // With a FILTER nobody takes user%domain@host apart any more.
    if (!plan.route.empty() && message.submission.place == Place::listener && message.has_rewritten) {
        response.exchange = message.exchange;
    }
    if (!plan.route.empty()) {
        // cleanup(8) acts on the insertion; nobody is to see the field.
        response.edits.push_back({Edit::Kind::insert, std::string(route_field), plan.route});
        response.edits.push_back({Edit::Kind::remove, std::string(route_field)});
    }
    if (view.targets.empty() && plan.route.empty()) {
        return response;
    }
    response.note = note(plan);
    if (view.size) {
        response.note += fmt::format(" size={}", *view.size);
    }
    return response;
}

std::string Session::note(const Plan& plan) const {
    const auto& message = *m_message;
    std::string text = fmt::format("action={} from={}", plan.route.empty() ? "accept" : "route",
                                   in_brackets(message.sender));
    if (plan.connector != nullptr) {
        text += fmt::format(" connector={}", in_quotes(plan.connector->name));
    }
    if (!plan.route.empty()) {
        text += fmt::format(" route={}", in_quotes(plan.route, 256));
    }
    return text + fmt::format(" recipients={} ours={}", message.recipients, message.ours);
}

Response Session::refuse_unmatched(const std::string& to, UnmatchedTreatment treatment) const {
    const auto& message = *m_message;
    const bool by_sender = treatment == UnmatchedTreatment::reject_sender;
    Response response{Response::Action::reject, "550", std::string(refusal_dsn),
                      by_sender ? "No send connector serves this sender"
                                : "No send connector serves this recipient"};
    // The same words as the lookup endpoint's, wherever the administrator or the sender meets the refusal.
    const std::string_view refusal = by_sender ? message.lookup().refusal : std::string_view();
    if (refusal.starts_with(refusal_dsn) && refusal.size() > refusal_dsn.size() + 1) {
        response.text = refusal.substr(refusal_dsn.size() + 1);
    }
    response.note =
        fmt::format("action=reject from={} to={} reply=\"550 5.7.1\" reason=\"no connector matches "
                    "the {}\"",
                    in_brackets(message.sender), in_brackets(to), by_sender ? "sender" : "recipient");
    return response;
}

Response Session::refuse_unshown(const std::string& to) const {
    return could_not_tell("4.3.2", "Send connectors have changed during this session, try again",
                          fmt::format("action=tempfail from={} to={} reason=\"the policy is newer than the "
                                      "connection\"",
                                      in_brackets(m_message->sender), in_brackets(to)));
}

Binding Session::binding_of(const Message& message, bool with_sender) {
    const auto& envelope = message.from.envelope;
    return {with_sender ? fmt::format("{}@{}", envelope.local(), envelope.domain()) : "",
            message.headers.message_id(), message.headers.date()};
}

} // namespace sendconnector::filter
