// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/postfix_tables.hpp"

#include "conf/postfix/command.hpp"
#include "conf/site/table_name.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {

std::vector<std::string> list_elements(std::string_view value) {
    std::vector<std::string> elements;
    std::string element;
    int depth = 0;
    for (const char c : value) {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth > 0 || std::string_view(", \t\r\n").find(c) == std::string_view::npos)
            element += c;
        else if (!element.empty())
            elements.push_back(std::exchange(element, {}));
    }
    if (!element.empty())
        elements.push_back(std::move(element));
    return elements;
}

Result<KeysFound> keys_in_table(const std::string& config_directory, const std::string& table,
                                const std::set<std::string>& keys) {
    std::string questions;
    for (const std::string& key : keys)
        // A line each: what has a line break in it is in no table.
        if (!key.empty() && key.find_first_of("\r\n\t") == std::string::npos)
            questions += key + "\n";
    const auto ran = conf::postfix::run_command({"postmap", "-c", config_directory, "-q", "-", table},
                                                std::chrono::seconds(60), questions);
    if (!ran)
        return tl::unexpected<Error>(ran.error());
    // Without a word, exit status 1 means that it has none of them.
    if (!ran->err.empty())
        return fail(fmt::format("cannot look into {}: {}", conf::site::name_as_shown(table),
                                words_of_postmap(table, ran->err)));
    KeysFound found;
    std::string_view text = ran->out;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        const std::string_view line = text.substr(0, end);
        if (const std::size_t tab = line.find('\t'); tab != std::string_view::npos)
            found.emplace(line.substr(0, tab), line.substr(tab + 1));
        text.remove_prefix(end + 1);
    }
    return found;
}

std::string words_of_postmap(std::string_view table, std::string_view err) {
    // It repeats what it cannot read, and that may be a password.
    if (conf::site::name_as_shown(table) != table)
        return "postmap(1) refuses it, in words that may repeat what is in it";
    return std::string(err.substr(0, err.find('\n')));
}

std::vector<std::string> address_keys(std::string_view address, std::string_view recipient_delimiter) {
    const std::string folded = policy::fold_case(address);
    const std::size_t at = folded.rfind('@');
    if (at == std::string::npos)
        return {folded};
    std::vector<std::string> keys{folded};
    const std::size_t delimiter = folded.find_first_of(recipient_delimiter);
    if (delimiter != std::string::npos && delimiter > 0 && delimiter < at)
        keys.push_back(folded.substr(0, delimiter) + folded.substr(at));
    keys.push_back(folded.substr(at));
    return keys;
}

} // namespace sendconnector::ctl
