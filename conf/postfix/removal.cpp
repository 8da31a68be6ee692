// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/removal.hpp"

namespace sendconnector::conf::postfix {

std::string without_final_newline(std::string text, const std::string& line) {
    const std::string ending = line + "\n";
    if (text == ending || text.ends_with("\n" + ending)) {
        text.pop_back();
    }
    return text;
}

Result<void> remove_services(Instance& instance, const std::set<std::string>& names, Applied& applied) {
    if (!names.empty()) {
        Edits edits;
        for (const std::string& name : names) {
            edits[name] = std::nullopt;
        }
        if (auto removed = instance.edit_services(edits); !removed) {
            return tl::unexpected(removed.error());
        }
        for (const std::string& name : names) {
            applied.services.erase(name);
            applied.pending.erase(name);
        }
    }
    if (applied.services.empty() && applied.unterminated_line) {
        const auto now = instance.edit_services({});
        if (!now) {
            return tl::unexpected(now.error());
        }
        const std::string wanted = without_final_newline(now->after, *applied.unterminated_line);
        if (auto done = restore_text(instance.config_directory(), ConfigKind::master_cf, now->after, wanted);
            !done) {
            return done;
        }
        applied.unterminated_line.reset();
    }
    return {};
}

} // namespace sendconnector::conf::postfix
