// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/tracer.hpp"

#include "milter/mail_log/link.hpp"
#include "milter/mail_log/pickup_line.hpp"
#include "milter/mail_log/queue_id.hpp"
#include "milter/mail_log/refused_envelope.hpp"
#include "milter/mail_log/trace_tree.hpp"

#include <algorithm>
#include <deque>

namespace sendconnector::mail_log {
namespace {

using std::chrono::seconds;

// Short queue IDs are used again, and then tie messages together that have nothing to do with each other.
constexpr std::size_t most_ids = 200'000;
constexpr std::size_t most_lines = 500'000;
constexpr std::size_t most_sessions = 100'000;
constexpr std::size_t most_verdicts = 20'000;
constexpr std::size_t longest_kept = 4096;
// A time stamp without a fraction may be a second behind, a line a little late.
constexpr seconds lateness{2};
// smtp(8) asks the daemon when it starts on a delivery; log_limit leaves out lines that repeat.
constexpr seconds verdict_counts_for{300};

std::string_view said_behind(std::string_view text, std::string_view id) {
    return text.substr(id.size() + 2);
}

std::string kept_text(std::string_view text) {
    return std::string(text.substr(0, longest_kept));
}

bool is_delivery_agent(std::string_view program) {
    return program == "smtp" || program == "lmtp";
}

} // namespace

bool Tracer::is_seed(const LogLine& line, std::string_view id, std::string_view said) const {
    if (!m_query.id.empty()) {
        if (id == m_query.id)
            return true;
        for (const std::string_view mark : {"message-id=", "resent-message-id="})
            if (said.starts_with(mark) && line.program() == "cleanup")
                return m_query.is_message_id(said.substr(mark.size()));
        return false;
    }
    if (m_query.from) {
        if (const auto from = leading_address(said, "from="))
            return is_address(*from, *m_query.from);
        const auto taken = parse_pickup_line(said);
        return taken && is_address(taken->sender, *m_query.from);
    }
    if (!m_query.to || !said.starts_with("to=<"))
        return false;
    const std::optional<Delivery> delivery = parse_delivery(said);
    return delivery && (is_address(delivery->to, *m_query.to) || is_address(delivery->orig_to, *m_query.to));
}

bool Tracer::is_refusal(const LogLine& line) const {
    if (!line.text.starts_with("NOQUEUE: ") || !m_query.id.empty())
        return false;
    const RefusedEnvelope envelope = refused_envelope(line.text);
    const auto is = [](const auto& address, const std::optional<std::string>& wanted) {
        return !wanted || (address && is_address(*address, *wanted));
    };
    return is(envelope.from, m_query.from) && is(envelope.to, m_query.to);
}

void Tracer::survey(std::string_view line, StampReader& stamps) {
    const std::optional<LogLine> parts = parse_log_line(line);
    if (!parts)
        return;
    const std::string_view id = leading_queue_id(parts->text);
    if (id.empty()) {
        m_has_refusals = m_has_refusals || is_refusal(*parts);
        return;
    }
    const std::string_view said = said_behind(parts->text, id);
    if (const std::optional<Link> link = link_of(*parts, id, said))
        m_links.emplace_back(hash_of(link->parent), hash_of(link->child));
    if (!is_seed(*parts, id, said))
        return;
    const bool has_window = m_query.since || m_query.until;
    if (!has_window || m_query.is_in_time(stamps.read(parts->stamp))) {
        const std::uint64_t hash = hash_of(id);
        if (m_seeds.empty() || m_seeds.back() != hash)
            m_seeds.push_back(hash);
    }
}

bool Tracer::follow() {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ways = std::move(m_links);
    const std::size_t there = ways.size();
    ways.reserve(2 * there);
    for (std::size_t i = 0; i < there; ++i)
        ways.emplace_back(ways[i].second, ways[i].first);
    std::ranges::sort(ways);
    std::deque<std::uint64_t> open;
    const auto want = [&](std::uint64_t id) {
        if (m_wanted.size() >= most_ids)
            m_cut = true;
        else if (m_wanted.insert(id).second)
            open.push_back(id);
    };
    for (const std::uint64_t seed : m_seeds)
        want(seed);
    for (; !open.empty(); open.pop_front()) {
        const auto begin = std::ranges::lower_bound(ways, std::pair(open.front(), std::uint64_t{0}));
        for (auto way = begin; way != ways.end() && way->first == open.front(); ++way)
            want(way->second);
    }
    return !m_wanted.empty() || m_has_refusals;
}

Tracer::Session& Tracer::session_of(const LogLine& line) {
    if (m_sessions.size() >= most_sessions)
        m_sessions.clear();
    return m_sessions[hash_of(line.tag) * 31 + hash_of(line.pid)];
}

void Tracer::note_session(const LogLine& line, StampReader& stamps) {
    constexpr std::string_view to = " TLS connection established to ";
    constexpr std::string_view from = " TLS connection established from ";
    const std::string_view program = line.program();
    const bool is_client = is_delivery_agent(program);
    if (!is_client && program != "smtpd")
        return;
    const std::string_view mark = is_client ? to : from;
    if (const std::size_t at = line.text.find(mark); at != std::string_view::npos && at < 20) {
        const std::string_view rest = line.text.substr(at + mark.size());
        const std::size_t colon = rest.find(": ");
        if (colon == std::string_view::npos)
            return;
        Session& session = session_of(line);
        session.peer = kept_text(rest.substr(0, colon));
        session.tls = fmt_tls(line.text.substr(0, at), rest.substr(colon + 2));
        session.tls_since = stamps.read(line.stamp);
        return;
    }
    if (!is_client) {
        if (line.text.starts_with("disconnect from ") || line.text.starts_with("connect from "))
            session_of(line) = {};
        return;
    }
    if (line.text.find("certificate verification failed for ") < 10 ||
        line.text.starts_with("SSL_connect error to ") ||
        line.text.starts_with("warning: TLS library problem") ||
        line.text.starts_with("warning: SASL auth")) {
        Session& session = session_of(line);
        session.trouble = kept_text(line.text);
        session.trouble_since = stamps.read(line.stamp);
    }
}

// lookup: "tls/SLUG NEXT-HOP" answered TEMP: REASON
void Tracer::note_verdict(const LogLine& line, StampReader& stamps) {
    constexpr std::string_view mark = "lookup: \"tls/";
    constexpr std::string_view said = "\" answered TEMP: ";
    constexpr std::string_view warning = "warning: ";
    const std::size_t at = line.text.find(mark);
    const std::size_t end = line.text.find(said);
    const bool is_lookup = at == 0 || (at == warning.size() && line.text.starts_with(warning));
    if (!is_lookup || end == std::string_view::npos)
        return;
    const std::string_view request = line.text.substr(at + mark.size(), end - at - mark.size());
    if (m_verdict_count >= most_verdicts)
        return;
    ++m_verdict_count;
    m_verdicts[std::string(request.substr(0, request.find(' ')))].push_back(
        {stamps.read(line.stamp), kept_text(line.text.substr(end + said.size()))});
}

void Tracer::add_session(const LogLine& line, KeptLine& kept) {
    const std::string_view said = std::string_view(kept.text);
    if (said.starts_with("client=")) {
        const Session& session = session_of(line);
        if (!session.tls.empty() && said.substr(7).starts_with(session.peer))
            kept.tls = session.tls;
        return;
    }
    if (!is_delivery_agent(line.program()) || !said.starts_with("to=<"))
        return;
    const std::optional<Delivery> delivery = parse_delivery(said);
    if (!delivery)
        return;
    const auto is_of_session = [&](const std::optional<Time>& since) {
        return delivery->reused || !since || !kept.time ||
               *since + lateness + delivery->session >= *kept.time;
    };
    Session& session = session_of(line);
    if (!session.tls.empty() && session.peer == delivery->relay && is_of_session(session.tls_since))
        kept.tls = session.tls;
    if (delivery->status != "sent" && !session.trouble.empty() && is_of_session(session.trouble_since))
        kept.trouble = session.trouble;
}

// The last one that the daemon had given when the delivery was put off.
void Tracer::add_verdict(KeptLine& kept) const {
    const auto found = m_verdicts.find(std::string(connector_slug(kept.tag)));
    if (found == m_verdicts.end())
        return;
    const std::optional<Delivery> delivery = parse_delivery(kept.text);
    if (!delivery || delivery->status == "sent" ||
        (delivery->reply.find("TLS") == std::string::npos &&
         delivery->reply.find("ertificate") == std::string::npos))
        return;
    const std::vector<Verdict>& verdicts = found->second;
    auto verdict = verdicts.end();
    if (kept.time)
        verdict =
            std::ranges::upper_bound(verdicts, std::optional(*kept.time + lateness), {}, &Verdict::time);
    if (verdict == verdicts.begin())
        return;
    --verdict;
    if (!verdict->time || !kept.time || *verdict->time + verdict_counts_for >= *kept.time)
        kept.verdict = verdict->text;
}

void Tracer::collect(std::string_view line, StampReader& stamps) {
    const std::optional<LogLine> parts = parse_log_line(line);
    if (!parts)
        return;
    const std::string_view id = leading_queue_id(parts->text);
    const bool keeps = id.empty() ? m_has_refusals && is_refusal(*parts) : m_wanted.contains(hash_of(id));
    if (!keeps) {
        if (id.empty() && parts->tag == "sendconnectord")
            note_verdict(*parts, stamps);
        else if (id.empty())
            note_session(*parts, stamps);
        return;
    }
    const std::optional<Time> time = stamps.read(parts->stamp);
    if (id.empty() && !m_query.is_in_time(time))
        return;
    if (m_kept.size() >= most_lines) {
        m_cut = true;
        return;
    }
    KeptLine kept{time,
                  std::string(id),
                  kept_text(parts->tag),
                  kept_text(parts->pid),
                  kept_text(id.empty() ? parts->text : said_behind(parts->text, id)),
                  {},
                  {},
                  {}};
    add_session(*parts, kept);
    m_kept.push_back(std::move(kept));
}

Trace Tracer::finish() {
    // Those without a time first: they count where there is no other.
    for (auto& [slug, verdicts] : m_verdicts)
        std::ranges::stable_sort(verdicts, {}, &Verdict::time);
    for (KeptLine& kept : m_kept)
        add_verdict(kept);
    Trace trace = build_trace(std::move(m_kept), m_query);
    trace.cut = trace.cut || m_cut;
    return trace;
}

} // namespace sendconnector::mail_log
