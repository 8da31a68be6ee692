// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/trace_tree.hpp"

#include "milter/mail_log/hand_over.hpp"
#include "milter/mail_log/link.hpp"
#include "milter/mail_log/step_kind.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace sendconnector::mail_log {
namespace {

using std::chrono::seconds;

constexpr seconds leeway{2};

Step step_of(KeptLine&& line) {
    Step step;
    step.time = line.time;
    step.tag = std::move(line.tag);
    step.pid = std::move(line.pid);
    step.text = std::move(line.text);
    step.delivery = parse_delivery(step.text);
    step.tls = std::move(line.tls);
    step.trouble = std::move(line.trouble);
    step.verdict = std::move(line.verdict);
    step.kind = kind_of(step);
    return step;
}

bool begins_a_life(const Step& step) {
    return step.kind == Step::Kind::received || step.kind == Step::Kind::submitted;
}

class Builder {
public:
    Builder(std::vector<KeptLine>&& lines, const TraceQuery& query)
        : m_lines(std::move(lines)), m_query(query) {}

    Trace run() {
        put_in_order();
        for (KeptLine& line : m_lines)
            take(std::move(line));
        for (Life& life : m_trace.lives)
            summarize(life);
        tie();
        keep_what_is_asked_for();
        return std::move(m_trace);
    }

private:
    void put_in_order() {
        std::unordered_map<std::string_view, Time> home;
        for (const KeptLine& line : m_lines)
            if (line.time)
                home.try_emplace(line.id, *line.time);
        const auto key = [&](const KeptLine& line) {
            if (line.time)
                return *line.time;
            const auto found = home.find(line.id);
            return found == home.end() ? Time() : found->second;
        };
        std::vector<std::pair<Time, std::size_t>> order;
        order.reserve(m_lines.size());
        for (std::size_t i = 0; i < m_lines.size(); ++i)
            order.emplace_back(key(m_lines[i]), i);
        std::ranges::sort(order);
        std::vector<KeptLine> sorted;
        sorted.reserve(m_lines.size());
        for (const auto& [time, i] : order)
            sorted.push_back(std::move(m_lines[i]));
        m_lines = std::move(sorted);
    }

    void take(KeptLine&& line) {
        if (line.id.empty()) {
            m_trace.refusals.push_back({line.time, std::move(line.tag), std::move(line.text)});
            return;
        }
        std::vector<std::size_t>& lives = m_by_id[line.id];
        const std::string id = line.id;
        Step step = step_of(std::move(line));
        const bool is_new = lives.empty() ||
                            (begins_a_life(step) && has_begun(m_trace.lives[lives.back()])) ||
                            (m_trace.lives[lives.back()].ended &&
                             (step.kind == Step::Kind::message_id || step.kind == Step::Kind::queued));
        if (is_new) {
            lives.push_back(m_trace.lives.size());
            m_trace.lives.emplace_back().id = id;
        }
        Life& life = m_trace.lives[lives.back()];
        life.ended = life.ended || step.kind == Step::Kind::removed;
        life.steps.push_back(std::move(step));
    }

    // The daemon's line may come before smtpd(8)'s where they are of one second.
    static bool has_begun(const Life& life) {
        return std::ranges::any_of(life.steps,
                                   [](const Step& step) { return step.kind != Step::Kind::decided; });
    }

    static void summarize(Life& life) {
        for (const Step& step : life.steps) {
            const std::string_view said = step.text;
            if (step.kind == Step::Kind::message_id && life.message_id.empty())
                life.message_id = said.substr(said.find('=') + 1);
            if (step.kind != Step::Kind::queued)
                continue;
            if (const auto from = leading_address(said, "from=")) {
                life.sender = "<" + std::string(*from) + ">";
                const std::string_view rest = said.substr(from->size() + 7);
                if (rest.starts_with(", size="))
                    life.size = rest.substr(7, rest.find(',', 7) - 7);
            }
        }
    }

    static std::optional<Time> begin_of(const Life& life) {
        for (const Step& step : life.steps)
            if (step.time)
                return step.time;
        return std::nullopt;
    }

    // The life of `id` that had begun at `time`, the latest of them.
    std::optional<std::size_t> life_at(std::string_view id, const std::optional<Time>& time) const {
        const auto found = m_by_id.find(std::string(id));
        if (found == m_by_id.end())
            return std::nullopt;
        for (auto life = found->second.rbegin(); life != found->second.rend(); ++life) {
            const std::optional<Time> begin = begin_of(m_trace.lives[*life]);
            if (!begin || !time || *begin <= *time + leeway)
                return *life;
        }
        return std::nullopt;
    }

