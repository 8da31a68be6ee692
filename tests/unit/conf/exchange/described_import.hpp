// SPDX-License-Identifier: Apache-2.0
// What an import of a file would do, as text.
#pragma once

#include "conf/exchange/imported.hpp"
#include "conf/exchange/read_export.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace sendconnector::conf::exchange::testing {

inline std::string described(const PropertyFate& property) {
    constexpr std::string_view words[] = {"taken", "no meaning", "by hand", "refused"};
    std::string line = fmt::format("  {}: {}", property.property, words[static_cast<int>(property.fate)]);
    if (property.fate != Fate::taken)
        line += ": " + to_string(property.why);
    return line + "\n";
}

inline std::string described_import(std::string_view bytes) {
    const auto read = read_export(bytes);
    if (!read)
        return "refused: " + to_string(read.error()) + "\n";
    std::string out = fmt::format("{}\n", to_string(read->format));
    for (const Remark& remark : read->reading.remarks)
        out += fmt::format("line {}: {}{}\n", remark.line, remark.is_loss ? "LOSS: " : "", remark.text);
    for (const Object& object : read->reading.objects) {
        const Imported imported = import_object(object);
        out += fmt::format("\nline {}: {}{}\n", imported.line, imported.name,
                           imported.is_refused()      ? " (refused)"
                           : imported.is_incomplete() ? " (incomplete)"
                                                      : "");
        if (imported.passed_over) {
            out += "passed over: " + to_string(*imported.passed_over) + "\n";
            continue;
        }
        out += connector_text(imported.settings);
        for (const PropertyFate& property : imported.properties)
            out += described(property);
    }
    return out;
}

} // namespace sendconnector::conf::exchange::testing
