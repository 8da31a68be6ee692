// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/remarks.hpp"

#include "milter/mail_header/duration.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::mail_header {
namespace {

// RFC 5322 3.6: at most one of each.
constexpr std::string_view unique_fields[] = {"from", "sender", "reply-to", "to",
                                              "cc",   "date",   "subject",  "message-id"};

constexpr std::size_t most_skews = 5;
constexpr std::chrono::seconds long_stay = std::chrono::minutes(5);
// Postfix takes a message with more for one that goes round in circles (hopcount_limit).
constexpr std::size_t many_hops = 50;

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string host_of(const Hop& hop, std::size_t number) {
    return hop.received.by.empty() ? fmt::format("hop {}", number)
                                   : fmt::format("hop {}, {}", number, hop.received.by.substr(0, 80));
}

void add_times(const Hops& way, std::vector<Remark>& remarks) {
    std::size_t skews = 0;
    for (std::size_t i = 0; i < way.hops.size(); ++i) {
        const Hop& hop = way.hops[i];
        if (hop.is_skewed() && ++skews <= most_skews)
            remarks.push_back(
                {Weight::doubtful,
                 fmt::format("the clock of {}, is {} behind that of a hop before it: delays around it are "
                             "not what they seem",
                             host_of(hop, i + 1), duration_text(-*hop.delay))});
    }
    if (skews > most_skews)
        remarks.push_back({Weight::doubtful, fmt::format("{} more clocks disagree", skews - most_skews)});
    if (way.without_time > 0)
        remarks.push_back({Weight::doubtful, fmt::format("when {} took the message cannot be told",
                                                         counted(way.without_time, "hop"))});
    if (way.slowest && *way.hops[*way.slowest].delay >= long_stay)
        remarks.push_back(
            {Weight::doubtful, fmt::format("it took {} to {}", duration_text(*way.hops[*way.slowest].delay),
                                           host_of(way.hops[*way.slowest], *way.slowest + 1))});
    if (way.hops.size() > many_hops)
        remarks.push_back(
            {Weight::doubtful, fmt::format("{}: no message goes so far; Postfix returns one that has "
                                           "more than {}, for it goes round in circles",
                                           counted(way.hops.size(), "hop"), many_hops)});
}

void add_structure(const Header& header, std::vector<Remark>& remarks) {
    for (const std::string_view key : unique_fields) {
        const auto count = std::ranges::count(header.fields, key, &Field::key);
        if (count > 1)
            remarks.push_back(
                {Weight::bad, fmt::format("{} stands there {} times, and programs differ in which they show",
                                          header.first(key)->name, count)});
    }
    if (header.stray_lines > 0)
        remarks.push_back(
            {Weight::doubtful,
             fmt::format("{} without a field name and without indentation: taken as the rest of the "
                         "field before",
                         counted(header.stray_lines, "line"))});
    if (header.is_cut)
        remarks.push_back(
            {Weight::doubtful, "the header is longer than what is looked at; its end is missing here"});
}

} // namespace

std::vector<Remark> remarks_on(const Analysis& analysis) {
    std::vector<Remark> remarks;
    if (analysis.way.hops.empty() && !analysis.header.fields.empty())
        remarks.push_back({Weight::neutral,
                           "no Received field: the message has not been sent yet, or these are not "
                           "all of its fields"});
    add_times(analysis.way, remarks);
    add_structure(analysis.header, remarks);
    if (!analysis.authentication.arc.empty() && !analysis.authentication.is_arc_whole)
        remarks.push_back({Weight::doubtful, "the ARC chain has holes: a set is missing or not complete"});
    return remarks;
}

} // namespace sendconnector::mail_header
