// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/adapter.hpp"

#include "milter/endpoint/log_text.hpp"
#include "milter/filter/libmilter_signals.hpp"
#include "milter/filter/peer_owner.hpp"
#include "milter/filter/reply_text.hpp"
#include "milter/filter/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <libmilter/mfapi.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace sendconnector::filter {

using endpoint::LogLevel;

namespace {

// libmilter's callbacks get no argument of ours before a connection has one, so one pointer must be global.
// Never destroyed: threads of libmilter outlive main().
std::shared_ptr<AdapterContext>& shared_context() {
    static auto& context = *new std::shared_ptr<AdapterContext>;
    return context;
}

struct Connection {
    Connection(std::shared_ptr<AdapterContext> shared, Shown shown, bool keeps_space)
        : context(std::move(shared)), session(shown), space_kept(keeps_space) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { end_message(); }

    bool begin_message() {
        end_message();
        return in_traffic = context->traffic.begin();
    }
    void end_message() {
        session.reset();
        if (std::exchange(in_traffic, false)) {
            context->traffic.end();
        }
    }

    std::shared_ptr<AdapterContext> context;
    Session session;
    bool space_kept;
    bool in_traffic = false;
};

void log_exception(const char* what) noexcept {
    std::array<char, 256> line{};
    const auto end = fmt::format_to_n(line.data(), line.size(), "filter: internal error: {}", what).out;
    shared_context()->log->write(LogLevel::error, {line.data(), static_cast<std::size_t>(end - line.data())});
}

// Every callback runs in here: an exception spoils the message, it never gets into C.
template <class Handler>
sfsistat guarded(SMFICTX* context, sfsistat when_failed, Handler handler) noexcept {
    auto* connection = static_cast<Connection*>(smfi_getpriv(context));
    if (connection == nullptr) {
        return when_failed;
    }
    try {
        return handler(*connection);
    } catch (const std::exception& error) {
        log_exception(error.what());
    } catch (...) {
        log_exception("unknown exception");
    }
    connection->session.spoil();
    return when_failed;
}

std::optional<std::string_view> macro(SMFICTX* context, std::string name) {
    const char* value = smfi_getsymval(context, name.data());
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
}

void count(FilterCounters& counters, const Response& response) {
    if (response.action == Response::Action::tempfail) {
        ++counters.temporary;
    } else if (response.action == Response::Action::reject) {
        ++(response.code == "552" ? counters.rejected_size : counters.rejected_sender);
    }
}

sfsistat reply(SMFICTX* context, Connection& connection, Response response) {
    count(connection.context->counters, response);
    if (!response.note.empty()) {
        const auto queue_id = macro(context, "i").value_or("NOQUEUE");
        connection.context->log->write(
            LogLevel::info, fmt::format("{}: {}", endpoint::printable(queue_id, 64), response.note));
    }
    if (!response.code.empty()) {
        auto text = reply_text(response.text);
        // Should it fail, Postfix uses a text of its own for the same outcome.
        smfi_setreply(context, response.code.data(), response.dsn.data(), text.data());
    }
    switch (response.action) {
    case Response::Action::proceed:
        return SMFIS_CONTINUE;
    case Response::Action::accept:
        return SMFIS_ACCEPT;
    case Response::Action::reject:
        return SMFIS_REJECT;
    case Response::Action::tempfail:
        break;
    }
    return SMFIS_TEMPFAIL;
}

// Postfix evaluates the macros of every stage, also of those that are not asked for, and an empty list stands
// for its default list, which makes smtpd(8) resolve the sender's address. So each stage gets a list, with
// the one macro that costs nothing.
void choose_macros(SMFICTX* context, Shown shown) {
    for (const int stage : {SMFIM_CONNECT, SMFIM_HELO, SMFIM_DATA, SMFIM_EOH, SMFIM_EOM}) {
        std::string names = "i";
        smfi_setsymlist(context, stage, names.data());
    }
    std::string at_mail =
        shown.place ? "i {daemon_name} {daemon_addr} {daemon_port} {client_addr} {client_port} {auth_authen}"
                    : "i";
    smfi_setsymlist(context, SMFIM_ENVFROM, at_mail.data());
    std::string at_rcpt =
        shown.place ? "i {rcpt_mailer} {rcpt_host} {rcpt_addr}" : "i {rcpt_mailer} {rcpt_host}";
    smfi_setsymlist(context, SMFIM_ENVRCPT, at_rcpt.data());
}

std::string text_of(SMFICTX* context, const char* name) {
    return std::string(macro(context, name).value_or(""));
}

std::uint16_t port_of(const std::string& text) {
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

// Why the other end of a connection to the split listener is not known to be this Postfix; empty when it is.
std::string stranger(SMFICTX* context, const conf::postfix::Facts& facts) {
    const auto owner =
        owner_of_peer(text_of(context, "{client_addr}"), port_of(text_of(context, "{client_port}")),
                      text_of(context, "{daemon_addr}"), port_of(text_of(context, "{daemon_port}")));
    if (!owner) {
        return to_string(owner.error());
    }
    // root may do as it likes with the queue itself.
    return *owner == facts.mail_owner_uid || *owner == 0 ? ""
                                                         : fmt::format("the client is of user {}", *owner);
}

Submission submission_of(SMFICTX* context, const conf::postfix::Facts& facts) {
    Submission submission;
    const auto name = macro(context, "{daemon_name}").value_or("");
    if (name == listener_name) {
        submission.place = Place::listener;
        submission.stranger = stranger(context, facts);
    } else if (name == reinjection_name) {
        submission.place = Place::reinjection;
    } else {
        submission.login = text_of(context, "{auth_authen}");
    }
    return submission;
}

// False: Postfix has refused to.
bool edit(SMFICTX* context, const Connection& connection, std::vector<Edit>& edits) {
    return std::all_of(edits.begin(), edits.end(), [&](Edit& one) {
        if (one.kind == Edit::Kind::remove) {
            return smfi_chgheader(context, one.name.data(), one.index, nullptr) == MI_SUCCESS;
        }
        auto value = (connection.space_kept ? " " : "") + one.value;
        return smfi_insheader(context, 0, one.name.data(), value.data()) == MI_SUCCESS;
    });
}

Means means_of(const Connection& connection) {
    const auto& sources = connection.context->sources;
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    Means means{.now = now,
                .seed = conf::postfix::order_seed(connection.session.sender(),
                                                  static_cast<std::uint64_t>(milliseconds))};
    if (const auto snapshot = connection.session.snapshot(); snapshot && snapshot->splits()) {
        means.seal = sources.seal ? sources.seal() : nullptr;
        means.known_bad = sources.known_bad ? sources.known_bad(snapshot) : conf::postfix::KnownBad();
    }
    return means;
}

bool exchange(SMFICTX* context, const Exchange& wanted) {
    auto from = "<" + wanted.from + ">";
    auto to = "<" + wanted.to + ">";
    auto parameters = wanted.parameters;
    return smfi_delrcpt(context, from.data()) == MI_SUCCESS &&
           (parameters.empty() ? smfi_addrcpt(context, to.data())
                               : smfi_addrcpt_par(context, to.data(), parameters.data())) == MI_SUCCESS;
}

// ESMTP parameters of MAIL and RCPT, as they were given.
std::string joined(char** parameters) {
    std::string text;
    for (; *parameters != nullptr; ++parameters) {
        text += (text.empty() ? "" : " ") + std::string(*parameters);
    }
    return text;
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long,
                      unsigned long, unsigned long* wanted_actions, unsigned long* wanted_steps,
                      unsigned long* unused_2, unsigned long* unused_3) noexcept {
    try {
        const auto& shared = shared_context();
        const auto snapshot = shared->sources.snapshot();
        auto shown = wanted(*snapshot, *shared->sources.facts());
        auto quiet = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN;
        quiet |= shown.headers ? SMFIP_HDR_LEADSPC | SMFIP_NR_HDR : SMFIP_NOHDRS | SMFIP_NOEOH;
        quiet |= shown.octets ? SMFIP_NR_BODY : SMFIP_NOBODY;
        *wanted_steps = static_cast<unsigned long>(quiet) & steps;
        *wanted_actions = actions & SMFIF_SETSYMLIST;
        // What is shown is of no use to who may change nothing.
        const unsigned long edits =
            SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT;
        if (shown.place && (actions & edits) == edits) {
            *wanted_actions |= edits;
        } else {
            shown = {};
        }
        *unused_2 = 0;
        *unused_3 = 0;
        if ((actions & SMFIF_SETSYMLIST) != 0) {
            choose_macros(context, shown);
        }
        auto connection =
            std::make_unique<Connection>(shared, shown, (*wanted_steps & SMFIP_HDR_LEADSPC) != 0);
        const std::unique_ptr<Connection> former(static_cast<Connection*>(smfi_getpriv(context)));
        smfi_setpriv(context, connection.release());
        ++shared->counters.connections;
        return SMFIS_CONTINUE;
    } catch (const std::exception& error) {
        log_exception(error.what());
    } catch (...) {
        log_exception("unknown exception");
    }
    return SMFIS_REJECT; // libmilter closes the connection, and Postfix answers 4xx (default_action)
}

sfsistat on_mail(SMFICTX* context, char** arguments) noexcept {
    return guarded(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
        if (!connection.begin_message()) {
            return reply(
                context, connection,
                {Response::Action::tempfail, "451", "4.3.2", "sendconnector is being stopped, try again"});
        }
        ++connection.context->counters.messages;
        std::vector<std::string_view> parameters;
        for (char** argument = arguments + 1; arguments[0] != nullptr && *argument != nullptr; ++argument) {
            parameters.emplace_back(*argument);
        }
        const std::string_view path = arguments[0] == nullptr ? "" : arguments[0];
        const auto& sources = connection.context->sources;
        const auto facts = sources.facts();
        auto response = connection.session.mail({sources.snapshot(), facts}, path, parameters,
                                                submission_of(context, *facts));
        if (response.action == Response::Action::accept) {
            ++connection.context->counters.left_to_lookup;
            connection.end_message();
        }
        return reply(context, connection, std::move(response));
    });
}

sfsistat on_rcpt(SMFICTX* context, char** arguments) noexcept {
    return guarded(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
        const Recipient recipient{arguments[0] == nullptr ? "" : arguments[0],
                                  macro(context, "{rcpt_mailer}"), macro(context, "{rcpt_host}").value_or(""),
                                  macro(context, "{rcpt_addr}"),
                                  arguments[0] == nullptr ? "" : joined(arguments + 1)};
        return reply(context, connection, connection.session.rcpt(recipient));
    });
}

