// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attachment_record.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/main_cf_text.hpp"
#include "conf/postfix/octets.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::conf::postfix {
namespace {

using nlohmann::json;

constexpr int record_format = 1;

json to_json(const std::vector<std::string>& texts) {
    json list = json::array();
    for (const std::string& text : texts) {
        list.push_back(octets_to_text(text));
    }
    return list;
}

std::vector<std::string> texts_from(const json& list) {
    std::vector<std::string> texts;
    for (const json& text : list) {
        texts.push_back(text_to_octets(text.get<std::string>()));
    }
    return texts;
}

struct Span {
    std::size_t begin;
    std::size_t end;
};

std::vector<Span> spans(std::string_view main_cf, const std::string& parameter) {
    std::vector<Span> list;
    for (const LogicalLine& line : logical_lines(main_cf, ConfigKind::main_cf)) {
        if (line.name == parameter) {
            list.push_back({line.begin(), line.end()});
        }
    }
    return list;
}

} // namespace

std::filesystem::path attachment_file(const std::string& state_directory) {
    return std::filesystem::path(state_directory) / "attached.json";
}

Result<AttachmentRecord> read_attachment(const std::string& state_directory) {
    const std::filesystem::path path = attachment_file(state_directory);
    const auto content = read_file(path);
    if (!content) {
        return tl::unexpected(content.error());
    }
    AttachmentRecord record;
    if (!*content) {
        return record;
    }
    try {
        const json all = json::parse(**content);
        if (all.at("format").get<int>() != record_format) {
            return fail(fmt::format("{} was written by another version", path.string()),
                        "run that version's disable");
        }
        record.config_directory = text_to_octets(all.at("config_directory").get<std::string>());
        for (const auto& [name, parameter] : all.at("parameters").items()) {
            record.parameters[name] = {text_to_octets(parameter.at("entry").get<std::string>()),
                                       texts_from(parameter.at("before")), texts_from(parameter.at("after"))};
        }
        if (all.contains("unterminated_line")) {
            record.unterminated_line = text_to_octets(all.at("unterminated_line").get<std::string>());
        }
        return record;
    } catch (const json::exception& error) {
        return fail(fmt::format("{} is damaged: {}", path.string(), error.what()),
                    "move it away; disable then removes sendconnector's entries, and reformats those lines");
    }
}

Result<void> write_attachment(const std::string& state_directory, const AttachmentRecord& record) {
    json parameters = json::object();
    for (const auto& [name, parameter] : record.parameters) {
        parameters[name] = {{"entry", octets_to_text(parameter.entry)},
                            {"before", to_json(parameter.before)},
                            {"after", to_json(parameter.after)}};
    }
    json all = {{"format", record_format},
                {"config_directory", octets_to_text(record.config_directory)},
                {"parameters", parameters}};
    if (record.unterminated_line) {
        all["unterminated_line"] = octets_to_text(*record.unterminated_line);
    }
    return write_file(attachment_file(state_directory), all.dump(2) + "\n", 0600);
}

std::vector<std::string> occurrences(std::string_view main_cf, const std::string& parameter) {
    std::vector<std::string> texts;
    for (const Span& span : spans(main_cf, parameter)) {
        texts.emplace_back(main_cf.substr(span.begin, span.end - span.begin));
    }
    return texts;
}

std::vector<std::string> after_postconf(const std::vector<std::string>& before, const std::string& parameter,
                                        const std::string& value) {
    const std::string line = fmt::format("{} = {}\n", parameter, value);
    if (before.empty()) {
        return {line};
    }
    std::vector<std::string> after;
    for (const std::string& text : before) {
        after.push_back(line + without(text, ConfigKind::main_cf, [](const std::string&) { return true; }));
    }
    return after;
}

std::optional<std::string> put_back(std::string_view main_cf, const std::string& parameter,
                                    const ParameterRecord& record) {
    const std::vector<Span> found = spans(main_cf, parameter);
    if (found.size() != record.after.size()) {
        return std::nullopt;
    }
    std::string text;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& after = record.after[i];
        if (main_cf.substr(found[i].begin, after.size()) != after ||
            found[i].end > found[i].begin + after.size()) {
            return std::nullopt;
        }
        text += main_cf.substr(copied, found[i].begin - copied);
        text += i < record.before.size() ? record.before[i] : "";
        copied = found[i].begin + after.size();
    }
    text += main_cf.substr(copied);
    return text;
}

} // namespace sendconnector::conf::postfix
