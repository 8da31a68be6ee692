// SPDX-License-Identifier: Apache-2.0
// Fields of Exchange's transport.
#include "milter/mail_header/base64.hpp"
#include "milter/mail_header/date_time.hpp"
#include "milter/mail_header/duration.hpp"
#include "milter/mail_header/field_decoders.hpp"
#include "milter/mail_header/tag_list.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t longest_shown = 1000;
constexpr std::size_t most_parts = 50;

struct FieldMeaning {
    std::string_view name; // the field's name from behind the last "organization-" or "crosstenant-"
    std::string_view value;
    std::string_view meaning;
    Weight weight = Weight::neutral;
};

// An empty value: whatever it is.
constexpr FieldMeaning meanings[] = {
    {"authas", "internal", "the sender had logged in, or the server is one that is trusted", Weight::good},
    {"authas", "anonymous", "the sender had not logged in: mail from outside"},
    {"authas", "external", "from outside of the organization"},
    {"authas", "partner", "from a partner, over mutual TLS", Weight::good},
    {"authsource", "", "the server that says so"},
    {"authmechanism", "", "how the sender logged in, in Exchange's own code"},
    {"authdomain", "", "the domain that mutual TLS has proved"},
    {"messagedirectionality", "originating", "sent by this organization"},
    {"messagedirectionality", "incoming", "sent to this organization"},
    {"fromentityheader", "hosted", "from a mailbox in Exchange Online"},
    {"fromentityheader", "hybridonprem", "from the organization's own servers"},
    {"fromentityheader", "internet", "from the internet"},
    {"mailboxtype", "hosted", "the mailbox is in Exchange Online"},
    {"id", "", "the tenant"},
    {"userprincipalname", "", "the sender's account, encrypted"},
    {"network-message-id", "", "what Exchange calls the message in its logs"},
    {"senderidresult", "pass", "Sender ID passed", Weight::good},
    {"senderidresult", "fail", "Sender ID failed", Weight::bad},
    {"senderidresult", "softfail", "Sender ID: probably not permitted", Weight::doubtful},
    {"senderidresult", "neutral", "Sender ID: inconclusive"},
    {"senderidresult", "none", "Sender ID: the domain publishes nothing"},
    {"senderidresult", "temperror", "Sender ID: a lookup failed", Weight::doubtful},
    {"senderidresult", "permerror", "Sender ID: what the domain publishes cannot be read", Weight::doubtful},
    {"prd", "", "the domain of the purported sender"},
    {"expirationstarttime", "", "when Exchange took the message"},
    {"x-originatororg", "", "the organization that sent it"},
    {"x-ms-has-attach", "yes", "there are attachments"},
    {"crosstenantheadersstamped", "", "the server that wrote the cross-tenant fields"},
};

std::string_view short_name(std::string_view key) {
    for (const std::string_view part : {"organization-", "crosstenant-", "transport-"})
        if (const std::size_t at = key.find(part); at != std::string_view::npos)
            return key.substr(at + part.size());
    return key;
}

// The name as written, from the same place on.
std::string shown_name(const Field& field) {
    return field.name.substr(field.key.size() - short_name(field.key).size());
}

std::vector<Detail> one(const Field& field, std::string_view meaning, Weight weight = Weight::neutral) {
    return {{shown_name(field), field.value.substr(0, longest_shown), std::string(meaning), weight}};
}

std::uint64_t big_endian(std::string_view octets) {
    std::uint64_t value = 0;
    for (const char c : octets)
        value = (value << 8U) | static_cast<unsigned char>(c);
    return value;
}

// Windows counts in tenths of microseconds from 1601.
std::chrono::sys_seconds of_filetime(std::uint64_t ticks) {
    constexpr std::int64_t from_1601_to_1970 = 11'644'473'600;
    return std::chrono::sys_seconds(
        std::chrono::seconds(static_cast<std::int64_t>(ticks / 10'000'000) - from_1601_to_1970));
}

// The way Windows writes a GUID that it keeps as 16 octets.
std::string guid(std::string_view octets) {
    constexpr std::size_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += fmt::format("{:02x}", static_cast<unsigned char>(octets[order[i]]));
    }
    return text;
}

} // namespace

std::vector<Detail> exchange_value(const Field& field) {
    if (field.value.empty())
        return {};
    const std::string_view name = short_name(field.key);
    const std::string value = policy::fold_case(field.value.substr(0, 100));
    const auto* const found = std::ranges::find_if(meanings, [&](const FieldMeaning& row) {
        return row.name == name && (row.value.empty() || row.value == value);
    });
    return found == std::end(meanings) ? one(field, "") : one(field, found->meaning, found->weight);
}