sfsistat on_header(SMFICTX* context, char* name, char* value) noexcept {
    return guarded(context, SMFIS_NOREPLY, [&](Connection& connection) {
        connection.session.header(name, value, connection.space_kept);
        return SMFIS_NOREPLY;
    });
}

sfsistat on_end_of_headers(SMFICTX* context) noexcept {
    return guarded(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
        auto response = connection.session.end_of_headers();
        if (response.action != Response::Action::proceed) {
            connection.end_message();
        }
        return reply(context, connection, std::move(response));
    });
}

sfsistat on_body(SMFICTX* context, unsigned char*, size_t octets) noexcept {
    return guarded(context, SMFIS_NOREPLY, [&](Connection& connection) {
        connection.session.body(octets);
        return SMFIS_NOREPLY;
    });
}

sfsistat on_end_of_message(SMFICTX* context) noexcept {
    return guarded(context, SMFIS_TEMPFAIL, [&](Connection& connection) {
        auto response = connection.session.end_of_message(means_of(connection));
        if ((response.exchange && !exchange(context, *response.exchange)) ||
            !edit(context, connection, response.edits)) {
            response = {Response::Action::tempfail, "451", "4.3.0", "Internal error, try again",
                        "action=tempfail reason=\"Postfix did not take a change of the header\""};
        }
        if (response.action == Response::Action::proceed && !response.note.empty()) {
            auto& counters = connection.context->counters;
            ++counters.accepted;
            counters.routed += response.edits.empty() ? 0 : 1;
        }
        const auto status = reply(context, connection, std::move(response));
        connection.end_message();
        return status;
    });
}

