// SPDX-License-Identifier: Apache-2.0
// X-Forefront-Antispam-Report and X-Microsoft-Antispam.
#include "milter/mail_header/field_decoders.hpp"
#include "milter/mail_header/tag_list.hpp"

#include <algorithm>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t most_details = 50;

struct Meaning {
    std::string_view value;
    std::string_view meaning;
    Weight weight;
};

constexpr Meaning categories[] = {
    {"NONE", "nothing objectionable was found", Weight::good},
    {"AMP", "malware", Weight::bad},
    {"BIMP", "a brand is impersonated", Weight::bad},
    {"BULK", "bulk mail", Weight::doubtful},
    {"DIMP", "a domain is impersonated", Weight::bad},
    {"FTBP", "an attachment of a type that is blocked", Weight::bad},
    {"GIMP", "a correspondent is impersonated, by mailbox intelligence", Weight::bad},
    {"HPHSH", "phishing, with high confidence", Weight::bad},
    {"HPHISH", "phishing, with high confidence", Weight::bad},
    {"HSPM", "spam, with high confidence", Weight::bad},
    {"INTOS", "phishing from inside the organization", Weight::bad},
    {"MALW", "malware", Weight::bad},
    {"OSPM", "spam on its way out", Weight::bad},
    {"PHSH", "phishing", Weight::bad},
    {"SAP", "found by Safe Attachments", Weight::bad},
    {"SPM", "spam", Weight::bad},
    {"SPOOF", "the sender is forged", Weight::bad},
    {"UIMP", "a user is impersonated", Weight::bad},
};

constexpr Meaning verdicts[] = {
    {"NSPM", "not spam, says the filter", Weight::good},
    {"SPM", "spam, says the filter", Weight::bad},
    {"BLK", "blocked: the recipient has blocked this sender", Weight::bad},
    {"SFE", "not filtered: the recipient trusts this sender", Weight::good},
    {"SKA", "not filtered: a policy allows this sender or domain", Weight::good},
    {"SKB", "spam: a policy blocks this sender or domain", Weight::bad},
    {"SKI", "from inside the organization", Weight::neutral},
    {"SKN", "marked as no spam before the filter saw it, as by a mail flow rule", Weight::good},
    {"SKQ", "released from quarantine", Weight::neutral},
    {"SKS", "marked as spam before the filter saw it, as by a mail flow rule", Weight::bad},
};

constexpr Meaning address_verdicts[] = {
    {"CAL", "not filtered: the address is on the allow list", Weight::good},
    {"NLI", "the address is on no reputation list", Weight::neutral},
    {"CBL", "the address is on the block list", Weight::bad},
};

constexpr Meaning directions[] = {
    {"INB", "into the organization", Weight::neutral},
    {"OUT", "out of the organization", Weight::neutral},
    {"INT", "within the organization", Weight::neutral},
};

constexpr Meaning safety_tips[] = {
    {"9.11", "forged within the organization", Weight::bad},
    {"9.19", "a domain is impersonated", Weight::bad},
    {"9.20", "a user is impersonated", Weight::bad},
    {"9.21", "forged from another domain", Weight::bad},
    {"9.22", "forged from another domain", Weight::bad},
    {"9.25", "the first message of this sender", Weight::doubtful},
};

constexpr Meaning sources[] = {{"BULK", "bulk mail by its complaint level", Weight::doubtful}};

template <std::size_t N>
Detail looked_up(std::string_view name, std::string_view value, const Meaning (&known)[N],
                 std::string_view what) {
    Detail detail{std::string(name), std::string(value), std::string(what), Weight::neutral};
    const auto* const found = std::ranges::find(known, value, &Meaning::value);
    if (found != std::end(known)) {
        detail.meaning = found->meaning;
        detail.weight = found->weight;
    }
    return detail;
}

Detail of_level(std::string_view name, std::string_view value, Level level) {
    return {std::string(name), std::string(value), std::string(level.meaning), level.weight};
}

std::optional<Detail> forefront_detail(std::string_view name, std::string_view value) {
    if (name == "CIP")
        return Detail{"CIP", std::string(value), "the address that connected", Weight::neutral};
    if (name == "CTRY")
        return Detail{"CTRY", std::string(value), "the country of that address", Weight::neutral};
    if (name == "LANG")
        return Detail{"LANG", std::string(value), "the language of the message", Weight::neutral};
    if (name == "H")
        return Detail{"H", std::string(value), "what it called itself (HELO)", Weight::neutral};
    if (name == "PTR")
        return Detail{"PTR", std::string(value), "its name by reverse lookup", Weight::neutral};
    if (name == "SCL")
        return of_level(name, value, spam_confidence(value));
    if (name == "CAT")
        return looked_up(name, value, categories, "");
    if (name == "SFV")
        return looked_up(name, value, verdicts, "");
    if (name == "IPV")
        return looked_up(name, value, address_verdicts, "");
    if (name == "DIR")
        return looked_up(name, value, directions, "");
    if (name == "SFTY")
        return looked_up(name, value, safety_tips, "phishing, with a safety tip");
    if (name == "SRV")
        return looked_up(name, value, sources, "");
    return std::nullopt;
}

// "NAME:value;NAME:value": calls `take` with each name and value that is not empty.
template <class Take>
void for_each_part(std::string_view text, Take take) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        const std::size_t colon = part.find(':');
        if (colon == std::string_view::npos || colon + 1 == part.size())
            continue;
        take(part.substr(0, colon), part.substr(colon + 1));
    }
}

} // namespace

Level spam_confidence(std::string_view level) {
    if (level == "-1")
        return {"not filtered, for it is trusted", Weight::good};
    const int number = level.size() == 1 ? number_of(level) : -1;
    if (number < 0)
        return {};
    if (number <= 1)
        return {"not spam", Weight::good};
    if (number <= 4)
        return {"hardly spam", Weight::doubtful};
    return number <= 6 ? Level{"spam", Weight::bad} : Level{"spam, with high confidence", Weight::bad};
}

Level bulk_complaints(std::string_view level) {
    const int number = level.size() == 1 ? number_of(level) : -1;
    if (number < 0)
        return {};
    if (number == 0)
        return {"not from a bulk sender", Weight::good};
    if (number <= 3)
        return {"a bulk sender with few complaints", Weight::neutral};
    return number <= 7 ? Level{"a bulk sender with a mixed number of complaints", Weight::doubtful}
                       : Level{"a bulk sender with many complaints", Weight::bad};
}

std::vector<Detail> forefront_report(const Field& field) {
    std::vector<Detail> details;
    for_each_part(field.value, [&](std::string_view name, std::string_view value) {
        auto detail = forefront_detail(name, value);
        const auto is_same = [&](const Detail& one) { return one.name == name && one.value == value; };
        if (detail && details.size() < most_details && std::ranges::none_of(details, is_same))
            details.push_back(std::move(*detail));
    });
    return details;
}

std::vector<Detail> microsoft_antispam(const Field& field) {
    std::vector<Detail> details;
    for_each_part(field.value, [&](std::string_view name, std::string_view value) {
        if (details.size() >= most_details)
            return;
        if (name == "BCL")
            details.push_back(of_level(name, value, bulk_complaints(value)));
        else if (name == "PCL")
            details.push_back(of_level(name, value, {"phishing confidence level", Weight::neutral}));
    });
    return details;
}

} // namespace sendconnector::mail_header
