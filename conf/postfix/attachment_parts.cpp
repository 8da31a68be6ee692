// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attachment_parts.hpp"

#include "conf/postfix/desired.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/main_cf_text.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/postfix/tables.hpp"
#include "conf/postfix/values.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::postfix {
namespace {

// "{ a, b=c }" -> a, b=c; "a" -> a.
std::vector<std::string_view> members(std::string_view element) {
    if (element.size() >= 2 && element.front() == '{' && element.back() == '}') {
        element = element.substr(1, element.size() - 2);
    }
    std::vector<std::string_view> list;
    for (const ListElement& member : list_elements(element)) {
        list.push_back(element.substr(member.offset, member.length));
    }
    return list;
}

bool names_the_same(std::string_view left, std::string_view right) {
    const auto left_members = members(left);
    const auto right_members = members(right);
    return !left_members.empty() && !right_members.empty() && left_members.front() == right_members.front();
}

// `ask(names)` for those that postconf(1) knows; what it may not know is taken from the text.
template <class Ask>
Result<Values> values_by_postconf(const std::vector<AttachmentPart>& parts, std::string_view main_cf,
                                  Ask ask) {
    std::vector<std::string> names;
    Values written;
    for (const AttachmentPart& part : parts) {
        if (part.place == AttachmentPart::Place::only) {
            written[part.parameter] = last_value(main_cf, part.parameter).value_or("");
        } else {
            names.push_back(part.parameter);
        }
    }
    if (names.empty()) {
        return written;
    }
    Result<Values> values = ask(names);
    if (values) {
        values->merge(written);
    }
    return values;
}

} // namespace

Result<std::vector<AttachmentPart>> attachment_parts(const Configuration& configuration,
                                                     const Instance& instance, std::uint64_t most_octets) {
    const std::string& queue_directory = instance.queue_directory();
    const auto lookup =
        relative_to_queue(configuration.daemon.lookup_socket, queue_directory, "lookup_socket");
    const auto milter =
        relative_to_queue(configuration.daemon.milter_socket, queue_directory, "milter_socket");
    const std::string checks = files_directory(configuration) / route_checks_name;
    const auto fit = check_table_path(checks, "the state_directory's");
    if (!lookup || !milter || !fit) {
        return tl::unexpected(!lookup ? lookup.error() : !milter ? milter.error() : fit.error());
    }
    // Last among the milters: what others add or change has then been said. First among the tables: another's
    // answer would keep ours from being asked.
    const std::string filter = fmt::format("{{ unix:{}, default_action=tempfail }}", *milter);
    using Place = AttachmentPart::Place;
    std::vector<AttachmentPart> parts{{"smtpd_milters", filter, Place::last},
                                      {"non_smtpd_milters", filter, Place::last},
                                      {"milter_header_checks", "regexp:" + checks, Place::first},
                                      {"sender_dependent_default_transport_maps",
                                       fmt::format("socketmap:unix:{}:transport", *lookup), Place::first}};
    if (wants_split_services(*configuration.policy, most_octets)) {
        parts.push_back({std::string(split_limit_parameter), "1", Place::only});
    }
    return parts;
}

Result<std::vector<AttachmentPart>> attachment_parts(const Configuration& configuration,
                                                     const Instance& instance) {
    return most_octets(instance).and_then(
        [&](std::uint64_t most) { return attachment_parts(configuration, instance, most); });
}

Presence presence(const AttachmentPart& part, std::string_view value) {
    if (part.place == AttachmentPart::Place::only) {
        return value == part.entry ? Presence::present : Presence::absent;
    }
    const auto elements = list_elements(value);
    Presence found = Presence::absent;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const std::string_view element = value.substr(elements[i].offset, elements[i].length);
        if (members(element) == members(part.entry) &&
            (part.place == AttachmentPart::Place::last || i == 0)) {
            return Presence::present;
        }
        if (names_the_same(element, part.entry)) {
            found = Presence::misplaced;
        }
    }
    return found;
}

std::string without_entry(std::string_view entry, std::string_view value) {
    std::string rest(value);
    for (;;) {
        const auto elements = list_elements(rest);
        std::size_t i = 0;
        while (
            i < elements.size() &&
            !names_the_same(std::string_view(rest).substr(elements[i].offset, elements[i].length), entry)) {
            ++i;
        }
        if (i == elements.size()) {
            return rest;
        }
        // With it goes what separates it from its neighbour.
        if (i > 0) {
            const std::size_t start = elements[i - 1].offset + elements[i - 1].length;
            rest.erase(start, elements[i].offset + elements[i].length - start);
        } else {
            rest.erase(0, elements.size() > 1 ? elements[1].offset : rest.size());
        }
    }
}

std::string without_part(const AttachmentPart& part, std::string_view value) {
    if (part.place != AttachmentPart::Place::only) {
        return without_entry(part.entry, value);
    }
    return value == part.entry ? std::string() : std::string(value);
}

std::string with_entry(const AttachmentPart& part, std::string_view value) {
    if (part.place == AttachmentPart::Place::only) {
        return part.entry;
    }
    const std::string others = without_entry(part.entry, value);
    if (list_elements(others).empty()) {
        return part.entry;
    }
    return part.place == AttachmentPart::Place::first ? fmt::format("{}, {}", part.entry, others)
                                                      : fmt::format("{}, {}", others, part.entry);
}

Result<Values> values_of(const std::vector<AttachmentPart>& parts, const Instance& instance,
                         std::string_view main_cf, const Values& overrides) {
    return values_by_postconf(parts, main_cf, [&](const std::vector<std::string>& names) {
        return instance.parameters(names, overrides);
    });
}

Result<Values> written_values(const std::vector<AttachmentPart>& parts, const Instance& instance,
                              std::string_view main_cf) {
    auto written = values_by_postconf(parts, main_cf, [&](const std::vector<std::string>& names) {
        return instance.main_cf_values(names);
    });
    if (written) {
        for (const AttachmentPart& part : parts) {
            written->try_emplace(part.parameter);
        }
    }
    return written;
}

} // namespace sendconnector::conf::postfix
