// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/refused_envelope.hpp"

#include "milter/mail_log/delivery.hpp"

#include <algorithm>

namespace sendconnector::mail_log {
namespace {

// Takes " KEY=<ADDRESS>" off the front.
std::optional<std::string_view> take_bracketed(std::string_view& rest, std::string_view key) {
    if (!rest.starts_with(' '))
        return std::nullopt;
    const auto address = leading_address(rest.substr(1), key);
    if (address)
        rest.remove_prefix(1 + key.size() + address->size() + 2);
    return address;
}

// As Postfix writes it: a quoted local part, or nothing that would have to be quoted.
bool is_written_well(std::string_view address) {
    constexpr std::string_view special = " \"<>\\;";
    if (!address.starts_with('"'))
        return address.find_first_of(special) == std::string_view::npos;
    std::size_t close = 1;
    for (; close < address.size() && address[close] != '"'; ++close)
        close += address[close] == '\\' ? 1U : 0U;
    const std::string_view domain = address.substr(std::min(close + 1, address.size()));
    return (domain.empty() || domain.front() == '@') &&
           domain.find_first_of(special) == std::string_view::npos;
}

RefusedEnvelope take_envelope(std::string_view& rest) {
    RefusedEnvelope envelope;
    envelope.from = take_bracketed(rest, "from=");
    envelope.to = take_bracketed(rest, "to=");
    return envelope;
}

// " proto=ESMTP helo=<C>": smtpd(8) has replaced all that could end the name.
bool is_rest_of_session(std::string_view rest) {
    constexpr std::string_view protocol = " proto=";
    constexpr std::string_view helo = " helo=<";
    if (rest.starts_with(protocol))
        rest.remove_prefix(std::min(rest.find_first_of(" <>", protocol.size()), rest.size()));
    if (rest.starts_with(helo)) {
        const std::size_t end = rest.find_first_of(" <>", helo.size());
        if (end == std::string_view::npos || rest[end] != '>')
            return false;
        rest.remove_prefix(end + 1);
    }
    return rest.empty() || rest.starts_with(" sasl_");
}

// The first `mark` that is in no brackets.
std::size_t find_outside(std::string_view text, std::string_view mark) {
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with(mark))
            return at;
        const auto address = leading_address(rest, "");
        at += address ? address->size() + 2 : 1;
    }
    return std::string_view::npos;
}

} // namespace

RefusedEnvelope refused_envelope(std::string_view text) {
    constexpr std::string_view from = " from=<";
    const auto envelope_at = [&](std::size_t at) {
        std::string_view rest = text.substr(std::min(at, text.size()));
        return take_envelope(rest);
    };
    // The daemon escapes blanks and brackets of an address.
    if (text.starts_with("NOQUEUE: action="))
        return envelope_at(std::min(text.find(from), text.find(" to=<")));
    // What is to be believed goes on to the end.
    for (std::size_t at = text.rfind(from); at != std::string_view::npos && at > 0;
         at = text.rfind(from, at - 1)) {
        std::string_view rest = text.substr(at);
        const RefusedEnvelope envelope = take_envelope(rest);
        if (envelope.from && is_written_well(*envelope.from) && is_written_well(envelope.to.value_or("")) &&
            is_rest_of_session(rest))
            return envelope;
    }
    // The line may be cut off.
    return envelope_at(std::min(find_outside(text, from), find_outside(text, " to=<")));
}

} // namespace sendconnector::mail_log
