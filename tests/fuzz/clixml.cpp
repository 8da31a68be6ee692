// SPDX-License-Identifier: Apache-2.0
// Whatever an export in CLIXML holds: reading it ends, what is read can be imported or says why not, and what
// our own writer makes of it reads as the same.
#include "conf/exchange/clixml_reader.hpp"
#include "conf/exchange/clixml_writer.hpp"
#include "tests/fuzz/imports.hpp"

namespace exchange = sendconnector::conf::exchange;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = fuzz::text_of(data, size);
    const auto read = exchange::read_clixml(text);
    if (!read)
        return 0;
    fuzz::import_all(*read);
    const auto again = exchange::read_clixml(exchange::clixml_of(read->objects));
    fuzz::require(again && fuzz::same_properties(read->objects, again->objects));
    return 0;
}
