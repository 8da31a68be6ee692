// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/responder.hpp"

#include "milter/endpoint/log_text.hpp"

#include <boost/asio/dispatch.hpp>
#include <chrono>
#include <fmt/format.h>

namespace sendconnector::lookup {

using conf::postfix::Answer;
using conf::postfix::TlsQuestion;

namespace {

constexpr std::string_view transport_prefix = "transport ";
constexpr std::string_view tls_prefix = "tls/";

Answer could_not_tell(std::string reason) {
    return {Answer::Status::temporary, std::move(reason), nullptr};
}

std::uint64_t unix_milliseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

} // namespace

TlsQuestion answer(const conf::postfix::Snapshot& snapshot, std::string_view request, std::uint64_t now,
                   const conf::postfix::KnownBad& known_bad) {
    const auto answered = [](Answer found) {
        TlsQuestion question;
        question.answer = std::move(found);
        return question;
    };
    const auto space = request.find(' ');
    const auto map = request.substr(0, space);
    if (space == std::string_view::npos) {
        return answered(
            could_not_tell(fmt::format("request {} has no key", endpoint::in_quotes(request, 64))));
    }
    const auto key = request.substr(space + 1);
    if (map == "transport") {
        return answered(
            conf::postfix::transport_answer(snapshot, key, conf::postfix::order_seed(key, now), known_bad));
    }
    if (map.starts_with(tls_prefix)) {
        return conf::postfix::tls_question(snapshot, map.substr(tls_prefix.size()), key);
    }
    return answered(could_not_tell(
        fmt::format("no map {} here; there are transport and tls/SLUG", endpoint::in_quotes(map, 64))));
}

Responder::Responder(boost::asio::io_context& context, SnapshotSource snapshot,
                     std::shared_ptr<endpoint::LogSink> log, starttls::HopVerdicts* verdicts,
                     SnapshotGeneration generation)
    : m_context(context), m_snapshot(std::move(snapshot), generation), m_log(std::move(log)),
      m_verdicts(verdicts) {
    if (m_verdicts != nullptr) {
        m_known_bad = [this](const conf::postfix::Route& route, std::string_view next_hop) {
            return route.verified && m_verdicts->is_known_bad(*m_answering, route, next_hop);
        };
    }
}

std::optional<std::string_view> Responder::known(std::string_view request) {
    m_answering = m_snapshot.current().get();
    std::optional<std::string_view> reply;
    if (request.starts_with(transport_prefix)) {
        reply = conf::postfix::transport_reply(*m_answering, request.substr(transport_prefix.size()),
                                               unix_milliseconds, m_known_bad, m_room, max_reply);
    } else if (const auto space = request.find(' ');
               space != std::string_view::npos && request.starts_with(tls_prefix)) {
        reply = conf::postfix::tls_reply(*m_answering,
                                         request.substr(tls_prefix.size(), space - tls_prefix.size()),
                                         request.substr(space + 1));
    }
    if (reply) {
        ++(reply->starts_with("OK") ? m_counters.ok : m_counters.not_found);
    }
    return reply;
}

void Responder::respond(std::string_view request, Reply reply) {
    const auto snapshot = m_snapshot.current();
    m_answering = snapshot.get();
    const auto question = answer(*snapshot, request, unix_milliseconds(), m_known_bad);
    if (question.answer) {
        return finish(request, *question.answer, reply);
    }
    if (m_verdicts == nullptr) {
        return finish(request, could_not_tell("4.7.5 nobody verifies next-hops here"), reply);
    }
    m_verdicts->ask(snapshot, question,
                    [this, text = std::string(request), reply = std::move(reply)](Answer found) {
                        boost::asio::dispatch(m_context, [this, text, reply, found = std::move(found)] {
                            finish(text, found, reply);
                        });
                    });
}

void Responder::finish(std::string_view request, Answer found, const Reply& reply) {
    auto text = conf::postfix::to_reply(found);
    if (text.size() > max_reply) {
        found =
            could_not_tell(fmt::format("the answer has {} octets; Postfix takes {}", text.size(), max_reply));
        text = conf::postfix::to_reply(found);
    }
    switch (found.status) {
    case Answer::Status::ok:
        ++m_counters.ok;
        break;
    case Answer::Status::not_found:
        ++m_counters.not_found;
        break;
    case Answer::Status::temporary:
        ++m_counters.temporary;
        if (const auto left_out = m_log_limit.admit()) {
            m_log->write(
                endpoint::LogLevel::warning,
                fmt::format("lookup: {} answered TEMP: {}{}", endpoint::in_quotes(request, 320),
                            endpoint::printable(found.text, 512),
                            *left_out == 0 ? "" : fmt::format(" ({} such lines left out)", *left_out)));
        }
        break;
    }
    reply(std::move(text));
}

} // namespace sendconnector::lookup
