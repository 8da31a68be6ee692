// SPDX-License-Identifier: Apache-2.0
#include "conf/nearest.hpp"
#include "conf/plain_text.hpp"
#include "conf/rules.hpp"
#include "conf/slug.hpp"
#include "conf/time_span.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace sendconnector::conf {

namespace {

using ByName = std::unordered_map<std::string, const ConnectorDraft*>;

std::string place_in_words(const ConnectorDraft& draft) {
    const Spot at = draft.place_of({"name"});
    return fmt::format("{}:{}:{}", draft.file, at.line, at.column);
}

bool is_named(const ConnectorDraft& draft) {
    return draft.written.has("name") && draft.written.is_sound("name");
}

ByName check_unique(const Draft& draft, std::vector<Finding>& findings) {
    ByName by_name;
    ByName by_slug;
    for (const ConnectorDraft& connector : draft.connectors) {
        if (!is_named(connector)) {
            continue;
        }
        Reporter report(findings, connector);
        const Spot at = connector.place_of({"name"});
        const std::string& name = connector.connector.name;
        const auto [same, is_new] = by_name.try_emplace(policy::fold_case(name), &connector);
        if (!is_new) {
            report.error(at,
                         fmt::format("name: {} is already taken at {}", in_quotes(name),
                                     place_in_words(*same->second)),
                         "give one of the two another name (upper and lower case are the same)");
            continue;
        }
        const auto [sharing, is_free] = by_slug.try_emplace(slug(name), &connector);
        if (!is_free) {
            report.error(at,
                         fmt::format("name: the service name {} is already taken by connector {} at {}",
                                     service_name(name), in_quotes(sharing->second->connector.name),
                                     place_in_words(*sharing->second)),
                         "give one of the two another name");
        }
    }
    return by_name;
}

void check_default_connector(const Draft& draft, const ByName& by_name, std::vector<Finding>& findings) {
    const SettingsDraft& settings = draft.settings;
    const Written* named = settings.written.find("default_connector");
    const Written* unmatched = settings.written.find("unmatched_senders");
    const bool wanted = settings.policy.unmatched_senders == policy::UnmatchedSenders::use_default;
    Reporter report(findings, settings.file);
    if (wanted && named == nullptr) {
        report.error(unmatched->at, "unmatched_senders = \"default\" needs default_connector",
                     "add default_connector with the name of an enabled connector");
    }
    if (named == nullptr || !named->valid) {
        return;
    }
    if (!wanted && settings.written.is_sound("unmatched_senders")) {
        report.error(named->at, "default_connector needs unmatched_senders = \"default\"",
                     "set unmatched_senders = \"default\", or remove default_connector");
    }
    const std::string& name = settings.policy.default_connector;
    const auto found = by_name.find(policy::fold_case(name));
    if (found != by_name.end()) {
        if (!found->second->connector.enabled) {
            report.error(named->at,
                         fmt::format("default_connector: connector {} is disabled at {}", in_quotes(name),
                                     place_in_words(*found->second)),
                         "set enabled = true there, or name another connector");
        }
        return;
    }
    if (!draft.complete) {
        return; // it may stand in a file that could not be read
    }
    std::vector<std::string_view> names;
    for (const ConnectorDraft& connector : draft.connectors) {
        names.push_back(connector.connector.name);
    }
    const std::string_view meant = nearest(name, names);
    report.error(named->at, fmt::format("default_connector: there is no connector {}", in_quotes(name)),
                 meant.empty() ? std::string("write the name of an enabled connector")
                               : fmt::format("did you mean {}?", in_quotes(meant)));
}

void check_sockets(const SettingsDraft& settings, std::vector<Finding>& findings) {
    struct Socket {
        std::string_view key;
        const std::string& path;
    };
    const Socket sockets[] = {{"milter_socket", settings.daemon.milter_socket},
                              {"lookup_socket", settings.daemon.lookup_socket},
                              {"control_socket", settings.daemon.control_socket}};
    for (std::size_t i = 0; i < std::size(sockets); ++i) {
        for (std::size_t j = i + 1; j < std::size(sockets); ++j) {
            const auto normal = [](const Socket& socket) {
                return std::filesystem::path(socket.path).lexically_normal();
            };
            if (normal(sockets[i]) != normal(sockets[j])) {
                continue;
            }
            const Written* at = settings.written.find(sockets[j].key);
            at = at != nullptr ? at : settings.written.find(sockets[i].key);
            Reporter(findings, settings.file)
                .error(at->at, fmt::format("{} and {} are the same path", sockets[j].key, sockets[i].key),
                       "give each socket a path of its own");
        }
    }
}

// Whether some sender can have a connector for other recipients and none for this one.
bool can_be_unmatched(const Draft& draft) {
    if (draft.settings.policy.unmatched_senders == policy::UnmatchedSenders::use_default) {
        return true;
    }
    const auto names_senders = [](const ConnectorDraft& connector) {
        const auto& senders = connector.connector.senders;
        return connector.connector.enabled &&
               (senders.empty() || !connector.connector.senders_file.empty() ||
                std::any_of(senders.begin(), senders.end(), [](const auto& sender) {
                    return sender.kind() != policy::SenderPattern::Kind::any;
                }));
    };
    return std::any_of(draft.connectors.begin(), draft.connectors.end(), names_senders);
}

void check_unmatched_recipients(const Draft& draft, std::vector<Finding>& findings) {
    const SettingsDraft& settings = draft.settings;
    const Written* written = settings.written.find("unmatched_recipients");
    if (written == nullptr || !written->valid || !draft.complete ||
        settings.policy.unmatched_recipients == policy::UnmatchedRecipients::postfix ||
        can_be_unmatched(draft)) {
        return;
    }
    Reporter(findings, settings.file)
        .warning(written->at, "unmatched_recipients has no effect: no enabled connector names a sender",
                 "name senders in a connector, or set unmatched_senders for all of them");
}

// A verdict that is not renewed before it ends makes Postfix wait for a probe each time.
void check_lifetimes(const SettingsDraft& settings, std::vector<Finding>& findings) {
    if (settings.tls.refresh_after < settings.tls.verdict_lifetime ||
        !settings.written.is_sound("refresh_after") || !settings.written.is_sound("verdict_lifetime")) {
        return;
    }
    const Written* at = settings.written.find("refresh_after");
    at = at != nullptr ? at : settings.written.find("verdict_lifetime");
    Reporter(findings, settings.file)
        .warning(at->at,
                 fmt::format("refresh_after ({}) is not shorter than verdict_lifetime ({}), so every verdict "
                             "ends before it is renewed",
                             time_span_text(settings.tls.refresh_after),
                             time_span_text(settings.tls.verdict_lifetime)),
                 "shorten refresh_after");
}

} // namespace

void check_names(const Draft& draft, std::vector<Finding>& findings) {
    check_default_connector(draft, check_unique(draft, findings), findings);
    check_unmatched_recipients(draft, findings);
}

void check_settings(const SettingsDraft& settings, std::vector<Finding>& findings) {
    check_sockets(settings, findings);
    check_lifetimes(settings, findings);
}

} // namespace sendconnector::conf
