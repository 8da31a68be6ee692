// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/unsent_notices.hpp"

#include <filesystem>

namespace sendconnector::ctl {

UnsentNotices UnsentNotices::in(const std::string& queue_directory) {
    namespace fs = std::filesystem;
    UnsentNotices found;
    for (const char* folder : {"bounce", "trace"}) {
        std::error_code error;
        // Postfix removes files meanwhile.
        for (fs::recursive_directory_iterator each(fs::path(queue_directory) / folder, error), end;
             !error && each != end; each.increment(error))
            if (std::error_code gone; each->is_regular_file(gone))
                found.m_queue_ids.insert(each->path().filename());
    }
    return found;
}

} // namespace sendconnector::ctl