sfsistat on_abort(SMFICTX* context) noexcept {
    return guarded(context, SMFIS_CONTINUE, [](Connection& connection) {
        connection.end_message();
        return SMFIS_CONTINUE;
    });
}

// The end of every connection, also of those that never spoke the protocol: libmilter says nothing about
// them.
sfsistat on_close(SMFICTX* context) noexcept {
    const std::unique_ptr<Connection> connection(static_cast<Connection*>(smfi_getpriv(context)));
    smfi_setpriv(context, nullptr);
    const auto& shared = shared_context();
    if (!connection && shared->knocks > 0) {
        --shared->knocks;
    } else if (!connection && !shared->traffic.closed()) {
        const std::lock_guard lock(shared->strangers_mutex);
        if (shared->strangers_limit.admit()) {
            shared->log->write(LogLevel::warning,
                               "filter: connection closed: the client never spoke the milter "
                               "protocol (garbage, or a mere connection test)");
        }
    }
    return SMFIS_CONTINUE;
}

} // namespace

Result<void> adapter_listen(const std::string& path, std::shared_ptr<AdapterContext> context) {
    if (shared_context() != nullptr) {
        return fail("libmilter was started before in this process; it starts only once");
    }
    if (!libmilter_leaves_signals_alone()) {
        return fail("libmilter would take the daemon's signals: its sigwait() is not the program's own",
                    "this is a fault of the build; see libmilter_signals.hpp");
    }
    std::string name = "sendconnectord";
    smfiDesc description{};
    description.xxfi_name = name.data();
    description.xxfi_version = SMFI_VERSION;
    description.xxfi_flags =
        SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT;
    description.xxfi_negotiate = on_negotiate;
    description.xxfi_envfrom = on_mail;
    description.xxfi_envrcpt = on_rcpt;
    description.xxfi_header = on_header;
    description.xxfi_eoh = on_end_of_headers;
    description.xxfi_body = on_body;
    description.xxfi_eom = on_end_of_message;
    description.xxfi_abort = on_abort;
    description.xxfi_close = on_close;
    std::string address = "unix:" + path;
    shared_context() = std::move(context);
    if (smfi_register(description) != MI_SUCCESS || smfi_setconn(address.data()) != MI_SUCCESS ||
        smfi_opensocket(false) != MI_SUCCESS) {
        return fail(fmt::format("milter socket {}: libmilter cannot listen on it", endpoint::in_quotes(path)),
                    "the mail log has the reason");
    }
    return {};
}

bool adapter_serve() {
    return smfi_main() == MI_SUCCESS;
}

void adapter_stop() {
    smfi_stop();
}

} // namespace sendconnector::filter
