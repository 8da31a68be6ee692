// SPDX-License-Identifier: Apache-2.0
// Whatever Postfix's tables and parameters hold: connectors with names of their own come of them, of which
// each can be imported or says why not. A line each: "parameter=value", "@table key=value", "!service
// parameter=value".
#include "conf/site/connectors.hpp"
#include "tests/fuzz/imports.hpp"

namespace exchange = sendconnector::conf::exchange;
namespace site = sendconnector::conf::site;

namespace {

site::Site site_of(std::string_view text) {
    site::Site found;
    found.services["smtp"].program = "smtp";
    found.settings["default_transport"] = "smtp";
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view left = line.substr(0, equals);
        const std::string value(line.substr(equals + 1));
        const std::size_t space = left.find(' ');
        const std::string first(left.substr(0, space));
        const std::string second(space == std::string_view::npos ? "" : left.substr(space + 1));
        if (first.starts_with('@')) {
            site::Tables& tables = found.tables[first];
            if (tables.list.empty())
                tables.list.emplace_back().name = first;
            tables.list.front().entries[second] = value;
        } else if (first.starts_with('!')) {
            site::Service& service = found.services[first.substr(1)];
            service.program = "smtp";
            service.overrides[second] = value;
        } else {
            found.settings[first] = value;
        }
    }
    return found;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const site::Site found = site_of({reinterpret_cast<const char*>(data), size});
    const site::SiteConnectors made = site::connectors_of(found, [](std::size_t, std::size_t) {});
    fuzz::import_all(made.reading);
    std::unordered_set<std::string> names;
    for (const exchange::Object& object : made.reading.objects) {
        const exchange::Imported imported = exchange::import_object(object);
        fuzz::require(!imported.passed_over && names.insert(imported.name).second);
    }
    return 0;
}
