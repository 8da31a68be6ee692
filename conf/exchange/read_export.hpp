// SPDX-License-Identifier: Apache-2.0
// read_export(): a file from Exchange, whichever of its forms it has.
#pragma once

#include "conf/exchange/detect.hpp"
#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

struct Export {
    ExportFormat format = ExportFormat::clixml;
    Reading reading;
};

// `bytes` as they are in the file, in any encoding of utf8_of(). Lists that the export made texts of are
// lists again. Never throws, never runs or fetches anything; costs time and memory in proportion to the file,
// of which largest_export octets are the most.
Result<Export> read_export(std::string_view bytes);

} // namespace sendconnector::conf::exchange
