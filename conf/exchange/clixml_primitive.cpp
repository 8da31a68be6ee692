// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/clixml_primitive.hpp"

#include "conf/exchange/clixml_string.hpp"
#include "conf/time_span.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::array<std::string_view, 9> whole_numbers = {"I16", "I32", "I64", "U16", "U32",
                                                           "U64", "By",  "SB",  "C"};
constexpr std::array<std::string_view, 11> kept_as_text = {"S",  "URI", "Version", "G",  "DT",      "D",
                                                           "Db", "Sg",  "SBK",     "XD", "ToString"};

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Value whole_number(std::string_view content) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(content.data(), content.data() + content.size(), number);
    if (code != std::errc() || end != content.data() + content.size())
        return Value(std::string(content));
    return Value(number);
}

} // namespace

std::optional<std::string> time_span_of_duration(std::string_view duration) {
    constexpr std::int64_t longest = 3'650'000; // days and hours beyond are nothing a connector waits for
    if (!duration.starts_with('P'))
        return std::nullopt;
    std::int64_t seconds = 0;
    bool in_clock = false;
    bool any = false;
    for (duration.remove_prefix(1); !duration.empty();) {
        if (duration.front() == 'T') {
            in_clock = true;
            duration.remove_prefix(1);
            continue;
        }
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(duration.data(), duration.data() + duration.size(), number);
        if (code != std::errc() || number < 0 || number > longest)
            return std::nullopt;
        duration.remove_prefix(static_cast<std::size_t>(end - duration.data()));
        if (duration.starts_with('.'))
            duration.remove_prefix(std::min(duration.find_first_not_of("0123456789", 1), duration.size()));
        const char unit = duration.empty() ? '\0' : duration.front();
        if (!in_clock && unit == 'D')
            seconds += number * 86'400;
        else if (in_clock && unit == 'H')
            seconds += number * 3'600;
        else if (in_clock && unit == 'M')
            seconds += number * 60;
        else if (in_clock && unit == 'S')
            seconds += number;
        else
            return std::nullopt;
        duration.remove_prefix(1);
        any = true;
    }
    return any ? std::optional<std::string>(time_span_text(std::chrono::seconds(seconds))) : std::nullopt;
}

std::optional<Nested> clixml_primitive(std::string_view name, std::string_view content) {
    if (name == "Nil")
        return Nested{};
    if (name == "SS")
        return Nested{{}, "a secret, which is not read"};
    if (name == "BA")
        return Nested{{}, "octets, which are not read"};
    if (name == "B" && (content == "true" || content == "false"))
        return Nested{Value(content == "true")};
    if (name == "TS")
        if (auto span = time_span_of_duration(content))
            return Nested{Value(*std::move(span))};
    if (holds(whole_numbers, name))
        return Nested{whole_number(content)};
    if (name == "B" || name == "TS" || holds(kept_as_text, name))
        return Nested{Value(decode_clixml_string(content))};
    return std::nullopt;
}

} // namespace sendconnector::conf::exchange