std::vector<Detail> exchange_scl(const Field& field) {
    const Level level = spam_confidence(field.value);
    return level.meaning.empty() ? std::vector<Detail>() : one(field, level.meaning, level.weight);
}

std::vector<Detail> exchange_pcl(const Field& field) {
    const int level = number_of(field.value);
    if (level < 1 || level > 8)
        return {};
    return level <= 3 ? one(field, "not phishing", Weight::good)
                      : one(field, "suspected of phishing", Weight::bad);
}

std::vector<Detail> exchange_latency(const Field& field) {
    // "[-][days.]hh:mm:ss[.fraction]"
    std::string_view text = field.value;
    const std::string_view whole =
        text.substr(0, text.rfind('.') == text.size() - 8 ? text.size() - 8 : text.size());
    const std::size_t dot = whole.find('.');
    const int days = dot == std::string_view::npos ? 0 : number_of(whole.substr(0, dot));
    const std::string_view clock = dot == std::string_view::npos ? whole : whole.substr(dot + 1);
    if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':' || days < 0)
        return {};
    const int hours = number_of(clock.substr(0, 2));
    const int minutes = number_of(clock.substr(3, 2));
    const int seconds = number_of(clock.substr(6, 2));
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
        return {};
    const std::int64_t all = ((days * std::int64_t{24} + hours) * 60 + minutes) * 60 + seconds;
    return one(field, fmt::format("{} within Exchange", duration_text(std::chrono::seconds(all))),
               all >= 300 ? Weight::doubtful : Weight::neutral);
}

std::vector<Detail> exchange_time(const Field& field) {
    const auto time = parse_date_time(field.value);
    return time ? one(field, fmt::format("when Exchange took it: {}", utc_text(time->time)))
                : std::vector<Detail>();
}

std::vector<Detail> exchange_report(const Field& field) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"DV", "version of the spam definitions"},
        {"CW", "a word of the administrator's own list"},
        {"PCL", "phishing confidence level"},
        {"P100", "blocked for phishing"},
        {"PP", "Outlook's postmark"},
        {"SID", "Sender ID"},
        {"TIME", "how long the filter took"},
        {"OrigIP", "the address that connected"},
    };
    std::vector<Detail> details;
    std::string_view text = field.value;
    while (!text.empty() && details.size() < most_parts) {
        const std::size_t end = std::min(text.find(';'), text.size());
        std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        const std::size_t colon = part.find(':');
        if (colon == std::string_view::npos)
            continue;
        const auto* const found = std::ranges::find(known, part.substr(0, colon),
                                                    &std::pair<std::string_view, std::string_view>::first);
        if (found != std::end(known))
            details.push_back({std::string(found->first), std::string(part.substr(colon + 1)),
                               std::string(found->second), Weight::neutral});
    }
    return details;
}

std::vector<Detail> thread_index(const Field& field) {
    constexpr std::size_t head = 22;
    constexpr std::size_t answer = 5;
    const auto octets = from_base64(field.value);
    if (!octets || octets->size() < head)
        return {};
    // The upper five octets of a FILETIME behind a one, as documented; or the upper six, as Outlook has it:
    // no time from here on begins with two ones.
    const std::string_view stamp = std::string_view(*octets).substr(0, 6);
    const std::uint64_t ticks =
        stamp.starts_with("\x01\x01") ? big_endian(stamp.substr(1)) << 24U : big_endian(stamp) << 16U;
    const std::size_t answers = (octets->size() - head) / answer;
    std::vector<Detail> details;
    // 1970 to 2107: no other could be meant.
    constexpr std::uint64_t least = 0x019D'B1DE'D53E'8000;
    constexpr std::uint64_t most = 0x0237'0000'0000'0000;
    if (ticks < least || ticks > most)
        return {};
    details.push_back({"began", utc_text(of_filetime(ticks)),
                       "when the conversation began, by the sender's clock", Weight::neutral});
    details.push_back({"conversation", guid(std::string_view(*octets).substr(6, 16)), "", Weight::neutral});
    details.push_back({"answers", fmt::format("{}", answers),
                       answers == 0 ? "this message began it" : "answers up to this message",
                       Weight::neutral});
    return details;
}

} // namespace sendconnector::mail_header
