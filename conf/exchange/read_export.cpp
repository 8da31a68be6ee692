// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/read_export.hpp"

#include "conf/exchange/clixml_reader.hpp"
#include "conf/exchange/csv_reader.hpp"
#include "conf/exchange/encoding.hpp"
#include "conf/exchange/json_reader.hpp"
#include "conf/exchange/list_text.hpp"
#include "conf/exchange/nested_value.hpp"
#include "conf/exchange/parameter_table.hpp"
#include "conf/exchange/property_value.hpp"
#include "conf/exchange/script_reader.hpp"
#include "conf/exchange/toml_reader.hpp"
#include "policy/domain.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <vector>

namespace sendconnector::conf::exchange {

namespace {

// ConvertTo-Json writes an enum as its number, and not every number's name is public.
bool lose_unknown_number(Property& property) {
    const std::int64_t* number = property.value.number();
    const Parameter* parameter = number == nullptr ? nullptr : find_parameter(property.name);
    if (parameter == nullptr || parameter->kind != ParameterKind::word ||
        word_of_number(parameter->key, *number))
        return false;
    property.lost = fmt::format("there is the number {} in its place", *number);
    property.value = Value();
    return true;
}

// What an export may have done to a value: a list made a text, Windows' line ends.
void restore(Property& property) {
    if (lose_unknown_number(property))
        return;
    std::string* text = property.value.text();
    if (text == nullptr)
        return;
    unify_line_ends(*text);
    const Parameter* parameter = find_parameter(property.name);
    if (parameter == nullptr || parameter->kind != ParameterKind::list)
        return;
    Nested items = items_of_text(*text);
    property.value = std::move(items.value);
    if (property.lost.empty())
        property.lost = std::move(items.lost);
}

// Exchange has no Senders: that a selection of properties made it empty does not mean everybody. Our own
// exports never leave it empty.
bool says_nothing(const Property& property) {
    return property.value.is_null() && property.lost.empty() && policy::fold_case(property.name) == "senders";
}

Result<Reading> read_as(ExportFormat format, std::string_view text) {
    switch (format) {
    case ExportFormat::clixml:
        return read_clixml(text);
    case ExportFormat::json:
        return read_json(text);
    case ExportFormat::csv:
        return read_csv(text);
    case ExportFormat::script:
        return read_script(text);
    case ExportFormat::toml:
        return read_toml(text);
    }
    return Reading{};
}

} // namespace

Result<Export> read_export(std::string_view bytes) {
    if (bytes.size() > largest_export)
        return fail(fmt::format("is larger than {} octets", largest_export),
                    "export fewer connectors into one file");
    const auto text = utf8_of(bytes);
    if (!text)
        return tl::unexpected(text.error());
    const auto format = detect(*text);
    if (!format)
        return tl::unexpected(format.error());
    auto reading = read_as(*format, *text);
    if (!reading)
        return fail(fmt::format("{}: {}", to_string(*format), reading.error().text), reading.error().hint);
    if (*format != ExportFormat::script && *format != ExportFormat::toml)
        for (Object& object : reading->objects) {
            std::erase_if(object.properties, says_nothing);
            for (Property& property : object.properties)
                restore(property);
        }
    return Export{*format, *std::move(reading)};
}

} // namespace sendconnector::conf::exchange
