// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/connection.hpp"

#include "milter/endpoint/log_text.hpp"
#include "milter/filter/peer_owner.hpp"
#include "milter/filter/reply_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <span>
#include <utility>

namespace sendconnector::filter {

using endpoint::LogLevel;
using protocol::Command;
using protocol::Reply;
using protocol::Stage;

namespace {

constexpr std::uint32_t edits = protocol::add_headers | protocol::change_headers | protocol::add_recipients |
                                protocol::add_recipients_with_parameters | protocol::delete_recipients;

// What of a session and its messages is of no use with this policy.
std::uint32_t left_out(Shown shown) {
    std::uint32_t steps = protocol::no_connect | protocol::no_helo | protocol::no_data | protocol::no_unknown;
    steps |= shown.headers ? protocol::leading_space | protocol::silent_header
                           : protocol::no_headers | protocol::no_end_of_headers;
    steps |= shown.octets ? protocol::silent_body : protocol::no_body;
    return steps;
}

// Postfix evaluates the macros of every stage, also of those that are not asked for, and an empty list stands
// for its default list, which makes smtpd(8) resolve the sender's address. So each stage gets a list, with
// the one macro that costs nothing.
std::array<MacroList, 7> macros_for(Shown shown) {
    return {{{Stage::connect, "i"},
             {Stage::helo, "i"},
             {Stage::mail,
              shown.place
                  ? "i {daemon_name} {daemon_addr} {daemon_port} {client_addr} {client_port} {auth_authen}"
                  : "i"},
             {Stage::rcpt,
              shown.place ? "i {rcpt_mailer} {rcpt_host} {rcpt_addr}" : "i {rcpt_mailer} {rcpt_host}"},
             {Stage::data, "i"},
             {Stage::end_of_message, "i"},
             {Stage::end_of_headers, "i"}}};
}

std::uint16_t port_of(std::string_view text) {
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

// ESMTP parameters of MAIL and RCPT, as they were given.
std::string joined(std::span<const std::string_view> parameters) {
    std::string text;
    for (const auto parameter : parameters) {
        text += text.empty() ? "" : " ";
        text += parameter;
    }
    return text;
}

void append_edits(const Response& response, bool space_kept, std::string& out) {
    if (const auto& exchange = response.exchange) {
        append_packet(out, Reply::delete_rcpt, "<" + exchange->from + ">");
        const auto to = "<" + exchange->to + ">";
        if (exchange->parameters.empty()) {
            append_packet(out, Reply::add_rcpt, to);
        } else {
            append_packet(out, Reply::add_rcpt_with_parameters, to, exchange->parameters);
        }
    }
    for (const auto& edit : response.edits) {
        if (edit.kind == Edit::Kind::remove) {
            append_indexed(out, Reply::change_header, static_cast<std::uint32_t>(edit.index), edit.name, "");
        } else {
            append_indexed(out, Reply::insert_header, 0, edit.name, (space_kept ? " " : "") + edit.value);
        }
    }
}

} // namespace

Connection::~Connection() {
    end_message();
}

endpoint::Framing::Step Connection::take(std::string_view& input) {
    switch (m_packets.take(input)) {
    case PacketReader::Step::more:
        return Step::more;
    case PacketReader::Step::packet:
        return Step::request;
    case PacketReader::Step::broken:
        break;
    }
    return Step::broken;
}

std::string Connection::problem() const {
    return m_problem.empty() ? m_packets.problem() : m_problem;
}

endpoint::Framing::Handled Connection::handle(std::string& out) {
    m_macros.begin(m_packets.command());
    try {
        return obey(out);
    } catch (const std::exception& error) {
        m_shared->log->write(LogLevel::error, fmt::format("filter: internal error: {}",
                                                          endpoint::printable(error.what(), 200)));
    } catch (...) {
        m_shared->log->write(LogLevel::error, "filter: internal error: unknown exception");
    }
    m_session.spoil();
    switch (m_packets.command()) {
    case Command::negotiate:
        return Handled::last;
    case Command::header:
        silent(m_terms.silent_headers, out);
        break;
    case Command::body:
        silent(m_terms.silent_body, out);
        break;
    case Command::macros:
    case Command::abort:
    case Command::new_connection:
        break;
    default:
        answer({Response::Action::tempfail}, out);
        break;
    }
    return Handled::yes;
}

endpoint::Framing::Handled Connection::obey(std::string& out) {
    const auto data = m_packets.data();
    std::optional<Strings> words;
    switch (m_packets.command()) {
    case Command::mail:
    case Command::rcpt:
    case Command::header:
        words = strings(data);
        if (!words || words->empty()) {
            return broken("a packet without the end of its text");
        }
        break;
    default:
        break;
    }
    switch (m_packets.command()) {
    case Command::negotiate:
        return negotiate(out) ? Handled::yes : broken("an offer that is too short");
    case Command::macros:
        return m_macros.take(data) ? Handled::yes : broken("macros without the end of their text");
    case Command::mail:
        answer(mail(*words), out);
        return Handled::yes;
    case Command::rcpt:
        answer(rcpt(*words), out);
        return Handled::yes;
    case Command::header:
        if (!header(*words)) {
            return broken("a header without a value");
        }
        silent(m_terms.silent_headers, out);
        return Handled::yes;
    case Command::end_of_headers:
        answer(end_of_headers(), out);
        return Handled::yes;
    case Command::body:
        m_session.body(m_packets.body_octets());
        silent(m_terms.silent_body, out);
        return Handled::yes;
    case Command::end_of_message:
        if (!data.empty()) {
            m_session.body(data.size());
        }
        answer(end_of_message(out), out);
        return Handled::yes;
    case Command::abort:
        end_message();
        return Handled::yes;
    case Command::new_connection:
        end_message();
        m_macros = {};
        return Handled::yes;
    case Command::quit:
        return Handled::last;
    case Command::connect:
    case Command::helo:
    case Command::data:
    case Command::unknown:
        silent(false, out); // from an MTA that cannot leave them out
        return Handled::yes;
    }
    return broken("a command that the milter protocol has not");
}

// What the policy of this moment needs is what is asked for, and no more.
bool Connection::negotiate(std::string& out) {
    const auto data = m_packets.data();
    if (data.size() < 12) {
        return false;
    }
    const auto version = number_at(data, 0);
    const auto actions = number_at(data, 4);
    const auto steps = number_at(data, 8);
    auto shown = wanted(*m_shared->sources.snapshot(), *m_shared->sources.facts());
    const auto taken = left_out(shown) & steps;
    auto used = actions & protocol::choose_macros;
    // What is shown is of no use to who may change nothing.
    m_terms.may_edit = shown.place && (actions & edits) == edits;
    if (m_terms.may_edit) {
        used |= edits;
    } else {
        shown = {};
    }
    m_terms.silent_headers = (taken & protocol::silent_header) != 0;
    m_terms.silent_body = (taken & protocol::silent_body) != 0;
    m_terms.space_kept = (taken & protocol::leading_space) != 0;
    end_message();
    m_session = Session(shown);
    const auto macros = macros_for(shown);
    append_negotiation(out, std::min(version, protocol::version), used, taken,
                       (actions & protocol::choose_macros) != 0 ? std::span(macros)
                                                                : std::span<const MacroList>());
    ++m_shared->counters.connections;
    return true;
}

Response Connection::mail(const Strings& words) {
    if (!begin_message()) {
        return {Response::Action::tempfail, "451", "4.3.2", "sendconnector is being stopped, try again"};
    }
    ++m_shared->counters.messages;
    const auto facts = m_shared->sources.facts();
    auto response = m_session.mail({m_shared->sources.snapshot(), facts}, words.front(),
                                   std::span(words).subspan(1), submission(*facts));
    if (response.action == Response::Action::accept) {
        ++m_shared->counters.left_to_lookup;
        end_message();
    }
    return response;
}

Response Connection::rcpt(const Strings& words) {
    return m_session.rcpt({words.front(), m_macros.find("rcpt_mailer"), macro("rcpt_host"),
                           m_macros.find("rcpt_addr"), joined(std::span(words).subspan(1))});
}

bool Connection::header(const Strings& words) {
    if (words.size() != 2) {
        return false;
    }
    m_session.header(words[0], words[1], m_terms.space_kept);
    return true;
}

Response Connection::end_of_headers() {
    auto response = m_session.end_of_headers();
    if (response.action != Response::Action::proceed) {
        end_message();
    }
    return response;
}

Response Connection::end_of_message(std::string& out) {
    auto response = m_session.end_of_message(means());
    if (!m_terms.may_edit && (response.exchange || !response.edits.empty())) {
        response = {Response::Action::tempfail, "451", "4.3.0", "Internal error, try again",
                    "action=tempfail reason=\"Postfix takes no change of the header\""};
    }
    append_edits(response, m_terms.space_kept, out);
    if (response.action == Response::Action::proceed && !response.note.empty()) {
        auto& counters = m_shared->counters;
        ++counters.accepted;
        counters.routed += response.edits.empty() ? 0 : 1;
    }
    end_message();
    return response;
}

void Connection::silent(bool is_silent, std::string& out) {
    if (!is_silent) {
        append_packet(out, Reply::proceed);
    }
}

endpoint::Framing::Handled Connection::broken(std::string why) {
    m_problem = std::move(why);
    return Handled::broken;
}

void Connection::answer(const Response& response, std::string& out) {
    auto& counters = m_shared->counters;
    if (response.action == Response::Action::tempfail) {
        ++counters.temporary;
    } else if (response.action == Response::Action::reject) {
        ++(response.code == "552" ? counters.rejected_size : counters.rejected_sender);
    }
    if (!response.note.empty()) {
        m_shared->log->write(LogLevel::info,
                             fmt::format("{}: {}",
                                         endpoint::printable(m_macros.find("i").value_or("NOQUEUE"), 64),
                                         response.note));
    }
    switch (response.action) {
    case Response::Action::proceed:
        return append_packet(out, Reply::proceed);
    case Response::Action::accept:
        return append_packet(out, Reply::accept);
    case Response::Action::reject:
    case Response::Action::tempfail:
        break;
    }
    if (!response.code.empty()) {
        append_packet(out, Reply::reply_code,
                      fmt::format("{} {} {}", response.code, response.dsn, reply_text(response.text)));
    } else {
        append_packet(out, response.action == Response::Action::reject ? Reply::reject : Reply::tempfail);
    }
}

// Why the other end of a connection to the split listener is not known to be this Postfix; empty when it is.
std::string Connection::stranger(const conf::postfix::Facts& facts) const {
    const auto owner = owner_of_peer(std::string(macro("client_addr")), port_of(macro("client_port")),
                                     std::string(macro("daemon_addr")), port_of(macro("daemon_port")));
    if (!owner) {
        return to_string(owner.error());
    }
    // root may do as it likes with the queue itself.
    return *owner == facts.mail_owner_uid || *owner == 0 ? ""
                                                         : fmt::format("the client is of user {}", *owner);
}

Submission Connection::submission(const conf::postfix::Facts& facts) const {
    Submission submission;
    const auto name = macro("daemon_name");
    if (name == listener_name) {
        submission.place = Place::listener;
        submission.stranger = stranger(facts);
    } else if (name == reinjection_name) {
        submission.place = Place::reinjection;
    } else {
        submission.login = macro("auth_authen");
    }
    return submission;
}

Means Connection::means() const {
    const auto& sources = m_shared->sources;
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    Means means{.now = now,
                .seed =
                    conf::postfix::order_seed(m_session.sender(), static_cast<std::uint64_t>(milliseconds))};
    if (const auto snapshot = m_session.snapshot(); snapshot && snapshot->splits()) {
        means.seal = sources.seal ? sources.seal() : nullptr;
        means.known_bad = sources.known_bad ? sources.known_bad(snapshot) : conf::postfix::KnownBad();
    }
    return means;
}

// False: the filter is being stopped.
bool Connection::begin_message() {
    end_message();
    return m_in_traffic = m_shared->traffic.begin();
}

void Connection::end_message() {
    m_session.reset();
    if (std::exchange(m_in_traffic, false)) {
        m_shared->traffic.end();
    }
}

} // namespace sendconnector::filter
