// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

namespace sendconnector::fault_host {

Expected healthy() {
    return {"TLS", "TLS", "TLS", "TLS"};
}

Expected wrong_certificate(const std::string& reason) {
    return {"TLS", "TLS", "refused " + reason, "refused " + reason};
}

Expected wrong_name() {
    return {"TLS", "TLS", "TLS", "refused SubjectMismatch"};
}

Expected no_tls(const std::string& reason) {
    return {"plaintext", "queued", "refused " + reason, "refused " + reason};
}

Expected no_session(const std::string& reason) {
    return {"queued", "queued", "refused " + reason, "refused " + reason};
}

Expected broken_later() {
    return {"queued", "queued", "queued", "queued"};
}

Catalogue::Catalogue(Web& served)
    : root(test::self_signed(test::ca_spec("CN=Fault Root, O=Throw-Away"))),
      intermediate(test::issue(test::ca_spec("CN=Fault Intermediate, O=Throw-Away"), root)),
      good(test::issue(server(), root)), web(served) {
    TlsSettings settings;
    settings.chain = {good};
    m_good_server = std::make_shared<const TlsServer>(std::move(settings));
}

Scenario& Catalogue::add(Scenario scenario) {
    const auto same = [&](const Scenario& other) { return other.name == scenario.name; };
    if (std::any_of(m_scenarios.begin(), m_scenarios.end(), same)) {
        throw std::logic_error("two scenarios are named " + scenario.name);
    }
    if (scenario.anchors.empty()) {
        scenario.anchors = {root};
    }
    return m_scenarios.emplace_back(std::move(scenario));
}

Scenario& Catalogue::add_play(const std::string& kind, const std::string& name, Expected expected,
                              std::function<Task<>(Session&)> play) {
    Scenario scenario;
    scenario.kind = kind;
    scenario.name = name;
    scenario.expected = std::move(expected);
    scenario.play = std::move(play);
    return add(std::move(scenario));
}

Scenario& Catalogue::add_dialogue(const std::string& kind, const std::string& name, Expected expected,
                                  Dialogue dialogue) {
    if (!dialogue.tls) {
        dialogue.tls = m_good_server;
    }
    const auto kept = std::make_shared<const Dialogue>(std::move(dialogue));
    return add_play(kind, name, std::move(expected),
                    [kept](Session& session) { return speak(session, *kept); });
}

Scenario& Catalogue::add_tls(const std::string& kind, const std::string& name, Expected expected,
                             TlsSettings settings, Tampering tampering) {
    Dialogue dialogue;
    dialogue.tls = std::make_shared<const TlsServer>(std::move(settings));
    dialogue.tampering = std::move(tampering);
    return add_dialogue(kind, name, std::move(expected), std::move(dialogue));
}

Scenario& Catalogue::add_chain(const std::string& kind, const std::string& name, Expected expected,
                               std::vector<test::Identity> chain) {
    TlsSettings settings;
    settings.chain = std::move(chain);
    return add_tls(kind, name, std::move(expected), std::move(settings));
}

} // namespace sendconnector::fault_host
