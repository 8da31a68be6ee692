// SPDX-License-Identifier: Apache-2.0
// What the files say so far: values in place, invariants not yet checked.
#pragma once

#include "conf/configuration.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

// One key as it was written.
struct Written {
    Spot at;
    bool valid = true;          // false: refused already, rules that look at its value would only add noise
    std::vector<Spot> elements; // of the list entries that were taken
};

class WrittenKeys {
public:
    Written& add(std::string_view key, Spot at) { return m_keys[std::string(key)] = Written{at, true, {}}; }
    const Written* find(std::string_view key) const {
        const auto found = m_keys.find(key);
        return found == m_keys.end() ? nullptr : &found->second;
    }
    bool has(std::string_view key) const { return find(key) != nullptr; }
    // False when the key was written with a value that was refused.
    bool is_sound(std::string_view key) const {
        const Written* written = find(key);
        return written == nullptr || written->valid;
    }
    const std::map<std::string, Written, std::less<>>& all() const { return m_keys; }

private:
    std::map<std::string, Written, std::less<>> m_keys;
};

struct SettingsDraft {
    std::string file; // sendconnector.toml
    DaemonSettings daemon;
    PostfixSettings postfix;
    TlsSettings tls;
    std::vector<std::string> sender_tables;
    policy::PolicySettings policy;
    WrittenKeys written;
};

struct ConnectorDraft {
    policy::SendConnector connector;
    std::string file;
    Spot at;           // its [[connector]]
    std::string shown; // its name as messages give it; empty when it has none
    WrittenKeys written;
    bool wants_oauth2 = false;
    bool has_source_ipv4 = false;
    bool has_source_ipv6 = false;
    std::map<std::string, std::string, std::less<>> without_effect;

    // The value of the first of these keys that was written, or else the [[connector]] itself.
    Spot place_of(std::initializer_list<std::string_view> keys) const {
        for (const std::string_view key : keys) {
            if (const Written* found = written.find(key)) {
                return found->at;
            }
        }
        return at;
    }
};

struct Draft {
    SettingsDraft settings;
    std::vector<ConnectorDraft> connectors;
    bool complete = true; // false: a file could not be read, so something may be missing
    // A key of [daemon] or [postfix] stands where it does not count: what was meant by it is not in
    // `settings`.
    bool misplaced_settings = false;
};

// Where findings about one connector, or about the settings, are collected.
class Reporter {
public:
    Reporter(std::vector<Finding>& findings, std::string file, std::string connector = {})
        : m_findings(findings), m_file(std::move(file)), m_connector(std::move(connector)) {}
    Reporter(std::vector<Finding>& findings, const ConnectorDraft& draft)
        : Reporter(findings, draft.file, draft.shown) {}

    void error(Spot at, std::string text, std::string hint) { add(Severity::error, at, text, hint); }
    void not_served(Spot at, std::string text, std::string hint) {
        add(Severity::not_served, at, text, hint);
    }
    void warning(Spot at, std::string text, std::string hint) { add(Severity::warning, at, text, hint); }

private:
    void add(Severity severity, Spot at, std::string& text, std::string& hint) {
        m_findings.push_back(
            Finding{severity, m_file, at.line, at.column, m_connector, std::move(text), std::move(hint)});
    }

    std::vector<Finding>& m_findings;
    std::string m_file;
    std::string m_connector;
};

} // namespace sendconnector::conf
