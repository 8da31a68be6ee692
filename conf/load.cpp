// SPDX-License-Identifier: Apache-2.0
// load_configuration(): files -> draft -> checked -> configuration.
#include "conf/configuration.hpp"
#include "conf/load_files.hpp"
#include "conf/load_senders.hpp"
#include "conf/load_table.hpp"
#include "conf/read_file.hpp"
#include "conf/repeated_senders.hpp"
#include "conf/rules.hpp"
#include "conf/served.hpp"
#include "conf/text_check.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <unistd.h>
#include <unordered_map>

namespace sendconnector::conf {

namespace {

constexpr std::size_t largest_toml = 64U << 20U;

void read_text(const std::string& text, const ConfigurationFile& file, Draft& draft,
               std::vector<Finding>& findings) {
    if (const auto problem = check_text(text)) {
        draft.complete = false;
        Reporter(findings, file.path).error(problem->at, problem->error.text, problem->error.hint);
        return;
    }
    read_document(text, file.path, file.role, draft, findings);
}

void read_one(const ConfigurationFile& file, Draft& draft, std::vector<Finding>& findings) {
    const auto content = read_file(AT_FDCWD, file.path, largest_toml, Links::follow);
    if (!content) {
        draft.complete = false;
        Reporter(findings, file.path).error({}, content.error().error.text, content.error().error.hint);
        return;
    }
    read_text(content->bytes, file, draft, findings);
}

void complete(SettingsDraft& draft) {
    if (!draft.written.has("certificate_folders")) {
        draft.tls.certificate_folders = TlsSettings().certificate_folders;
    }
}

// What was not written and does not have a fixed default.
void complete(const SettingsDraft& settings, ConnectorDraft& draft) {
    if (!draft.written.has("senders") && !draft.written.has("senders_file")) {
        draft.connector.senders = {policy::SenderPattern::any()};
    }
    if (!draft.written.has("sender_identity")) {
        draft.connector.sender_identity = settings.policy.sender_identity;
    }
    if (!draft.written.has("routes")) {
        draft.connector.routes = {};
    }
    if (draft.connector.usage == policy::Usage::internal && !draft.written.has("max_message_size")) {
        draft.connector.max_message_size = policy::MessageSize::unlimited();
    }
}

Origin origin_of(const ConnectorDraft& draft) {
    Origin origin{draft.file, draft.at.line, draft.at.column, {}};
    for (const auto& [key, written] : draft.written.all()) {
        origin.keys.emplace(key, written.at);
    }
    return origin;
}

// Findings in the order in which the files are read, and from top to bottom in each.
void sort_by_place(std::vector<Finding>& findings, const std::vector<std::string>& files) {
    std::unordered_map<std::string, std::size_t> rank;
    for (const std::string& file : files) {
        rank.emplace(file, rank.size());
    }
    const auto rank_of = [&](const Finding& finding) {
        const auto found = rank.find(finding.file);
        return found == rank.end() ? rank.size() : found->second;
    };
    std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
        return std::tuple(rank_of(a), a.line, a.column) < std::tuple(rank_of(b), b.line, b.column);
    });
}

// For SenderIndex: nobody can know it beforehand.
std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    return ::getentropy(&seed, sizeof seed) == 0 ? seed : 0;
}

struct Made {
    policy::Policy policy;
    std::uint64_t listed_digest;
};

// The policy, with the senders that files list. Nothing, and findings: these will not do.
std::optional<Made> make_policy(Draft& draft, std::vector<Finding>& findings, const LoadProgress& progress) {
    SenderTables tables(draft, findings, progress);
    policy::SenderList listed = tables.read();
    if (refuses(findings)) {
        return std::nullopt;
    }
    RepeatedSenders repeated(tables);
    std::vector<policy::SendConnector> connectors;
    connectors.reserve(draft.connectors.size());
    for (ConnectorDraft& connector : draft.connectors) {
        connectors.push_back(std::move(connector.connector));
    }
    auto policy = policy::Policy::make(
        std::move(draft.settings.policy), std::move(connectors), std::move(listed), random_seed(),
        [&](const policy::SenderIndex::Repeated& each) { repeated.note(each); });
    if (!policy) { // the rules are stricter; should they ever not be, this is the place to hear of it
        Reporter(findings, draft.settings.file).error({}, policy.error().text, policy.error().hint);
        return std::nullopt;
    }
    repeated.report(*policy, findings);
    if (refuses(findings)) {
        return std::nullopt;
    }
    return Made{std::move(*policy), tables.digest()};
}

std::optional<Made> make_policy_if_it_fits(Draft& draft, std::vector<Finding>& findings,
                                           const LoadProgress& progress) {
    try {
        return make_policy(draft, findings, progress);
    } catch (const std::bad_alloc&) {
        Reporter(findings, draft.settings.file)
            .error({},
                   "there is not enough memory for the senders that senders_file and [sender_tables] list",
                   "make them shorter, or give the process more");
        return std::nullopt;
    }
}

// An error that names no connector may be about a place, or hide one.
bool places_are_known(const std::string& file, const std::vector<Finding>& findings) {
    return std::none_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.severity == Severity::error && finding.connector.empty() && finding.file == file;
    });
}

} // namespace

Loaded load_configuration(const std::filesystem::path& file, std::span<const FileChange> changes,
                          const LoadProgress& progress) {
    Loaded loaded;
    Draft draft;
    draft.settings.file = file.string();
    draft.settings.tls.certificate_folders.clear(); // entries are added one by one
    std::vector<std::string> order;
    for (const ConfigurationFile& each : configuration_files(file, loaded.findings, changes)) {
        order.push_back(each.path);
        const auto changed = std::find_if(changes.begin(), changes.end(), [&](const FileChange& change) {
            return change.content && change.file == each.path;
        });
        if (changed != changes.end()) {
            read_text(*changed->content, each, draft, loaded.findings);
        } else {
            read_one(each, draft, loaded.findings);
        }
    }
    complete(draft.settings);
    for (ConnectorDraft& connector : draft.connectors) {
        complete(draft.settings, connector);
        order.push_back(connector.connector.senders_file);
    }
    const auto& tables = draft.settings.sender_tables;
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(order.size() - draft.connectors.size()),
                 tables.begin(), tables.end());
    check_rules(draft, loaded.findings);
    check_served(draft, loaded.findings);
    if (!draft.misplaced_settings && places_are_known(draft.settings.file, loaded.findings)) {
        loaded.places = Places{draft.settings.daemon, draft.settings.postfix};
    }
    std::optional<Made> made;
    if (!refuses(loaded.findings)) {
        made = make_policy_if_it_fits(draft, loaded.findings, progress);
    }
    sort_by_place(loaded.findings, order);
    if (!made) {
        return loaded;
    }
    Configuration& configuration = loaded.configuration.emplace();
    configuration.file = file;
    configuration.daemon = std::move(draft.settings.daemon);
    configuration.postfix = std::move(draft.settings.postfix);
    configuration.tls = std::move(draft.settings.tls);
    configuration.sender_tables = std::move(draft.settings.sender_tables);
    configuration.listed_digest = made->listed_digest;
    configuration.policy = std::make_shared<const policy::Policy>(std::move(made->policy));
    for (ConnectorDraft& connector : draft.connectors) {
        configuration.origins.push_back(origin_of(connector));
        configuration.without_effect.push_back(std::move(connector.without_effect));
    }
    return loaded;
}

} // namespace sendconnector::conf
