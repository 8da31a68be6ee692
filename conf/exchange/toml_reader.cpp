// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/toml_reader.hpp"

#include "conf/exchange/connector_object.hpp"
#include "conf/exchange/parameter_table.hpp"
#include "conf/load_table.hpp"
#include "conf/text_check.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

Object object_of(const ConnectorDraft& draft) {
    const Object whole = exchange_object(draft.connector, draft.without_effect);
    Object object{whole.type, draft.at.line, {}};
    for (const Property& property : whole.properties) {
        const std::string_view key = find_parameter(property.name)->key;
        if (!draft.written.has(key))
            continue;
        object.properties.push_back(property);
        if (key == "smart_host_auth_mechanism" && draft.wants_oauth2)
            object.properties.back().value = Value(std::string("OAuth2"));
    }
    return object;
}

} // namespace

Result<Reading> read_toml(std::string_view text) {
    if (const auto problem = check_text(text))
        return fail(
            fmt::format("line {}, column {}: {}", problem->at.line, problem->at.column, problem->error.text),
            problem->error.hint);
    Draft draft;
    std::vector<Finding> findings;
    read_document(text, "", FileRole::main, draft, findings);
    const auto error = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
    if (error != findings.end())
        return fail(fmt::format("line {}, column {}: {}", error->line, error->column, error->text),
                    error->hint);
    Reading reading;
    if (!draft.settings.written.all().empty())
        reading.remarks.push_back(
            {draft.settings.written.all().begin()->second.at.line, "settings that are no connector's"});
    for (const ConnectorDraft& connector : draft.connectors) {
        if (reading.objects.size() == most_objects)
            return fail(fmt::format("more than {} connectors", most_objects), "import fewer at a time");
        reading.objects.push_back(object_of(connector));
    }
    return reading;
}

} // namespace sendconnector::conf::exchange
