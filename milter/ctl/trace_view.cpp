// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/trace_view.hpp"

#include "conf/plain_text.hpp"
#include "milter/ctl/trace_words.hpp"
#include "milter/mail_log/step_kind.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace sendconnector::ctl {
namespace {

using mail_log::Life;
using mail_log::Step;
using mail_log::Trace;
using Kind = Step::Kind;

constexpr std::size_t word_width = 11; // of "handed over"

std::optional<Colour> colour_of(Kind kind) {
    switch (kind) {
    case Kind::delivered:
        return Colour::good;
    case Kind::deferred:
        return Colour::doubtful;
    case Kind::bounced:
    case Kind::expired:
    case Kind::refused:
        return Colour::bad;
    case Kind::handed_over:
    case Kind::removed:
    case Kind::other:
        return Colour::faint;
    default:
        return std::nullopt;
    }
}

bool has_finer_times(const Trace& trace) {
    return std::ranges::any_of(trace.lives, [](const Life& life) {
        return std::ranges::any_of(life.steps, [](const Step& step) {
            return step.time && *step.time != std::chrono::floor<std::chrono::seconds>(*step.time);
        });
    });
}

using Copies = std::vector<std::vector<std::size_t>>;

// By queue file, those that came of it.
Copies copies_of(const Trace& trace) {
    Copies copies(trace.lives.size());
    for (std::size_t i = 0; i < trace.lives.size(); ++i)
        if (trace.lives[i].parent)
            copies[*trace.lives[i].parent].push_back(i);
    return copies;
}

// Else the lookup endpoint has, for the sender, at every attempt.
bool milter_has_chosen(const Life& life) {
    return std::ranges::any_of(life.steps, [](const Step& step) {
        return step.kind == Kind::routed ||
               (step.kind == Kind::decided && !decision_value(step.text, "route").empty());
    });
}

std::string waiting_key(const Life& life, const Step& step) {
    return fmt::format("{} {}", life.id, step.delivery ? step.delivery->to : "");
}

class Text {
public:
    Text(const TraceView& view, const Paint& paint)
        : m_view(view), m_trace(view.trace), m_paint(paint), m_finer(has_finer_times(view.trace)),
          m_copies(copies_of(view.trace)) {}

    std::string run() {
        for (const std::size_t root : m_trace.roots) {
            if (!m_out.empty())
                m_out += "\n";
            life(root, 0);
        }
        if (!m_trace.refusals.empty() && !m_out.empty())
            m_out += "\n";
        for (const mail_log::Refusal& refusal : m_trace.refusals)
            line(0, refusal.time ? mail_log::local_text(*refusal.time, m_finer) : "",
                 m_paint(Colour::bad, "refused"), fmt::format("{}: {}", refusal.tag, refusal.text));
        return std::move(m_out);
    }

private:
    // Recursion goes as deep as a message was handed on; what is deeper stays on one level.
    static constexpr std::size_t deepest = 30;

    void life(std::size_t index, std::size_t depth) {
        const Life& one = m_trace.lives[index];
        std::string head = m_paint(Colour::strong, conf::escaped(one.id));
        if (const auto first =
                std::ranges::find_if(one.steps, [](const Step& step) { return step.time.has_value(); });
            first != one.steps.end())
            head += "  " + mail_log::local_text(*first->time, false).substr(0, depth == 0 ? 19 : 10);
        if (!one.sender.empty())
            head += "  from " + conf::escaped(one.sender);
        if (!one.size.empty())
            head += fmt::format(", {} octets", conf::escaped(one.size));
        if (!one.message_id.empty() && depth == 0)
            head += "  message-id " + conf::escaped(one.message_id);
        m_out += std::string(indent(depth), ' ') + head + "\n";
        bool was_queued = false;
        std::string chosen; // by the lookup endpoint, as far as said
        std::set<std::size_t> named;
        const bool has_decision =
            std::ranges::any_of(one.steps, [](const Step& step) { return step.kind == Kind::decided; });
        for (const Step& step : one.steps) {
            const bool again = step.kind == Kind::queued && was_queued;
            was_queued = was_queued || step.kind == Kind::queued;
            if (step.kind == Kind::message_id || (step.kind == Kind::routed && has_decision) ||
                (step.kind == Kind::queued && !again))
                continue;
            // The milter says nothing of a message that its sender alone decides about.
            const std::string by =
                has_decision || !step.delivery ? std::string() : connector_of(step, m_view.connectors);
            if (!by.empty() && by != chosen && !milter_has_chosen(one)) {
                chosen = by;
                line(depth + 1, "", padded(mail_log::word(Kind::decided)),
                     fmt::format("connector \"{}\", by the sender alone (lookup endpoint)", by));
            }
            this->step(one, step, depth, again);
            if (step.child && named.insert(*step.child).second)
                life(*step.child, std::min(depth + 1, deepest));
        }
        // Those that no step names: requeued ones, and where the line is missing.
        for (const std::size_t copy : m_copies[index])
            if (!named.contains(copy))
                life(copy, std::min(depth + 1, deepest));
    }

