// SPDX-License-Identifier: Apache-2.0
#include "conf/repeated_senders.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

void RepeatedSenders::note(const policy::SenderIndex::Repeated& repeated) {
    const bool conflict =
        !repeated.same && m_tables.is_of_tables(repeated.first) && m_tables.is_of_tables(repeated.again);
    if (!repeated.same && !conflict) {
        return;
    }
    Told& told = m_told[m_tables.file_of(repeated.again)];
    std::size_t& count = conflict ? told.errors : told.warnings;
    if (count < most_problems) {
        m_repeats.push_back({repeated.first, repeated.again, repeated.same,
                             policy::to_text(repeated.entry.key), repeated.entry.connector,
                             repeated.first_connector});
    } else if (count == most_problems) {
        told.first_untold[conflict ? 1 : 0] = repeated.again;
    }
    ++count;
}

void RepeatedSenders::report(const policy::Policy& policy, std::vector<Finding>& findings) const {
    const auto name_of = [&](std::uint32_t connector) {
        return in_quotes(policy.connectors()[connector].name);
    };
    for (const Repeat& repeat : m_repeats) {
        const SenderTables::Place first = m_tables.place_of(repeat.first);
        const SenderTables::Place again = m_tables.place_of(repeat.again);
        const std::string sender = in_quotes(repeat.sender);
        Reporter report(findings, again.file, again.connector);
        if (repeat.same) {
            report.warning(again.at,
                           fmt::format("{}{} is listed twice for connector {}, first at {}",
                                       again.is_in_file ? "" : "senders: ", sender, name_of(repeat.connector),
                                       first.text()),
                           "remove one of the two");
        } else {
            report.error(
                again.at,
                fmt::format("{} is for connector {} here, and for {} at {}", sender,
                            name_of(repeat.connector), name_of(repeat.first_connector), first.text()),
                "keep one of the two; where both are meant, list the sender in senders or senders_file "
                "of each connector");
        }
    }
    for (const Told& told : m_told) {
        for (const bool error : {true, false}) {
            const std::size_t count = error ? told.errors : told.warnings;
            if (count <= most_problems) {
                continue;
            }
            const SenderTables::Place place = m_tables.place_of(told.first_untold[error ? 1 : 0]);
            Reporter report(findings, place.file, place.connector);
            std::string text = fmt::format("and {} more {} like these", count - most_problems,
                                           place.is_in_file ? "lines" : "entries");
            if (error) {
                report.error(place.at, std::move(text), "correct those above first");
            } else {
                report.warning(place.at, std::move(text), "remove what is listed twice");
            }
        }
    }
}

} // namespace sendconnector::conf
