// SPDX-License-Identifier: Apache-2.0
// Tracer: finds a message's lines in a mail log that is read twice from its beginning: survey() learns which
// queue IDs there are to follow, collect() keeps their lines. Memory is bounded by what is asked for, not by
// the log.
#pragma once

#include "milter/mail_log/log_line.hpp"
#include "milter/mail_log/trace.hpp"
#include "milter/mail_log/trace_query.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sendconnector::mail_log {

// A line that collect() kept.
struct KeptLine {
    std::optional<Time> time;
    std::string id; // empty: a refusal
    std::string tag;
    std::string pid;
    std::string text;
    std::string tls;
    std::string trouble;
    std::string verdict;
};

class Tracer {
public:
    explicit Tracer(TraceQuery query) : m_query(std::move(query)) {}

    // First pass. `stamps` is the file's that the line is of.
    void survey(std::string_view line, StampReader& stamps);
    // Between the passes: false when there is nothing to be found.
    bool follow();
    // Second pass, the same lines.
    void collect(std::string_view line, StampReader& stamps);
    Trace finish();

private:
    // What a process said on the way to its next delivery.
    struct Session {
        std::string peer;
        std::string tls;
        std::optional<Time> tls_since;
        std::string trouble;
        std::optional<Time> trouble_since;
    };
    struct Verdict {
        std::optional<Time> time;
        std::string text;
    };
    bool is_seed(const LogLine& line, std::string_view id, std::string_view said) const;
    bool is_refusal(const LogLine& line) const;
    void note_session(const LogLine& line, StampReader& stamps);
    void note_verdict(const LogLine& line, StampReader& stamps);
    void add_session(const LogLine& line, KeptLine& kept);
    void add_verdict(KeptLine& kept) const;
    Session& session_of(const LogLine& line);

    TraceQuery m_query;
    std::vector<std::uint64_t> m_seeds;
    bool m_has_refusals = false;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> m_links;
    std::unordered_set<std::uint64_t> m_wanted;
    std::unordered_map<std::uint64_t, Session> m_sessions;
    // By connector's slug, as read: the daemon's log may be another file than Postfix'.
    std::unordered_map<std::string, std::vector<Verdict>> m_verdicts;
    std::size_t m_verdict_count = 0;
    std::vector<KeptLine> m_kept;
    bool m_cut = false;
};

} // namespace sendconnector::mail_log
