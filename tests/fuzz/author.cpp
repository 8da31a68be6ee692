// SPDX-License-Identifier: Apache-2.0
// Whatever a From field holds: reading it ends, an author is one plain address that names itself again, how
// the field is folded does not matter, and whatever is put beside an author makes it none or several.
#include "milter/filter/author.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using sendconnector::filter::Author;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

Author author(const std::string& from) {
    const std::vector<std::string> fields{from};
    return sendconnector::filter::author_of(fields);
}

// Every line end written as `line_end`.
std::string folded_with(const std::string& from, const char* line_end) {
    std::string text;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] == '\n') {
            text += line_end;
        } else if (from[i] != '\r' || i + 1 == from.size() || from[i + 1] != '\n') {
            text += from[i];
        }
    }
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string from(data, data + size);
    const auto found = author(from);
    const bool is_one = found.kind == Author::Kind::one;
    // A carriage return by itself would become half of a line end.
    if (size < 9000 && folded_with(from, "\n").find('\r') == std::string::npos) {
        for (const char* line_end : {"\n", "\r\n"}) {
            const auto same = author(folded_with(from, line_end));
            require(same.kind == found.kind && same.address == found.address);
        }
    }
    if (!is_one) {
        require(found.address.empty());
        return 0;
    }
    const auto& address = found.address;
    const auto at = address.rfind('@');
    require(size <= 10'000 && address.size() <= size && at != std::string::npos && at > 0 &&
            at + 1 < address.size() && address.find('@') == at);
    for (const char c : address) {
        require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f' && c != '<' && c != '>' && c != '\\');
    }
    require(address[0] == '"' || address.find_first_of(" \"(),;") == std::string::npos);
    for (const auto& same :
         {address, "<" + address + ">", "\"Bob <bob@fabrikam.example>\" <" + address + ">"}) {
        const auto again = author(same);
        require(again.kind == Author::Kind::one && again.address == address);
    }
    for (const char* beside : {", bob@fabrikam.example", " bob@fabrikam.example", " <bob@fabrikam.example>",
                               ",", ";", "\"", "(", "<", ">", "\\", " Bob", "\n"}) {
        require(author(from + beside).kind == Author::Kind::none_or_several);
    }
    for (const char* beside : {"bob@fabrikam.example, ", "bob@fabrikam.example ", "<bob@fabrikam.example> ",
                               ",", "Staff: ", ">", "\\", ")", "."}) {
        require(author(beside + from).kind == Author::Kind::none_or_several);
    }
    require(sendconnector::filter::author_of(std::vector<std::string>{from, from}).kind ==
            Author::Kind::none_or_several);
    return 0;
}
