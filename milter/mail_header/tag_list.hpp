// SPDX-License-Identifier: Apache-2.0
// TagList: "v=1; a=rsa-sha256; d=contoso.com" (RFC 6376 3.2), of DKIM-Signature and the ARC fields.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sendconnector::mail_header {

class TagList {
public:
    // What is no tag is passed over. At most 100 tags.
    static TagList parse(std::string_view value);

    // The first of that name, without blanks around it; empty when there is none. Names are case-sensitive.
    std::string_view operator[](std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& tags() const { return m_tags; }

private:
    std::vector<std::pair<std::string, std::string>> m_tags;
};

// A decimal number of at most 9 digits and nothing else; -1 for anything else.
int number_of(std::string_view text);

} // namespace sendconnector::mail_header
