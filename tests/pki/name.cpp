// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/name.hpp"

#include "tests/pki/handles.hpp"

#include <vector>

namespace sendconnector::test {

namespace {

std::vector<std::string> attributes(const std::string& text) {
    std::vector<std::string> parts;
    std::string part;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            part += text[++at];
        } else if (text[at] == ',') {
            parts.push_back(part);
            part.clear();
            while (at + 1 < text.size() && text[at + 1] == ' ') {
                ++at;
            }
        } else {
            part += text[at];
        }
    }
    if (!part.empty()) {
        parts.push_back(part);
    }
    return parts;
}

} // namespace

Name::Name(const std::string& text, int string_type) {
    const Handle<X509_NAME, X509_NAME_free> name{X509_NAME_new()};
    for (const auto& part : attributes(text)) {
        const auto equals = part.find('=');
        must(equals != std::string::npos, "a name's attribute needs '='");
        const auto type = part.substr(0, equals);
        const auto value = part.substr(equals + 1);
        const bool two_letters = type == "C";
        must(X509_NAME_add_entry_by_txt(name.get(), type.c_str(),
                                        two_letters ? V_ASN1_PRINTABLESTRING : string_type, octets_of(value),
                                        static_cast<int>(value.size()), -1, 0),
             part.c_str());
    }
    m_der = encoded(i2d_X509_NAME, name.get());
}

} // namespace sendconnector::test
