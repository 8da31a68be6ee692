// SPDX-License-Identifier: Apache-2.0
// Whatever an export in CSV, a script or an unknown file holds: reading it ends, every row has a cell for
// each column, and what is read can be imported or says why not.
#include "conf/exchange/csv_reader.hpp"
#include "conf/exchange/read_export.hpp"
#include "tests/fuzz/imports.hpp"

namespace exchange = sendconnector::conf::exchange;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto read = exchange::read_csv(fuzz::text_of(data, size))) {
        for (const exchange::Object& object : read->objects)
            fuzz::require(object.properties.size() == read->objects.front().properties.size());
        fuzz::import_all(*read);
    }
    // The octets as they are: encodings, and whatever kind of file they look like.
    if (const auto read = exchange::read_export({reinterpret_cast<const char*>(data), size}))
        fuzz::import_all(read->reading);
    return 0;
}