    void step(const Life& one, const Step& step, std::size_t depth, bool again) {
        const std::string word(again ? "tried again" : mail_log::word(step.kind));
        const auto colour = colour_of(step.kind);
        line(depth + 1, step.time ? mail_log::local_clock(*step.time, m_finer) : "",
             colour ? m_paint(*colour, padded(word)) : padded(word),
             again ? "" : words_of(step, m_view.connectors));
        std::vector<std::string> reasons = reasons_of(step);
        if (step.kind == Kind::deferred && !m_view.waiting.empty())
            if (const auto found = m_view.waiting.find(waiting_key(one, step));
                found != m_view.waiting.end() && &step == last_attempt(one, step))
                reasons.push_back("now: " + found->second);
        for (const std::string& reason : reasons)
            line(depth + 1, "", std::string(word_width, ' '), "because " + reason);
    }

    static std::string padded(std::string_view word) {
        return std::string(word) + std::string(word_width - std::min(word.size(), word_width), ' ');
    }

    static const Step* last_attempt(const Life& one, const Step& step) {
        const Step* last = nullptr;
        for (const Step& other : one.steps)
            if (other.delivery && other.delivery->to == step.delivery->to)
                last = &other;
        return last;
    }

    void line(std::size_t depth, const std::string& time, const std::string& word, const std::string& text) {
        std::string out = std::string(indent(depth), ' ') + time +
                          std::string(clock_width() - std::min(time.size(), clock_width()), ' ') + "  " +
                          word + (text.empty() ? "" : "  ") + conf::escaped(text);
        out.erase(out.find_last_not_of(' ') + 1);
        m_out += out + "\n";
    }

    std::size_t clock_width() const { return m_finer ? 12 : 8; }
    static std::size_t indent(std::size_t depth) { return depth * 4; }

    const TraceView& m_view;
    const Trace& m_trace;
    const Paint& m_paint;
    bool m_finer;
    Copies m_copies;
    std::string m_out;
};

Json time_or_null(const std::optional<mail_log::Time>& time) {
    return time ? Json(mail_log::utc_text(*time)) : Json();
}

Json json_of(const Step& step, const Life& life, const TraceView& view) {
    Json json = {{"time", time_or_null(step.time)},
                 {"step", mail_log::word(step.kind)},
                 {"service", step.tag},
                 {"process", text_or_null(step.pid)}};
    if (step.delivery) {
        const mail_log::Delivery& delivery = *step.delivery;
        json["to"] = delivery.to;
        json["orig_to"] = text_or_null(delivery.orig_to);
        const std::string connector = connector_of(step, view.connectors);
        json["connector"] = text_or_null(connector);
        json["chosen_by"] = connector.empty() ? Json() : Json(milter_has_chosen(life) ? "milter" : "lookup");
        json["relay"] = delivery.relay;
        json["dsn"] = text_or_null(delivery.dsn);
        json["status"] = text_or_null(delivery.status);
        json["reply"] = delivery.reply;
        json["delay"] = static_cast<double>(delivery.delay.count()) / 1000;
        if (const auto found = view.waiting.find(waiting_key(life, step));
            found != view.waiting.end() && step.kind == Kind::deferred)
            json["waits_now"] = found->second;
    } else if (step.tag == "sendconnectord") {
        for (const char* key : {"action", "connector", "route", "reply", "reason"})
            json[key] = text_or_null(decision_value(step.text, key));
    }
    if (!step.tls.empty())
        json["tls"] = step.tls;
    if (const std::vector<std::string> reasons = reasons_of(step); !reasons.empty())
        json["reasons"] = reasons;
    if (step.child)
        json["became"] = view.trace.lives[*step.child].id;
    json["text"] = step.text;
    return json;
}

Json json_of(const TraceView& view, const Copies& copies, std::size_t index, std::size_t depth) {
    const Life& life = view.trace.lives[index];
    Json json = {{"queue_id", life.id},
                 {"sender", text_or_null(life.sender)},
                 {"message_id", text_or_null(life.message_id)},
                 {"size", text_or_null(life.size)},
                 {"asked_for", life.seed},
                 {"removed", life.ended},
                 {"steps", Json::array()},
                 {"copies", Json::array()}};
    for (const Step& step : life.steps)
        json["steps"].push_back(json_of(step, life, view));
    constexpr std::size_t deepest = 500; // what a chain of queue files may be, and a reader of JSON bear
    if (depth < deepest)
        for (const std::size_t copy : copies[index])
            json["copies"].push_back(json_of(view, copies, copy, depth + 1));
    return json;
}

} // namespace

std::string text_of(const TraceView& view, const Paint& paint) {
    return Text(view, paint).run();
}

Json json_of(const TraceView& view) {
    const Copies copies = copies_of(view.trace);
    Json messages = Json::array();
    for (const std::size_t root : view.trace.roots)
        messages.push_back(json_of(view, copies, root, 0));
    Json refusals = Json::array();
    for (const mail_log::Refusal& refusal : view.trace.refusals)
        refusals.push_back(
            {{"time", time_or_null(refusal.time)}, {"service", refusal.tag}, {"text", refusal.text}});
    return {{"complete", view.is_read_whole && !view.trace.cut},
            {"messages", std::move(messages)},
            {"refusals", std::move(refusals)}};
}

} // namespace sendconnector::ctl