    bool comes_of(std::size_t life, std::size_t ancestor) const {
        std::optional<std::size_t> at = life;
        for (std::size_t depth = 0; at && depth <= m_trace.lives.size(); ++depth) {
            if (*at == ancestor)
                return true;
            at = m_trace.lives[*at].parent;
        }
        return false;
    }

    void tie() {
        for (const bool only_origins : {false, true})
            for (std::size_t i = 0; i < m_trace.lives.size(); ++i)
                for (Step& step : m_trace.lives[i].steps)
                    tie(i, step, only_origins);
    }

    void tie(std::size_t i, Step& step, bool only_origins) {
        const LogLine line{.tag = step.tag};
        const std::optional<Link> link = link_of(line, m_trace.lives[i].id, step.text);
        if (!link || (link->kind == Link::Kind::origin) != only_origins)
            return;
        const bool is_parent = link->parent == m_trace.lives[i].id;
        const auto other = life_at(is_parent ? link->child : link->parent, step.time);
        if (!other || *other == i)
            return;
        const std::size_t parent = is_parent ? i : *other;
        const std::size_t child = is_parent ? *other : i;
        // A stranger's queue ID may be one of ours: what had begun long before did not come of this.
        const auto begin = begin_of(m_trace.lives[child]);
        if (link->kind == Link::Kind::handed_over && begin && step.time && step.delivery &&
            *begin + step.delivery->session + seconds(60) < *step.time)
            return;
        if (link->kind == Link::Kind::handed_over &&
            !is_hand_over(m_trace.lives[parent], step, m_trace.lives[child]))
            return;
        if (m_trace.lives[child].parent || comes_of(parent, child))
            return;
        m_trace.lives[child].parent = parent;
        if (is_parent) {
            step.child = child;
            if (step.kind == Step::Kind::delivered)
                step.kind = Step::Kind::handed_over;
        }
    }

    bool is_asked_for(const Life& life) const {
        if (!m_query.id.empty())
            return life.id == m_query.id || m_query.is_message_id(life.message_id);
        if (m_query.from &&
            !(life.sender.size() >= 2 &&
              is_address(std::string_view(life.sender).substr(1, life.sender.size() - 2), *m_query.from)))
            return false;
        return !m_query.from || m_query.is_in_time(begin_of(life));
    }

    bool goes_to(const Life& life) const {
        return !m_query.to || std::ranges::any_of(life.steps, [&](const Step& step) {
            return step.delivery && (is_address(step.delivery->to, *m_query.to) ||
                                     is_address(step.delivery->orig_to, *m_query.to));
        });
    }

    std::size_t root_of(std::size_t life) const {
        for (std::size_t depth = 0; m_trace.lives[life].parent && depth <= m_trace.lives.size(); ++depth)
            life = *m_trace.lives[life].parent;
        return life;
    }

    void keep_what_is_asked_for() {
        std::map<std::size_t, std::pair<bool, bool>> roots; // asked for, goes to whom it should
        for (std::size_t i = 0; i < m_trace.lives.size(); ++i) {
            Life& life = m_trace.lives[i];
            auto& [asked, there] = roots[root_of(i)];
            life.seed = is_asked_for(life);
            asked = asked || life.seed;
            there = there || goes_to(life);
        }
        std::vector<bool> kept(m_trace.lives.size());
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const auto& [asked, there] = roots[root_of(i)];
            kept[i] = asked && there;
        }
        drop_others(kept);
    }

    void drop_others(const std::vector<bool>& kept) {
        std::vector<std::size_t> place(kept.size());
        std::vector<Life> lives;
        for (std::size_t i = 0; i < kept.size(); ++i)
            if (kept[i]) {
                place[i] = lives.size();
                lives.push_back(std::move(m_trace.lives[i]));
            }
        for (std::size_t i = 0; i < lives.size(); ++i) {
            if (lives[i].parent)
                lives[i].parent = place[*lives[i].parent];
            else
                m_trace.roots.push_back(i);
            for (Step& step : lives[i].steps)
                if (step.child)
                    step.child = place[*step.child];
        }
        m_trace.lives = std::move(lives);
    }

    std::vector<KeptLine> m_lines;
    const TraceQuery& m_query;
    Trace m_trace;
    std::unordered_map<std::string, std::vector<std::size_t>> m_by_id;
};

} // namespace

Trace build_trace(std::vector<KeptLine> lines, const TraceQuery& query) {
    return Builder(std::move(lines), query).run();
}

std::string_view connector_slug(std::string_view tag) {
    const std::size_t first = tag.find('/');
    const std::size_t last = tag.rfind('/');
    return first == last ? std::string_view() : tag.substr(first + 1, last - first - 1);
}

std::string fmt_tls(std::string_view trust, std::string_view session) {
    return std::string(trust.substr(0, 64)) + " " + std::string(session.substr(0, 512));
}

} // namespace sendconnector::mail_log
