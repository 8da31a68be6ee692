// SPDX-License-Identifier: Apache-2.0
// Whatever is given as a header: analysing it ends, within the limits that it promises, all that it found was
// in it, and how lines end does not matter.
#include "milter/mail_header/analysis.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace sendconnector::mail_header;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void require_sound(const Header& header, std::size_t size) {
    require(header.fields.size() <= most_fields);
    std::size_t line = 0;
    for (const Field& field : header.fields) {
        require(!field.name.empty() && field.name.size() <= longest_name);
        require(field.value.size() <= longest_value && field.value.size() <= size);
        require(field.value.find('\n') == std::string::npos);
        require(field.line > line);
        line = field.line;
        require(header.first(field.key) != nullptr);
    }
}

void require_sound(const Hops& way, const Header& header) {
    const auto fields = std::ranges::count(header.fields, "received", &Field::key);
    require(way.hops.size() == static_cast<std::size_t>(fields) && way.without_time <= way.hops.size());
    require(!way.slowest || *way.slowest < way.hops.size());
    for (const Hop& hop : way.hops) {
        require(!hop.delay || hop.received.time);
        const TlsStatement& tls = hop.received.tls;
        require(tls.is_encrypted || (tls.protocol.empty() && tls.cipher.empty()));
        if (!tls.protocol.empty()) {
            require(tls_version(tls.protocol) == tls.protocol);
        }
        if (hop.received.time) {
            // What is shown can be read again, and says the same.
            const auto again = parse_date_time(utc_text(hop.received.time->time));
            require(again && again->time == hop.received.time->time);
        }
    }
}

void require_sound(const Authentication& authentication) {
    require(authentication.arc.size() <= 50);
    int instance = 0;
    for (const ArcSet& set : authentication.arc) {
        require(set.instance > instance && set.instance <= 50);
        instance = set.instance;
    }
    for (const Statement& statement : authentication.statements) {
        require(statement.results.size() <= 200);
        for (const MethodResult& result : statement.results) {
            require(result.properties.size() <= 50);
        }
    }
    for (const char* method : {"spf", "dkim", "dmarc"}) {
        require((authentication.verdict(method) == nullptr) == (authentication.stated_by(method) == nullptr));
    }
}

void require_sound(const Analysis& analysis, std::size_t size) {
    require_sound(analysis.header, size);
    require_sound(analysis.way, analysis.header);
    require_sound(analysis.authentication);
    for (const DecodedField& field : analysis.decoded) {
        require(!field.details.empty() && field.details.size() <= 200);
    }
    for (const std::size_t index : analysis.others) {
        require(index < analysis.header.fields.size());
    }
    require(analysis.remarks.size() <= 30);
}

// Every LF as CRLF.
std::string with_crlf(std::string_view text) {
    std::string all;
    for (const char c : text) {
        if (c == '\n') {
            all += '\r';
        }
        all += c;
    }
    return all;
}

void require_same(const Analysis& one, const Analysis& other) {
    require(one.header.fields.size() == other.header.fields.size());
    for (std::size_t i = 0; i < one.header.fields.size(); ++i) {
        require(one.header.fields[i].key == other.header.fields[i].key &&
                one.header.fields[i].value == other.header.fields[i].value);
    }
    require(one.way.hops.size() == other.way.hops.size() && one.way.total == other.way.total);
    require(one.others == other.others && one.remarks.size() == other.remarks.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string given(data, data + size);
    const Analysis analysis = analyse(given);
    require_sound(analysis, 4 * size + 4);
    // UTF-16 has other line ends, and a carriage return by itself would become half of one.
    if (given.find('\r') == std::string::npos && given.find_first_of("\xFE\xFF") == std::string::npos) {
        require_same(analysis, analyse(with_crlf(given)));
    }
    return 0;
}
