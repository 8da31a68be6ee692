// SPDX-License-Identifier: Apache-2.0
// import_object(): what one object of an export becomes here.
#pragma once

#include "conf/exchange/connector_text.hpp"
#include "conf/exchange/object.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::conf::exchange {

struct Imported {
    std::string name;     // as far as it is known
    std::size_t line = 0; // in the file; 0: cannot be told
    // Why it is passed over: no send connector, or nothing to call it by.
    std::optional<Error> passed_over;
    std::vector<KeyText> keys;     // all that the export says
    std::vector<KeyText> settings; // of these, what is not the default: what a new connector needs
    std::vector<PropertyFate> properties;

    // A value will not do.
    bool is_refused() const;
    // A value is not in the file, as far as it was more than a password, or is not to be had here.
    bool is_incomplete() const { return m_incomplete; }
    // Something is left to do for a person before a new connector may be used; it is then incomplete.
    void hold_back(std::string subject, Error why);

private:
    friend Imported import_object(const Object& object);
    bool m_incomplete = false;
};

// The credential's file is named where the connector logs in, whether the export mentions a credential or
// not: no export holds one that can be read.
Imported import_object(const Object& object);

} // namespace sendconnector::conf::exchange
