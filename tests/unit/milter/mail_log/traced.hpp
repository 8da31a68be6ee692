// SPDX-License-Identifier: Apache-2.0
// Logs that are traced, and what came of it.
#pragma once

#include "milter/mail_log/step_kind.hpp"
#include "milter/mail_log/tracer.hpp"
#include "tests/unit/catch.hpp"

#include <functional>
#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

inline Time reference() {
    return *StampReader(Time()).read("2026-11-24T00:00:00Z");
}

inline Trace trace(const TraceQuery& query, std::initializer_list<const char*> files) {
    Tracer tracer(query);
    const auto feed = [&](void (Tracer::*take)(std::string_view, StampReader&)) {
        for (const char* text : files) {
            StampReader stamps(reference());
            std::istringstream lines(text);
            for (std::string line; std::getline(lines, line);)
                (tracer.*take)(line, stamps);
        }
    };
    feed(&Tracer::survey);
    if (!tracer.follow())
        return {};
    feed(&Tracer::collect);
    return tracer.finish();
}

// "AAAAAA01(AAAAAA02 AAAAAA03(AAAAAA04))", roots apart by blanks.
inline std::string shape(const Trace& trace) {
    const std::function<std::string(std::size_t)> below = [&](std::size_t life) {
        std::string children;
        for (std::size_t i = 0; i < trace.lives.size(); ++i)
            if (trace.lives[i].parent == life)
                children += (children.empty() ? "" : " ") + below(i);
        return trace.lives[life].id + (children.empty() ? "" : "(" + children + ")");
    };
    std::string text;
    for (const std::size_t root : trace.roots)
        text += (text.empty() ? "" : " ") + below(root);
    return text;
}

inline const Life& life_of(const Trace& trace, std::string_view id) {
    for (const Life& life : trace.lives)
        if (life.id == id)
            return life;
    FAIL("no life of " << id);
    return trace.lives.front();
}

inline const Step& step_of(const Life& life, Step::Kind kind) {
    for (const Step& step : life.steps)
        if (step.kind == kind)
            return step;
    FAIL("no step " << word(kind) << " of " << life.id);
    return life.steps.front();
}

} // namespace sendconnector::mail_log
