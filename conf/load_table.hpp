// SPDX-License-Identifier: Apache-2.0
// read_document(): what one file says, key by key, into the draft.
#pragma once

#include "conf/draft.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

enum class FileRole {
    main,    // sendconnector.toml: every key
    drop_in, // conf.d: [[connector]] only
};

// `text` has passed check_text(). A syntax error is a finding, and nothing of the file counts then; a wrong
// value is one, and the other keys count all the same.
void read_document(std::string_view text, const std::string& file, FileRole role, Draft& draft,
                   std::vector<Finding>& findings);

} // namespace sendconnector::conf
