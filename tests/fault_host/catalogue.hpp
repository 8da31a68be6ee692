// SPDX-License-Identifier: Apache-2.0
// Catalogue: every scenario that the fault host plays, each with what must come of it.
#pragma once

#include "tests/fault_host/dialogue.hpp"
#include "tests/fault_host/web.hpp"
#include "tests/pki/identity.hpp"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sendconnector::fault_host {

// What becomes of a message at each TlsAuthLevel:
//   "TLS", "plaintext"   delivered so;  "delivered" one way or the other, as libssl's version has it
//   "queued"             smtp(8) may try and fails
//   "refused REASON"     smtp(8) is not let near it, for a reason that contains REASON ("A or B": one of
//   them)
struct Expected {
    std::string opportunistic;
    std::string encryption_only;
    std::string certificate_validation;
    std::string domain_validation;
};

Expected healthy();
// Of the certificate; of its name only; of TLS, which an opportunistic connector goes without; of everything.
Expected wrong_certificate(const std::string& reason);
Expected wrong_name();
Expected no_tls(const std::string& reason);
Expected no_session(const std::string& reason);
// Sound as far as a probe sees, and broken after that.
Expected broken_later();

struct Scenario {
    std::string kind; // a heading of the table: "certificate: chain", "SMTP: EHLO"
    std::string name; // unique
    Expected expected;
    std::function<Task<>(Session&)> play; // empty: nobody listens
    std::vector<test::Identity> anchors;  // the connector's tls_ca_file
    std::string tls_domain = "mx.smart.example";
    // Further keys of the connectors that look at the certificate.
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
};

class Catalogue {
public:
    explicit Catalogue(Web& web);

    const std::string server_name = "mx.smart.example";
    const test::Identity root;
    const test::Identity intermediate; // from `root`
    const test::Identity good;         // for `server_name`, from `root`
    Web& web;

    Scenario& add(Scenario scenario);
    // A well-behaved smart host that presents `chain`; `root` is trusted.
    Scenario& add_chain(const std::string& kind, const std::string& name, Expected expected,
                        std::vector<test::Identity> chain);
    Scenario& add_tls(const std::string& kind, const std::string& name, Expected expected,
                      TlsSettings settings, Tampering tampering = {});
    // With the good certificate.
    Scenario& add_dialogue(const std::string& kind, const std::string& name, Expected expected,
                           Dialogue dialogue);
    // What follows the client's STARTTLS is up to `after`, which begins with the reply.
    Scenario& add_play(const std::string& kind, const std::string& name, Expected expected,
                       std::function<Task<>(Session&)> play);

    std::shared_ptr<const TlsServer> good_server() const { return m_good_server; }
    // server_spec(server_name), as a start.
    test::CertificateSpec server() const { return test::server_spec(server_name); }

    const std::vector<Scenario>& scenarios() const { return m_scenarios; }

private:
    std::shared_ptr<const TlsServer> m_good_server;
    std::vector<Scenario> m_scenarios;
};

void add_chain_scenarios(Catalogue& catalogue);
void add_content_scenarios(Catalogue& catalogue); // names, constraints, strength
void add_crl_scenarios(Catalogue& catalogue);
void add_ocsp_scenarios(Catalogue& catalogue);
void add_tls_scenarios(Catalogue& catalogue);
void add_smtp_scenarios(Catalogue& catalogue);
void add_healthy_scenarios(Catalogue& catalogue);
void add_crowd(Catalogue& catalogue, std::size_t count);

} // namespace sendconnector::fault_host
