// SPDX-License-Identifier: Apache-2.0
// Whatever a script of New-SendConnector commands holds: reading it ends, what is read can be imported or
// says why not, and the commands that export writes of it are read as the same connectors.
#include "conf/exchange/powershell_writer.hpp"
#include "conf/exchange/script_reader.hpp"
#include "tests/fuzz/imports.hpp"

namespace exchange = sendconnector::conf::exchange;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = exchange::read_script(fuzz::text_of(data, size));
    if (!read)
        return 0;
    fuzz::import_all(*read);
    for (const exchange::Object& object : read->objects) {
        const exchange::Imported imported = exchange::import_object(object);
        if (imported.passed_over || imported.is_refused())
            continue;
        // As export sees it: only what a connector can be.
        const auto kept = exchange::read_toml(sendconnector::conf::connector_text(imported.settings));
        fuzz::require(kept && kept->objects.size() == 1);
        if (kept->objects.front().find("AddressSpaces") == nullptr)
            continue; // a change to a connector that is elsewhere
        const auto again = exchange::read_script(exchange::powershell_of(kept->objects.front()));
        fuzz::require(again && again->objects.size() == 1);
        const auto same = exchange::read_toml(
            sendconnector::conf::connector_text(exchange::import_object(again->objects.front()).settings));
        fuzz::require(same && same->objects.front().properties == kept->objects.front().properties);
    }
    return 0;
}
