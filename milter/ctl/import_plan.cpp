// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/import_plan.hpp"

#include "conf/exchange/parameter_words.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;

std::vector<Error> refusals_of(const exchange::Imported& imported) {
    std::vector<Error> errors;
    for (const exchange::PropertyFate& property : imported.properties)
        if (property.fate == exchange::Fate::refused)
            errors.push_back(
                {fmt::format("{}: {}", property.property, property.why.text), property.why.hint});
    return errors;
}

bool has_key(const std::vector<conf::KeyText>& keys, std::string_view name) {
    return std::ranges::any_of(keys, [&](const conf::KeyText& key) { return key.key == name && key.value; });
}

void decide(ImportedConnector& connector, const conf::Configuration& configuration,
            const ConfigurationEdit& edit) {
    exchange::Imported& imported = connector.imported;
    const policy::SendConnector* existing = configuration.policy->find(imported.name);
    if (imported.is_refused()) {
        connector.step = ImportStep::refused;
        connector.obstacles = refusals_of(imported);
        return;
    }
    if (existing != nullptr) {
        const auto index = static_cast<std::size_t>(existing - configuration.policy->connectors().data());
        connector.keys = exchange::keys_that_change(imported, *existing, configuration.without_effect[index]);
        connector.step = connector.keys.empty() ? ImportStep::unchanged : ImportStep::changed;
        connector.file = configuration.origins[index].file;
        return;
    }
    connector.keys = exchange::keys_of_new(imported);
    connector.step = ImportStep::made;
    connector.file = edit.own_file_of(imported.name);
    if (!has_key(connector.keys, "address_spaces")) {
        connector.step = ImportStep::refused;
        connector.obstacles.push_back(
            {"there is no connector of this name, and a new one needs AddressSpaces",
             "export with Export-Clixml, which keeps them"});
    }
}

} // namespace

std::string_view to_string(ImportStep step) {
    switch (step) {
    case ImportStep::made:
        return "new";
    case ImportStep::changed:
        return "changed";
    case ImportStep::unchanged:
        return "unchanged";
    case ImportStep::passed_over:
        return "passed over";
    case ImportStep::refused:
        return "refused";
    }
    return "";
}

std::vector<ImportedConnector> plan_import(const std::vector<exchange::Object>& objects,
                                           const conf::Configuration& configuration,
                                           const ConfigurationEdit& edit, const ImportProgress& progress) {
    std::vector<ImportedConnector> connectors;
    std::unordered_set<std::string> names;
    for (const exchange::Object& object : objects) {
        progress(connectors.size(), objects.size());
        ImportedConnector& connector =
            connectors.emplace_back(ImportedConnector{exchange::import_object(object)});
        if (connector.imported.passed_over) {
            connector.step = ImportStep::passed_over;
            connector.obstacles.push_back(*connector.imported.passed_over);
        } else if (!names.insert(policy::fold_case(connector.imported.name)).second) {
            connector.step = ImportStep::passed_over;
            connector.obstacles.push_back({"a connector of this name stands further up in the file", ""});
        } else {
            decide(connector, configuration, edit);
        }
    }
    return connectors;
}

Result<std::map<std::filesystem::path, conf::ConnectorFile>>
files_after(const std::vector<ImportedConnector>& connectors, const ConfigurationEdit& edit,
            std::string_view command, const ImportProgress& progress) {
    std::map<std::filesystem::path, conf::ConnectorFile> files;
    std::size_t done_before = 0;
    for (const ImportedConnector& connector : connectors) {
        progress(done_before++, connectors.size());
        if (connector.step != ImportStep::made && connector.step != ImportStep::changed)
            continue;
        auto file = files.find(connector.file);
        if (file == files.end()) {
            Result<conf::ConnectorFile> opened = edit.open(connector.file);
            if (!opened)
                return tl::unexpected<Error>(opened.error());
            file = files.emplace(connector.file, std::move(*opened)).first;
        }
        const Result<void> done = connector.step == ImportStep::made
                                      ? file->second.append(connector.keys, command)
                                      : file->second.change(connector.imported.name, connector.keys);
        if (!done)
            return fail(fmt::format("{}: {}", connector.file.string(), done.error().text), done.error().hint);
    }
    return files;
}

bool take_out_refused(std::vector<ImportedConnector>& connectors,
                      const std::vector<conf::Finding>& findings) {
    // By the name that findings give; each connector is there once.
    std::unordered_map<std::string, ImportedConnector*> written;
    for (ImportedConnector& each : connectors)
        if (each.step == ImportStep::made || each.step == ImportStep::changed)
            written.emplace(policy::fold_case(conf::shortened(each.imported.name)), &each);
    bool all_known = true;
    for (const conf::Finding& finding : findings) {
        if (finding.severity == conf::Severity::warning)
            continue;
        const auto found = written.find(policy::fold_case(finding.connector));
        if (found == written.end() || found->second->file != finding.file) {
            all_known = false;
            continue;
        }
        found->second->step = ImportStep::refused;
        found->second->obstacles.push_back(
            {exchange::parameter_words(finding.text), exchange::parameter_words(finding.hint)});
    }
    return all_known;
}

bool hold_new_ones(std::vector<ImportedConnector>& connectors) {
    const auto refused = std::ranges::find(connectors, ImportStep::refused, &ImportedConnector::step);
    bool held = false;
    for (ImportedConnector& each : connectors) {
        if (refused == connectors.end() || each.step != ImportStep::made || each.imported.is_incomplete())
            continue;
        each.imported.hold_back("Senders",
                                {fmt::format("{} is refused, and its mail could take this connector",
                                             conf::in_quotes(refused->imported.name)),
                                 "see to that one first"});
        each.keys = exchange::keys_of_new(each.imported);
        held = true;
    }
    return held;
}

} // namespace sendconnector::ctl
