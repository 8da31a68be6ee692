// SPDX-License-Identifier: Apache-2.0
#include "conf/keys.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/context.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

Json json_of(const conf::Key& key) {
    return {{"scope", conf::to_string(key.scope)},
            {"name", key.name},
            {"type", conf::to_string(key.type)},
            {"default", text_or_null(key.default_text)},
            {"range", text_or_null(key.range)},
            {"exchange", text_or_null(key.exchange)},
            {"meaning", key.meaning},
            {"without_effect", key.without_effect}};
}

// One entry: the name, what it takes, what it means.
std::string text_of(const conf::Key& key, const Paint& paint) {
    std::string facts(conf::to_string(key.type));
    if (!key.range.empty())
        facts += fmt::format(": {}", key.range);
    if (!key.default_text.empty())
        facts += fmt::format("; default {}", key.default_text);
    facts += key.exchange.empty() ? "; not in Exchange" : fmt::format("; Exchange: {}", key.exchange);
    if (key.without_effect)
        facts += "; without effect here";
    return fmt::format("  {}\n      {}\n      {}\n", paint(Colour::strong, key.name), key.meaning, facts);
}

} // namespace

ExitCode keys(Context& context) {
    if (context.json()) {
        Json array = Json::array();
        for (const conf::Key& key : conf::keys())
            array.push_back(json_of(key));
        context.print_json(array);
        return ExitCode::fine;
    }
    std::string_view scope;
    for (const conf::Key& key : conf::keys()) {
        if (conf::to_string(key.scope) != scope) {
            context.print(fmt::format("{}{}\n", scope.empty() ? "" : "\n", conf::to_string(key.scope)));
            scope = conf::to_string(key.scope);
        }
        context.print(text_of(key, context.paint()));
    }
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
