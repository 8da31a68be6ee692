// SPDX-License-Identifier: Apache-2.0
// Header: the header fields of one message, split and unfolded, however they got here.
#pragma once

#include "milter/mail_header/field.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace sendconnector::mail_header {

// What is looked at of a header. Mail servers take less: Postfix 100 KB (header_size_limit), Exchange 256 KB.
inline constexpr std::size_t most_octets = 4U << 20U;
inline constexpr std::size_t most_fields = 20'000;
inline constexpr std::size_t longest_value = 256U << 10U;
inline constexpr std::size_t longest_name = 200;

struct Header {
    std::vector<Field> fields;   // in their order
    std::size_t stray_lines = 0; // neither a field nor indented: taken as the rest of the field before
    bool is_cut = false;         // there was more than the limits above

    // Nothing when there is no such field; `key` in lower case.
    const Field* first(std::string_view key) const;
};

// Reads up to the empty line that ends a header, so a whole message may be given; or all, where there is
// none. Line ends are LF or CRLF; or CR, where there is no LF at all. Passed over in front: empty lines, an
// mbox `From ` line, what else programs put before the first field. Pasted headers are read too: every second
// line empty, continuations that have lost their indentation; and where no field is found otherwise, those
// that are indented or quoted (line_prefix()). What is cut at a limit still counts. Linear
// time.
Header split_header(std::string_view given);

} // namespace sendconnector::mail_header
